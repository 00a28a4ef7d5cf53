using Ringfence.Core.Wire;

namespace Ringfence.Core.Knock;

/// <summary>The program by which the kernel picks what may be a knock: UDP to one port, of just the length that knocks have. Whatever else is sent there never reaches the process.</summary>
/// <remarks>For a packet socket of the kind SOCK_DGRAM, as <see cref="KernelFilter"/>. It sees packets before any rule drops them: the port is closed, nothing answers there, and
/// somebody who is banned can still knock. No fragments, no IPv6 with extension headers: no client sends a datagram of 100 bytes so.</remarks>
internal static class KnockFilter
{
    private const uint Udp = 17;

    // PACKET_HOST: to this machine, and not out of it.
    private const uint ToUs = 0;

    private const uint Wanted = KnockPacket.Length + 8;

    public static IReadOnlyList<FilterInstruction> Build(ushort port) => new FilterAssembly()
        .Do(FilterCode.LoadWord, FilterCode.PacketType).If(FilterCode.JumpIfEqual, ToUs, null, "no")
        .Do(FilterCode.SetX, 0).Do(FilterCode.LoadWord, FilterCode.Protocol).IfOneOf([0x0800], "v4").IfOneOf([0x86dd], "v6").GoTo("no")
        .At("v4").Do(FilterCode.LoadByteAtX, 9).If(FilterCode.JumpIfEqual, Udp, null, "no")
        .Do(FilterCode.LoadHalfAtX, 6).If(FilterCode.JumpIfAny, 0x3fff, "no")
        .Do(FilterCode.LoadByteAtX).Do(FilterCode.And, 0xf).Do(FilterCode.ShiftLeft, 2).Do(FilterCode.ToX).GoTo("udp")
        .At("v6").Do(FilterCode.LoadByteAtX, 6).If(FilterCode.JumpIfEqual, Udp, null, "no").Do(FilterCode.SetX, 40)
        .At("udp").Do(FilterCode.LoadHalfAtX, 2).If(FilterCode.JumpIfEqual, port, null, "no")
        .Do(FilterCode.LoadHalfAtX, 4).If(FilterCode.JumpIfEqual, Wanted, null, "no").Do(FilterCode.Return, 40 + 60 + Wanted)
        .At("no").Do(FilterCode.Return, 0)
        .ToInstructions();

    /// <summary>What a packet that the filter let through holds.</summary>
    /// <param name="packet">From its IP header on.</param>
    /// <returns>The source; the payload is the last <see cref="KnockPacket.Length"/> bytes from where <see cref="PayloadIn"/> says. null: it is cut.</returns>
    public static Events.Address? SourceIn(ReadOnlySpan<byte> packet) => packet.Length < 20 ? null
        : packet[0] >> 4 == 4 ? Events.Address.FromBytes(packet.Slice(12, 4))
        : packet.Length >= 40 ? Events.Address.FromBytes(packet.Slice(8, 16)) : null;

    public static ReadOnlySpan<byte> PayloadIn(ReadOnlySpan<byte> packet)
    {
        var at = (packet[0] >> 4 == 4 ? (packet[0] & 0xf) * 4 : 40) + 8;
        return packet.Length >= at + KnockPacket.Length ? packet.Slice(at, KnockPacket.Length) : default;
    }
}
