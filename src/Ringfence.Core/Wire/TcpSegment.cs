using System.Buffers.Binary;

namespace Ringfence.Core.Wire;

/// <summary>What a TCP segment says, as far as a stream has to be put together (RFC 9293 section 3.1, RFC 7323).</summary>
internal readonly ref struct TcpSegment
{
    private const int HeadBytes = 20;
    private const int WindowScaleOption = 3;
    private const int TimestampsOption = 8;

    public uint Sequence { get; private init; }

    /// <summary>Up to where the sender has what the other side sent; meaningless without <see cref="HasAcknowledgment"/>.</summary>
    public uint Acknowledgment { get; private init; }

    public bool HasAcknowledgment { get; private init; }

    public bool IsFirst { get; private init; }

    public bool IsLast { get; private init; }

    public bool IsReset { get; private init; }

    /// <summary>How many bytes the sender takes from <see cref="Acknowledgment"/> on; not scaled.</summary>
    public ushort Window { get; private init; }

    /// <summary>Where the urgent byte is, as the sender wrote it; null: there is none.</summary>
    public ushort? Urgent { get; private init; }

    /// <summary>By which power of two the sender's later windows are to be multiplied; null: a segment that does not begin a connection, or none.</summary>
    public byte? WindowScale { get; private init; }

    /// <summary>The sender's clock, and the newest that he saw of the other side's; null: no such option.</summary>
    public (uint Value, uint Echo)? Timestamps { get; private init; }

    public ReadOnlySpan<byte> Payload { get; private init; }

    public bool IsValid { get; private init; }

    /// <summary>The number of the byte behind all of it: a beginning and an end have a number each.</summary>
    public uint End => Sequence + (uint)Payload.Length + (IsFirst ? 1u : 0) + (IsLast ? 1u : 0);

    public static TcpSegment Parse(ReadOnlySpan<byte> segment)
    {
        var head = segment.Length < HeadBytes ? 0 : (segment[12] >> 4) * 4;
        if (head < HeadBytes || head > segment.Length)
        {
            return default;
        }

        var flags = segment[13];
        var isFirst = (flags & 0x02) != 0;
        var (scale, timestamps) = Options(segment[HeadBytes..head], isFirst);
        return new TcpSegment
        {
            Sequence = BinaryPrimitives.ReadUInt32BigEndian(segment[4..]),
            Acknowledgment = BinaryPrimitives.ReadUInt32BigEndian(segment[8..]),
            HasAcknowledgment = (flags & 0x10) != 0,
            IsFirst = isFirst,
            IsLast = (flags & 0x01) != 0,
            IsReset = (flags & 0x04) != 0,
            Window = BinaryPrimitives.ReadUInt16BigEndian(segment[14..]),
            Urgent = (flags & 0x20) != 0 ? BinaryPrimitives.ReadUInt16BigEndian(segment[18..]) : null,
            WindowScale = scale,
            Timestamps = timestamps,
            Payload = segment[head..],
            IsValid = true,
        };
    }

    // As Linux reads them (tcp_parse_options): of two the later counts, and what is cut ends the list.
    private static (byte? Scale, (uint Value, uint Echo)? Timestamps) Options(ReadOnlySpan<byte> options, bool isFirst)
    {
        byte? scale = null;
        (uint, uint)? timestamps = null;
        while (options is [not 0, ..])
        {
            if (options[0] == 1)
            {
                options = options[1..];
                continue;
            }

            if (options.Length < 2 || options[1] < 2 || options[1] > options.Length)
            {
                break;
            }

            var option = options[..options[1]];
            options = options[option.Length..];
            switch (option[0])
            {
                case WindowScaleOption when isFirst && option.Length == 3:
                    // RFC 7323 section 2.3.
                    scale = Math.Min(option[2], (byte)14);
                    break;
                case TimestampsOption when option.Length == 10:
                    timestamps = (BinaryPrimitives.ReadUInt32BigEndian(option[2..]), BinaryPrimitives.ReadUInt32BigEndian(option[6..]));
                    break;
            }
        }

        return (scale, timestamps);
    }
}
