using Ringfence.Core.Sip;

namespace Ringfence.Core.Wire;

/// <summary>Whose bytes a stream holds: one direction of a connection.</summary>
internal readonly record struct Flow(Endpoint From, Endpoint To)
{
    public Flow Reversed => new(To, From);
}

/// <summary>One direction of a TCP connection: what was read, what is not whole yet, what came too early.</summary>
/// <param name="place">In the ring of streams.</param>
internal sealed class TcpStream(Flow flow, uint first, int place)
{
    private const int MostHeld = 8;
    private const int SmallestBuffer = 4_096;

    // Data that far from what is expected belongs to another connection: no PBX has a receive window of that size.
    private const int Window = 1 << 20;

    private readonly List<(uint Sequence, byte[] Bytes)> _held = [];
    private byte[] _buffer = [];
    private int _heldBytes;
    private int _length;
    private readonly uint _first = first;
    private uint _next = first;
    private bool _isAcknowledged;
    private uint? _told;

    // A property would hand out a copy.
    public SipFraming Framing;

    /// <summary>Of what the PBX's HTTP server sends.</summary>
    public HttpAnswers Answers;

    /// <summary>Of what is sent to the PBX's HTTP server; null: it is none of those.</summary>
    public HttpRequests? Requests { get; set; }

    /// <summary>The connection goes on in frames of WebSocket; null: it does not.</summary>
    public WebSocketFrames? Frames { get; set; }

    public Flow Flow => flow;

    public int Place => place;

    /// <summary>What the table knows of <see cref="HeldBytes"/>.</summary>
    public int AccountedBytes { get; set; }

    public bool IsOpaque { get; set; }

    /// <summary>The sender is at his address: he is the PBX, or the PBX has his bytes, which it takes only from who was told its number (RFC 9293 section 3.5).
    /// Until then nothing of it is read: anybody can write a segment in anybody's name.</summary>
    public bool IsProven { get; set; }

    /// <summary>The sender's end was the next thing in the stream.</summary>
    public bool IsEnded { get; set; }

    /// <summary>It was read from its first byte on, which the PBX's answer to the SYN says, and nothing of it was missed.</summary>
    public bool IsWhole { get; set; }

    /// <summary>Used since the clock's hand was here.</summary>
    public bool IsRecent { get; set; }

    /// <summary>Bytes of memory that it holds.</summary>
    public int HeldBytes => _buffer.Length + _heldBytes + (Frames?.HeldBytes ?? 0) + (Requests?.HeldBytes ?? 0);

    /// <summary>The sequence number of the byte that comes next.</summary>
    public uint Next => _next;

    /// <summary>The PBX took the connection, and told this number as its first.</summary>
    public void Begin(uint told)
    {
        (_told, _isAcknowledged, IsWhole) = (told, true, true);
    }

    /// <returns>Whether the PBX took the connection that this SYN-ACK answers, and this is only it again.</returns>
    public bool IsBegun(uint told, uint begin) => _told == told && _first == begin;

    /// <summary>The sender says up to where he has what the PBX sent.</summary>
    /// <remarks>
    /// The very number, as the PBX's kernel wants it before it takes the connection (Linux, tcp_check_req): a range of numbers is guessed by spraying. What came
    /// before this it did not take either, whoever wrote that.
    /// </remarks>
    public void Answer(uint acknowledgment)
    {
        if (IsProven || acknowledgment != _told)
        {
            return;
        }

        Jump(_first);
        _held.Clear();
        _heldBytes = 0;
        (IsProven, IsWhole) = (true, true);
    }

    /// <summary>The PBX has everything up to here.</summary>
    /// <returns>false: some of it was never seen; reading goes on behind it, at what came early or here, and it has to be asked again.</returns>
    /// <remarks>Of two versions of what stands in the stream the PBX's acknowledgment says which one it took: data out of its window is none.</remarks>
    public bool Acknowledge(uint sequence)
    {
        _isAcknowledged = true;
        var missing = (int)(sequence - _next);
        if (IsEnded && missing == 1)
        {
            // An end has a number of its own.
            missing = 0;
        }

        if (missing is <= 0 and >= -Window)
        {
            // It has some of what waits here, and not only what came before: a connection that was open before anybody looked.
            IsProven |= -missing < _length;
            if (!IsProven && -missing > _length)
            {
                // It is not where the bytes are that wait: they are another's.
                Jump(sequence);
            }

            return true;
        }

        var next = sequence;
        foreach (var (held, _) in _held)
        {
            next = (int)(held - _next) > 0 && (int)(held - next) < 0 ? held : next;
        }

        Jump(next);
        return false;
    }

    /// <summary>Takes a segment.</summary>
    /// <returns>What of it comes next in the stream; empty: nothing new, or something before it is missing.</returns>
    public ReadOnlySpan<byte> Accept(uint sequence, ReadOnlySpan<byte> payload)
    {
        var ahead = (int)(sequence - _next);
        if (ahead is > Window or < -Window)
        {
            if (_isAcknowledged)
            {
                return default;
            }

            Jump(sequence);
            ahead = 0;
        }

        if (ahead > 0)
        {
            Hold(sequence, payload);
            if (_isAcknowledged || _held.Count < MostHeld)
            {
                return default;
            }

            // What is missing was lost on the way to here.
            Jump(_held.MinBy(segment => (int)(segment.Sequence - _next)).Sequence);
            return default;
        }

        if (-ahead >= payload.Length)
        {
            return default;
        }

        var fresh = payload[-ahead..];
        _next += (uint)fresh.Length;
        return fresh;
    }

    /// <returns>What came early and is next by now; empty: nothing.</returns>
    public ReadOnlySpan<byte> AcceptHeld()
    {
        for (var i = 0; i < _held.Count; i++)
        {
            var (sequence, bytes) = _held[i];
            var ahead = (int)(sequence - _next);
            if (ahead > 0)
            {
                continue;
            }

            _held.RemoveAt(i--);
            _heldBytes -= bytes.Length;
            if (Accept(sequence, bytes) is { IsEmpty: false } fresh)
            {
                return fresh;
            }
        }

        return default;
    }

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
        return _buffer.AsSpan(0, _length);
    }

    /// <summary>Keeps what is not taken yet.</summary>
    /// <param name="rest">The end of what <see cref="With"/> gave.</param>
    /// <returns>false: it is too long for a message, and thrown away.</returns>
    public bool Keep(ReadOnlySpan<byte> rest)
    {
        if (rest.Length > SipFraming.LongestMessage)
        {
            _length = 0;
            _buffer = [];
            Framing.Forget();
            Answers.Forget();
            Frames?.Forget();
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

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(SmallestBuffer, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(_length + bytes.Length))));
        }

        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Hold(uint sequence, ReadOnlySpan<byte> payload)
    {
        if (_held.Count < MostHeld)
        {
            _held.Add((sequence, payload.ToArray()));
            _heldBytes += payload.Length;
        }
    }

    private void Jump(uint sequence)
    {
        (IsWhole, IsEnded) = (false, false);
        _next = sequence;
        _length = 0;
        _buffer = [];
        _held.RemoveAll(segment => (int)(segment.Sequence - sequence) is > Window or < -Window);
        _heldBytes = _held.Sum(segment => segment.Bytes.Length);
        Framing.Forget();
        Answers.Forget();
        Frames?.Forget();
    }
}
