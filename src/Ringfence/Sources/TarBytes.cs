namespace Ringfence.Sources;

/// <summary>The bytes of an archive, unpacked, for a reader that believes each length that it is told: a header and what belongs to it (names, extended attributes) is bounded here.</summary>
/// <param name="file">Knows the compressions.</param>
/// <param name="most">So many are given, and then no more.</param>
internal sealed class TarBytes(LogFile file, long most) : Stream
{
    private const long MaxHeaderBytes = 1 << 20;

    private long _headerEnd = long.MaxValue;

    /// <summary>How many there were so far.</summary>
    public long Total { get; private set; }

    /// <summary>There were more than so many.</summary>
    public bool IsOver { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Lets the reader go on to the next entry; the data of the last was read to its end.</summary>
    /// <exception cref="InvalidDataException">What stands before the entry's data is too long.</exception>
    public T Header<T>(Func<T> read)
    {
        _headerEnd = Total + MaxHeaderBytes;
        var header = read();
        _headerEnd = long.MaxValue;
        return header;
    }

    public override int Read(Span<byte> buffer)
    {
        if (Total >= _headerEnd)
        {
            throw new InvalidDataException($"a name in it is longer than {MaxHeaderBytes >> 20} MiB");
        }

        IsOver = Total >= most;
        var read = IsOver ? 0 : file.Read(buffer);
        Total += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
