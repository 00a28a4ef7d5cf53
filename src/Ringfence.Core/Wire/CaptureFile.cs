using System.Buffers.Binary;

namespace Ringfence.Core.Wire;

/// <summary>Reads a capture, pcap or pcapng, packet by packet out of pieces of any size.</summary>
/// <remarks>
/// Sources: draft-ietf-opsawg-pcap (both byte orders, microseconds and nanoseconds) and draft-ietf-opsawg-pcapng (sections, interfaces, enhanced
/// and simple packets; other blocks are passed over). What can't be read ends it with <see cref="Problem"/>; what stood before was read.
/// </remarks>
internal sealed class CaptureFile
{
    /// <summary>The longest block that is read as a packet: the largest snapshot length that tcpdump and dumpcap take (262,144) and its options.</summary>
    public const int LongestBlock = 512 * 1024;

    private const uint Section = 0x0a0d0d0a;
    private const uint Micro = 0xa1b2c3d4;
    private const uint Nano = 0xa1b23c4d;
    private const uint OrderMagic = 0x1a2b3c4d;
    private const int MostInterfaces = 4_096;
    private const int FileHeadBytes = 24;
    private const int RecordHeadBytes = 16;
    private const int BlockHeadBytes = 8;

    private readonly List<CaptureInterface> _interfaces = [];
    private Format _format;
    private bool _isBigEndian;
    private long _toSkip;
    private long _lastTicks = DateTime.UnixEpoch.Ticks;

    /// <summary>Packets so far, those of unknown links too.</summary>
    public long Packets { get; private set; }

    /// <summary>Packets whose link is not read here.</summary>
    public long Foreign { get; private set; }

    /// <summary>Why the rest can't be read, for people; null: nothing is wrong so far.</summary>
    public string? Problem { get; private set; }

    /// <returns>Whether a file that begins with these bytes is a capture; at least four are needed.</returns>
    public static bool IsCapture(ReadOnlySpan<byte> beginning) =>
        beginning.Length >= 4 && (BinaryPrimitives.ReadUInt32BigEndian(beginning) is Section or Micro or Nano || BinaryPrimitives.ReadUInt32LittleEndian(beginning) is Micro or Nano);

    /// <summary>Takes the next packet.</summary>
    /// <param name="rest">What was not taken yet; what is not whole stays in it.</param>
    /// <returns>Not <see cref="CapturedPacket.IsPacket"/>: more bytes are needed, or there is a <see cref="Problem"/>.</returns>
    public CapturedPacket Next(scoped ref ReadOnlySpan<byte> rest)
    {
        while (Problem is null)
        {
            if (_toSkip > 0)
            {
                var skipped = (int)Math.Min(_toSkip, rest.Length);
                _toSkip -= skipped;
                rest = rest[skipped..];
                if (_toSkip > 0)
                {
                    return default;
                }
            }

            var before = rest.Length;
            var packet = _format switch
            {
                Format.Pcap => Record(ref rest),
                Format.PcapNg => Block(ref rest),
                _ => Begin(ref rest),
            };
            if (packet.IsPacket || (rest.Length == before && _toSkip == 0))
            {
                return packet;
            }
        }

        return default;
    }

    /// <summary>Nothing follows.</summary>
    /// <param name="left">Bytes that were not taken.</param>
    public void End(int left)
    {
        if (left > 0 || _toSkip > 0)
        {
            Problem ??= $"cut in the middle of what follows packet {Packets}";
        }
    }

    private CapturedPacket Begin(scoped ref ReadOnlySpan<byte> rest)
    {
        if (rest.Length < FileHeadBytes)
        {
            return default;
        }

        if (BinaryPrimitives.ReadUInt32BigEndian(rest) == Section)
        {
            _format = Format.PcapNg;
            return Block(ref rest);
        }

        _isBigEndian = BinaryPrimitives.ReadUInt32BigEndian(rest) is Micro or Nano;
        _format = Format.Pcap;

        // The upper bits of the link's number tell of a frame check sequence.
        _interfaces.Add(new CaptureInterface(Link(UInt32(rest[20..]) & 0xffff), UInt32(rest) == Nano ? (byte)9 : (byte)6, 0, 0));
        rest = rest[FileHeadBytes..];
        return default;
    }

    private CapturedPacket Record(scoped ref ReadOnlySpan<byte> rest)
    {
        if (rest.Length < RecordHeadBytes)
        {
            return default;
        }

        var length = UInt32(rest[8..]);
        if (length > LongestBlock)
        {
            Problem = $"damaged behind packet {Packets}: the next one would have {length} bytes";
            return default;
        }

        if (rest.Length < RecordHeadBytes + (int)length)
        {
            return default;
        }

        var link = _interfaces[0];
        var fraction = UInt32(rest[4..]);
        var ticks = Clamped(UInt32(rest), link.Resolution == 9 ? fraction / 100 : fraction * 10L);
        var frame = rest.Slice(RecordHeadBytes, (int)length);
        rest = rest[(RecordHeadBytes + (int)length)..];
        return Packet(frame, link.Link, FrameDirection.Unknown, ticks);
    }

    private CapturedPacket Block(scoped ref ReadOnlySpan<byte> rest)
    {
        if (rest.Length < BlockHeadBytes + 4)
        {
            return default;
        }

        if (BinaryPrimitives.ReadUInt32BigEndian(rest) == Section)
        {
            // Each section has a byte order and interfaces of its own.
            _isBigEndian = BinaryPrimitives.ReadUInt32BigEndian(rest[8..]) == OrderMagic;
            _interfaces.Clear();
            if (!_isBigEndian && BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]) != OrderMagic)
            {
                Problem = $"damaged behind packet {Packets}: a section without a byte order";
                return default;
            }
        }

        var type = UInt32(rest);
        var length = UInt32(rest[4..]);
        if (length < BlockHeadBytes + 4 || length % 4 != 0)
        {
            Problem = $"damaged behind packet {Packets}: a block of {length} bytes";
            return default;
        }

        if (length > LongestBlock)
        {
            _toSkip = length;
            return default;
        }

        if (rest.Length < (int)length)
        {
            return default;
        }

        var body = rest[BlockHeadBytes..((int)length - 4)];
        rest = rest[(int)length..];
        return type switch
        {
            1 when body.Length >= 8 => Interface(body),
            2 when body.Length >= 20 => Packet(body, UInt16(body)),
            3 when body.Length >= 4 => SimplePacket(body),
            6 when body.Length >= 20 => Packet(body, UInt32(body)),
            _ => default,
        };
    }

    private CapturedPacket Interface(ReadOnlySpan<byte> body)
    {
        if (_interfaces.Count == MostInterfaces)
        {
            Problem = $"damaged behind packet {Packets}: more than {MostInterfaces} interfaces";
            return default;
        }

        byte resolution = 6;
        long offset = 0;
        for (var options = body[8..]; options.Length >= 4 && UInt16(options) != 0;)
        {
            int length = UInt16(options[2..]);
            if (length > options.Length - 4)
            {
                break;
            }

            var value = options.Slice(4, length);
            switch (UInt16(options))
            {
                case 9 when length == 1:
                    resolution = value[0];
                    break;
                case 14 when length == 8:
                    offset = _isBigEndian ? BinaryPrimitives.ReadInt64BigEndian(value) : BinaryPrimitives.ReadInt64LittleEndian(value);
                    break;
            }

            options = options[Math.Min(options.Length, 4 + ((length + 3) & ~3))..];
        }

        _interfaces.Add(new CaptureInterface(Link(UInt16(body)), resolution, offset, UInt32(body[4..])));
        return default;
    }

    private CapturedPacket Packet(ReadOnlySpan<byte> body, uint number)
    {
        var length = UInt32(body[12..]);
        if (number >= _interfaces.Count || length > body.Length - 20)
        {
            Problem = $"damaged behind packet {Packets}: the next one names {(number >= _interfaces.Count ? "an interface that is not there" : $"{length} bytes that are not there")}";
            return default;
        }

        var link = _interfaces[(int)number];
        var (seconds, ticks) = link.Time(((ulong)UInt32(body[4..]) << 32) | UInt32(body[8..]));
        var padded = 20 + (((int)length + 3) & ~3);
        return Packet(body.Slice(20, (int)length), link.Link, padded < body.Length ? Direction(body[padded..]) : FrameDirection.Unknown, Clamped(seconds, ticks));
    }

    private CapturedPacket SimplePacket(ReadOnlySpan<byte> body)
    {
        if (_interfaces.Count == 0)
        {
            Problem = $"damaged behind packet {Packets}: the next one is of an interface that is not there";
            return default;
        }

        var link = _interfaces[0];
        var length = Math.Min(UInt32(body), link.LongestPacket == 0 ? uint.MaxValue : link.LongestPacket);

        // It says no time: it came after the one before.
        return Packet(body.Slice(4, (int)Math.Min(length, (uint)body.Length - 4)), link.Link, FrameDirection.Unknown, _lastTicks);
    }

    private FrameDirection Direction(ReadOnlySpan<byte> options)
    {
        while (options.Length >= 8 && UInt16(options) is not 0 and var code)
        {
            int length = UInt16(options[2..]);
            if (code == 2 && length == 4)
            {
                return (UInt32(options[4..]) & 3) switch { 1 => FrameDirection.In, 2 => FrameDirection.Out, _ => FrameDirection.Unknown };
            }

            options = options[Math.Min(options.Length, 4 + ((length + 3) & ~3))..];
        }

        return FrameDirection.Unknown;
    }

    private CapturedPacket Packet(ReadOnlySpan<byte> frame, LinkType? link, FrameDirection direction, long ticks)
    {
        Packets++;
        Foreign += link is null ? 1 : 0;
        _lastTicks = ticks;
        return new CapturedPacket { IsPacket = true, Frame = link is null ? default : frame, Link = link ?? LinkType.RawIp, Direction = direction, TimeTicks = ticks };
    }

    // No clock of a capture is beyond the year 2106, where pcap's own seconds end.
    private static long Clamped(long seconds, long ticks) =>
        DateTime.UnixEpoch.Ticks + (Math.Clamp(seconds, 0, uint.MaxValue) * TimeSpan.TicksPerSecond) + Math.Clamp(ticks, 0, TimeSpan.TicksPerSecond - 1);

    // By tcpdump.org/linktypes.html; the ones that begin with IP have several numbers.
    private static LinkType? Link(uint number) => number switch
    {
        0 or 108 => LinkType.Null,
        1 => LinkType.Ethernet,
        12 or 14 or 101 or 228 or 229 => LinkType.RawIp,
        113 => LinkType.LinuxSll,
        276 => LinkType.LinuxSll2,
        _ => null,
    };

    private uint UInt32(ReadOnlySpan<byte> bytes) => _isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private ushort UInt16(ReadOnlySpan<byte> bytes) => _isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private enum Format
    {
        Unknown,
        Pcap,
        PcapNg,
    }
}
