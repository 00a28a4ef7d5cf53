using System.Buffers;

namespace Ringfence.Sources;

/// <summary>Bytes of a log as they were read: any range, often the middle of a line. Dispose of it when parsed: its buffer is used again.</summary>
/// <remarks>
/// The bytes of one <see cref="File"/> come in order and without gaps. For about a second after a rotation batches of the old and the new file may alternate
/// (<see cref="IsLate"/>), so half a line belongs to the <see cref="File"/>, not to the log.
/// </remarks>
internal sealed class RawBatch : SourceBatch
{
    private byte[]? _pooled;
    private readonly int _length;

    /// <param name="pooled">From <see cref="ArrayPool{T}.Shared"/>, returned by <see cref="Dispose"/>; null: no bytes.</param>
    public RawBatch(string log, LogIdentity file, long offset, byte[]? pooled, int length)
    {
        Log = log;
        File = file;
        Offset = offset;
        _pooled = pooled;
        _length = length;
    }

    /// <summary>The log's path, as configured.</summary>
    public string Log { get; }

    public LogIdentity File { get; }

    /// <summary>Where in the (decompressed) file the first byte stood.</summary>
    public long Offset { get; }

    /// <summary>Empty when the batch only says <see cref="EndOfFile"/>.</summary>
    public ReadOnlySpan<byte> Bytes => _pooled.AsSpan(0, _pooled is null ? 0 : _length);

    /// <summary>The first batch of this <see cref="File"/>; its offset is 0 unless reading was resumed or began at the end.</summary>
    public bool StartsFile { get; init; }

    /// <summary>With <see cref="StartsFile"/>: the whole lines before the place where reading begins, as far back as a parser remembers.</summary>
    public ReadOnlyMemory<byte> Before { get; init; }

    /// <summary>So many bytes at the end of <see cref="Before"/> were read by an earlier run of the guard, whose counts are lost.</summary>
    public int RecollectedBefore { get; init; }

    /// <summary>The first byte is not the first of a line: skip to behind the next line end, for what stands before it may be an attacker's text.</summary>
    public bool StartsMidLine { get; init; }

    /// <summary>Nothing more will come of this <see cref="File"/>: it was rotated away, or truncated.</summary>
    public bool EndOfFile { get; init; }

    /// <summary>Written to a file that was rotated away, after its successor was begun. Parse it, but keep the successor's position.</summary>
    public bool IsLate { get; init; }

    /// <summary>Its bytes were written since the tail last stood at the end of the file: what they tell is of now.</summary>
    public bool IsFresh { get; init; }

    /// <summary>Bytes of this file that were there and can't be read any more (truncated).</summary>
    public long Lost { get; init; }

    /// <summary>The position to keep when the batch is consumed, where its source has another than a place in a file; null: it has not.</summary>
    public ReadPosition? Kept { get; init; }

    /// <summary>The position to keep when everything before <paramref name="offset"/> of <see cref="File"/> is consumed.</summary>
    /// <param name="line">Lines consumed, <see cref="LogIdentity.LinesBefore"/> included.</param>
    public ReadPosition PositionAt(long offset, long line) => File.PositionAt(Log, offset, line);

    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _pooled, null) is { } pooled)
        {
            ArrayPool<byte>.Shared.Return(pooled);
        }
    }
}
