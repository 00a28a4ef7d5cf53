using Ringfence.Core.Wire;
using Xunit;

namespace Ringfence.Tests.Wire;

/// <summary>Fragments of packets that never become whole.</summary>
[Collection(nameof(Alone))]
public sealed class FragmentFloodTests
{
    [Fact]
    public void A_flood_of_first_fragments_fills_a_bounded_memory()
    {
        var rig = new WireRig();
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var id = 0; id < 60_000; id++)
        {
            rig.See(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, new byte[64], fragment: 0x2000, id: (ushort)id));
        }

        Assert.InRange(rig.Tap.Lost, 59_000, 60_000);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 12_000_000);
        GC.KeepAlive(rig);
    }
}
