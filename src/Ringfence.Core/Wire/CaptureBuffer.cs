using Ringfence.Core.Parsing;

namespace Ringfence.Core.Wire;

/// <summary>The bytes of a capture between a file and the tap: what is not whole yet is kept for the next piece.</summary>
internal sealed class CaptureBuffer(WireTap tap)
{
    private readonly byte[] _bytes = new byte[2 * CaptureFile.LongestBlock];
    private int _length;

    public CaptureFile File { get; } = new();

    public WireTap Tap => tap;

    /// <summary>Time of the last packet; UTC ticks; 0 before the first.</summary>
    public long LastTicks { get; private set; }

    /// <summary>Where the next bytes may be written; never empty.</summary>
    public Span<byte> Free => _bytes.AsSpan(_length);

    /// <summary>Takes what was written to <see cref="Free"/>.</summary>
    public void Parse<TSink>(int written, bool endOfFile, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        ReadOnlySpan<byte> rest = _bytes.AsSpan(0, _length + written);
        while (File.Next(ref rest) is { IsPacket: true } packet)
        {
            LastTicks = packet.TimeTicks;
            tap.See(packet.Frame, packet.Link, packet.Direction, ChecksumState.Captured, packet.TimeTicks, ref sink);
        }

        if (File.Problem is not null)
        {
            rest = default;
        }

        rest.CopyTo(_bytes);
        _length = rest.Length;
        if (endOfFile)
        {
            File.End(_length);
        }
    }
}
