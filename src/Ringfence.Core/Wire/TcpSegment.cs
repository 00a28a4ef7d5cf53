using System.Buffers.Binary;

namespace Ringfence.Core.Wire;

/// <summary>What a TCP segment says, as far as a stream has to be put together (RFC 9293 section 3.1).</summary>
internal readonly ref struct TcpSegment
{
    private const int HeadBytes = 20;

    public uint Sequence { get; private init; }

    /// <summary>Up to where the sender has what the other side sent; meaningless without <see cref="HasAcknowledgment"/>.</summary>
    public uint Acknowledgment { get; private init; }

    public bool HasAcknowledgment { get; private init; }

    public bool IsFirst { get; private init; }

    public bool IsLast { get; private init; }

    public bool IsReset { get; private init; }

    public ReadOnlySpan<byte> Payload { get; private init; }

    public bool IsValid { get; private init; }

    public static TcpSegment Parse(ReadOnlySpan<byte> segment)
    {
        var head = segment.Length < HeadBytes ? 0 : (segment[12] >> 4) * 4;
        if (head < HeadBytes || head > segment.Length)
        {
            return default;
        }

        var flags = segment[13];
        return new TcpSegment
        {
            Sequence = BinaryPrimitives.ReadUInt32BigEndian(segment[4..]),
            Acknowledgment = BinaryPrimitives.ReadUInt32BigEndian(segment[8..]),
            HasAcknowledgment = (flags & 0x10) != 0,
            IsFirst = (flags & 0x02) != 0,
            IsLast = (flags & 0x01) != 0,
            IsReset = (flags & 0x04) != 0,
            Payload = segment[head..],
            IsValid = true,
        };
    }
}
