namespace Ringfence.Core.Parsing;

/// <summary>A parser with the bytes that it could not read yet: feed it pieces of a log, however they were cut.</summary>
internal sealed class LogBuffer(LogParser parser, int blockBytes)
{
    private readonly byte[] _bytes = new byte[blockBytes + (2 * LogParser.LongestLine)];
    private int _length;

    public LogParser Parser { get; } = parser;

    /// <summary>Bytes kept for the next call: a line whose end has not come.</summary>
    public int Pending => _length;

    /// <summary>Where the next block goes.</summary>
    public Span<byte> Free => _bytes.AsSpan(_length, blockBytes);

    /// <summary>Parses what was written to the start of <see cref="Free"/>.</summary>
    /// <param name="endOfFile">Nothing follows in this file: a last line without its end is a line; then the buffer is empty.</param>
    public void Parse<TSink>(int written, bool endOfFile, ref TSink sink)
        where TSink : IEventSink
    {
        _length += written;
        var used = Parser.Parse(_bytes.AsSpan(0, _length), endOfFile, ref sink);
        if (endOfFile)
        {
            _length = 0;
            return;
        }

        _bytes.AsSpan(used, _length - used).CopyTo(_bytes);
        _length -= used;
    }

    /// <summary>As <see cref="Parse"/>, for bytes that lie elsewhere; any number of them.</summary>
    public void Feed<TSink>(ReadOnlySpan<byte> bytes, bool endOfFile, ref TSink sink)
        where TSink : IEventSink
    {
        do
        {
            var piece = bytes[..Math.Min(bytes.Length, blockBytes)];
            piece.CopyTo(Free);
            bytes = bytes[piece.Length..];
            Parse(piece.Length, endOfFile && bytes.IsEmpty, ref sink);
        }
        while (!bytes.IsEmpty);
    }
}
