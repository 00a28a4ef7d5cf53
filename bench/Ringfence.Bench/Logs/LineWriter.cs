using System.Buffers.Text;

namespace Ringfence.Bench.Logs;

/// <summary>Writes text as bytes into a buffer, and the full buffer to a stream.</summary>
internal sealed class LineWriter(Stream target) : IDisposable
{
    // No line is longer.
    private const int LineBytes = 4096;

    private static ReadOnlySpan<byte> HexDigits => "0123456789abcdef"u8;

    private static ReadOnlySpan<byte> CallIdCharacters => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._"u8;

    private readonly byte[] _buffer = new byte[1 << 20];
    private int _length;

    public LineWriter Text(ReadOnlySpan<byte> text)
    {
        text.CopyTo(_buffer.AsSpan(_length));
        _length += text.Length;
        return this;
    }

    public LineWriter Number(long number)
    {
        Utf8Formatter.TryFormat(number, _buffer.AsSpan(_length), out var written);
        _length += written;
        return this;
    }

    public LineWriter Digits3(int number)
    {
        Utf8Formatter.TryFormat(number, _buffer.AsSpan(_length), out var written, new System.Buffers.StandardFormat('D', 3));
        _length += written;
        return this;
    }

    public LineWriter Hex(int digits, SplitMix random)
    {
        var bits = 0UL;
        for (var i = 0; i < digits; i++, bits >>= 4)
        {
            bits = i % 16 == 0 ? random.Next() : bits;
            _buffer[_length++] = HexDigits[(int)(bits & 15)];
        }

        return this;
    }

    /// <summary>A Call-ID as phones and scanners make them: 32 characters, @, a number.</summary>
    public LineWriter CallId(SplitMix random)
    {
        var bits = 0UL;
        for (var i = 0; i < 32; i++, bits >>= 6)
        {
            bits = i % 10 == 0 ? random.Next() : bits;
            _buffer[_length++] = CallIdCharacters[(int)(bits & 63)];
        }

        return Text("@"u8).Number(random.Below(1_000_000_000));
    }

    public void EndLine()
    {
        _buffer[_length++] = (byte)'\n';
        if (_length > _buffer.Length - LineBytes)
        {
            Flush();
        }
    }

    public void Flush()
    {
        target.Write(_buffer, 0, _length);
        _length = 0;
    }

    public void Dispose() => Flush();
}
