namespace Ringfence.Sources;

/// <summary>Decompresses through a library of the distribution, and gives every byte that stands before a damage before it says so.</summary>
/// <remarks>
/// Not the decompressor of .NET: at the end of a truncated gzip file it ends without an error, and at a corrupt place it throws away what it had made in that call
/// (measured, .NET 10.0).
/// </remarks>
internal abstract unsafe class DecoderStream(Stream source) : Stream
{
    private readonly byte[] _input = new byte[64 * 1024];
    private int _from;
    private int _filled;
    private bool _sourceEnded;
    private bool _ended;
    private InvalidDataException? _failure;

    /// <summary>What one call of the library did.</summary>
    /// <param name="Failure">null: none.</param>
    protected readonly record struct Step(int Consumed, int Made, bool Ended, string? Failure);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <exception cref="InvalidDataException">The archive is damaged or ends early; everything before was returned by earlier calls.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        fixed (byte* output = buffer, input = _input)
        {
            while (!_ended && _failure is null)
            {
                if (_from == _filled && !_sourceEnded)
                {
                    _from = 0;
                    _filled = source.Read(_input);
                    _sourceEnded = _filled == 0;
                }

                var step = Decode(input + _from, _filled - _from, output, buffer.Length, _sourceEnded);
                _from += step.Consumed;
                _ended = step.Ended;
                _failure = step.Failure is { } failure ? new InvalidDataException(failure) : null;
                if (step.Made > 0)
                {
                    return step.Made;
                }
            }
        }

        return _failure is null ? 0 : throw _failure;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <param name="inputEnded">Nothing follows <paramref name="input"/>.</param>
    protected abstract Step Decode(byte* input, int inputLength, byte* output, int outputLength, bool inputEnded);
}
