using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Sources;

public sealed class WireBatchTests
{
    [Fact]
    public void Packets_come_out_as_they_went_in_until_there_is_no_room()
    {
        using var batch = new WireBatch("wire eth0");
        var random = new Random(20261121);
        var lengths = new List<int>();
        while (random.Next(1, 9_000) is var length && batch.TryAdd(new ReceivedPacket(Packet(lengths.Count, length), lengths.Count % 2 == 1, lengths.Count % 3 == 1, lengths.Count)))
        {
            lengths.Add(length);
        }

        var at = 0;
        for (var i = 0; i < lengths.Count; i++)
        {
            var packet = batch.Next(ref at);
            Assert.Equal(Packet(i, lengths[i]), packet.Bytes);
            Assert.Equal((i % 2 == 1, i % 3 == 1, i), (packet.IsOutgoing, packet.IsVouched, packet.TimeTicks));
        }

        var end = at;
        Assert.True(batch.Next(ref at).Bytes.IsEmpty);
        Assert.Equal(end, at);
        Assert.InRange(lengths.Count, 5, 100);
    }

    [Fact]
    public void The_longest_packet_fits()
    {
        using var batch = new WireBatch("wire eth0");

        Assert.True(batch.TryAdd(new ReceivedPacket(new byte[65_536], isOutgoing: false, isVouched: false, 1)));
        Assert.False(batch.TryAdd(new ReceivedPacket(new byte[65_536], isOutgoing: false, isVouched: false, 1)));
    }

    private static byte[] Packet(int number, int length) => [.. Enumerable.Range(number, length).Select(value => (byte)value)];
}
