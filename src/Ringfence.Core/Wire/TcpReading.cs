namespace Ringfence.Core.Wire;

/// <summary>How one direction of a connection reads: what is not taken off it yet, and where in a message that is.</summary>
internal sealed class TcpReading
{
    private const int SmallestBuffer = 4_096;

    private byte[] _buffer = [];
    private int _length;

    // A property would hand out a copy.
    public SipFraming Framing;

    /// <summary>Of what the PBX's HTTP server sends.</summary>
    public HttpAnswers Answers;

    /// <summary>Of what is sent to the PBX's HTTP server; null: it is none of those.</summary>
    public HttpRequests? Requests { get; set; }

    /// <summary>The connection goes on in frames of WebSocket; null: it does not.</summary>
    public WebSocketFrames? Frames { get; set; }

    public bool IsOpaque { get; set; }

    /// <summary>It was read from its first byte on, which the PBX's answer to the SYN says, and nothing of it was missed.</summary>
    public bool IsWhole { get; set; }

    public TcpVersion Version { get; set; }

    /// <summary>Bytes of memory that it holds.</summary>
    public int HeldBytes => _buffer.Length + (Frames?.HeldBytes ?? 0) + (Requests?.HeldBytes ?? 0);

    /// <summary>What is not taken yet.</summary>
    public ReadOnlySpan<byte> Kept => _buffer.AsSpan(0, _length);

    /// <returns>All that is not taken yet, with these bytes at its end.</returns>
    public ReadOnlySpan<byte> With(ReadOnlySpan<byte> fresh)
    {
        if (_length == 0)
        {
            return fresh;
        }

        Append(fresh);
        return Kept;
    }

    /// <summary>Keeps what is not taken yet.</summary>
    /// <param name="rest">The end of what <see cref="With"/> gave.</param>
    /// <returns>false: it is too long for a message, and thrown away.</returns>
    public bool Keep(ReadOnlySpan<byte> rest)
    {
        if (rest.Length > SipFraming.LongestMessage)
        {
            Forget();
            return false;
        }

        if (_length > 0)
        {
            rest.CopyTo(_buffer);
            _length = rest.Length;
        }
        else
        {
            Append(rest);
        }

        _buffer = _length == 0 ? [] : _buffer;
        return true;
    }

    /// <summary>What was left was thrown away, or is somewhere else in the stream.</summary>
    public void Forget()
    {
        _length = 0;
        _buffer = [];
        Framing.Forget();
        Answers.Forget();
        Frames?.Forget();
        Requests = null;
    }

    /// <summary>Another that reads on from here, of which nothing is said that needs certainty.</summary>
    public TcpReading Fork(TcpVersion version) => new() { Version = version, Framing = Framing, IsOpaque = IsOpaque, _buffer = [.. _buffer], _length = _length };

    /// <returns>Whether both will read the same from here on.</returns>
    public bool IsAs(TcpReading other) => Framing.IsAs(other.Framing) && Kept.SequenceEqual(other.Kept);

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(SmallestBuffer, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(_length + bytes.Length))));
        }

        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }
}
