using Ringfence.Core.Wire;

namespace Ringfence.Tests.Wire;

/// <summary>A connection to the manager interface, as the wire shows it.</summary>
internal static class Visits
{
    private static readonly uint First = 0xffff_fff0;

    /// <param name="says">What the visitor sends; empty: nothing.</param>
    public static IEnumerable<byte[]> Frames(string from, string to, ushort port, string says)
    {
        yield return Sent(0, [], 2, null);
        yield return Told(First - 1, [], 2, 1);
        yield return Sent(1, [], 0, First);
        yield return Told(First, Wire.Frames.Bytes("Asterisk Call Manager/11.0.0\r\n"), 0, 1);
        yield return Sent(1, Wire.Frames.Bytes(says), 0, First + 30);
        yield return Told(First + 30, [], 1, (uint)(1 + says.Length));
        yield return Sent((uint)(1 + says.Length), [], 1, First + 31);

        byte[] Sent(uint sequence, byte[] payload, byte flags, uint? acknowledgment) => Wire.Frames.IPv4(from, to, IpPacket.Tcp, Wire.Frames.Tcp(port, 5038, sequence, payload, acknowledgment, flags));
        byte[] Told(uint sequence, byte[] payload, byte flags, uint? acknowledgment) => Wire.Frames.IPv4(to, from, IpPacket.Tcp, Wire.Frames.Tcp(5038, port, sequence, payload, acknowledgment, flags));
    }
}
