using System.Buffers.Binary;

namespace Ringfence.Core.Wire;

/// <summary>Takes messages out of the frames of WebSocket, one direction of a connection, whole: unmasked and put together.</summary>
/// <remarks>
/// RFC 6455 section 5; RFC 7118: each message is SIP. Lenient where Asterisk 22 is, measured: what is not masked is read as well, reserved bits are
/// passed over, a continuation without a beginning is a message. Where the place in the stream is lost (the middle of a connection, an end of the handshake that can be
/// read in two ways) it goes on with the next frame that begins a SIP message. Hot path over spans: a message in one frame is unmasked in the caller's buffer.
/// </remarks>
/// <param name="isAligned">The first byte begins a frame.</param>
internal sealed class WebSocketFrames(bool isAligned)
{
    /// <summary>What Asterisk takes, header and all (res_http_websocket.c, MAXIMUM_FRAME_SIZE).</summary>
    public const int LongestFrame = ushort.MaxValue;

    /// <summary>What a message may need.</summary>
    public const int RoomBytes = LongestFrame + MostParts;

    // Beyond this Asterisk passes what it has as if it were whole (DEFAULT_RECONSTRUCTION_CEILING).
    private const int MostParts = 16_384;

    // Of a message, to know it by.
    private const int StartBytes = 16;

    private const int Masked = 0x80;
    private const int Final = 0x80;

    private byte[] _parts = [];
    private int _length;
    private int _sincePing;
    private bool _isAligned = isAligned;
    private bool _isAgain;

    /// <summary>The PBX said that SIP is spoken: what is none is somebody's fault.</summary>
    public bool IsSip { get; init; }

    /// <summary>How often the place in the stream was lost.</summary>
    public int Lost { get; private set; }

    /// <summary>Bytes of memory that it holds.</summary>
    public int HeldBytes => _parts.Length;

    /// <summary>Some of the stream is missing.</summary>
    public void Forget() => Lose();

    /// <returns>Whether it begins with a frame that begins a SIP message: a connection that was open before anybody looked.</returns>
    public static bool Begins(ReadOnlySpan<byte> stream)
    {
        Span<byte> start = stackalloc byte[StartBytes];
        var frame = Header(stream);
        return frame.Bytes is > 0 and <= LongestFrame && frame.Opcode is 1 or 2 && BeginsSip(Start(stream, frame, start));
    }

    /// <summary>Takes the next message off a stream.</summary>
    /// <param name="rest">What is not taken yet; the beginning of a frame that is not whole stays in it.</param>
    /// <param name="room">At least <see cref="RoomBytes"/> bytes, in which a message may be given.</param>
    /// <returns>Empty: there is no whole one.</returns>
    public ReadOnlySpan<byte> Take(scoped ref ReadOnlySpan<byte> rest, byte[] room)
    {
        if (_isAgain)
        {
            // Asterisk forgets what came before a ping between the parts; RFC 6455 section 5.4 does not: it may be either.
            _isAgain = false;
            return Whole(_sincePing, room);
        }

        while (!rest.IsEmpty)
        {
            if (!_isAligned && !Find(ref rest))
            {
                return default;
            }

            var frame = Header(rest);
            if (frame.Bytes == 0 || (frame.IsRead && rest.Length < frame.Bytes))
            {
                return default;
            }

            if (!frame.IsRead || frame.Bytes > LongestFrame)
            {
                // Asterisk ends the connection here.
                Lose();
                rest = rest[1..];
                continue;
            }

            var payload = rest[frame.Head..(int)frame.Bytes];
            var mask = frame.IsMasked ? rest[(frame.Head - 4)..frame.Head] : default;
            rest = rest[(int)frame.Bytes..];
            if (frame.Opcode >= 8)
            {
                _sincePing = _length;
                continue;
            }

            if (_length == 0 && frame.IsFinal)
            {
                if (payload.IsEmpty)
                {
                    continue;
                }

                Unmask(payload, mask, room);
                return room.AsSpan(0, payload.Length);
            }

            Append(payload, mask);
            if (frame.IsFinal || _length >= MostParts)
            {
                _isAgain = _sincePing > 0 && _sincePing < _length;
                return Whole(0, room);
            }
        }

        return default;
    }

    private ReadOnlySpan<byte> Whole(int from, byte[] room)
    {
        var length = _length - from;
        _parts.AsSpan(from, length).CopyTo(room);
        if (!_isAgain)
        {
            DropParts();
        }

        return room.AsSpan(0, length);
    }

    private void DropParts() => (_parts, _length, _sincePing, _isAgain) = ([], 0, 0, false);

    private void Lose()
    {
        Lost += _isAligned ? 1 : 0;
        _isAligned = false;
        DropParts();
    }

    // The next frame that begins a SIP message.
    private bool Find(scoped ref ReadOnlySpan<byte> rest)
    {
        Span<byte> start = stackalloc byte[StartBytes];
        for (; !rest.IsEmpty; rest = rest[1..])
        {
            var frame = Header(rest);
            if (frame.Bytes == 0)
            {
                return false;
            }

            if (!frame.IsRead || frame.Bytes > LongestFrame || frame.Opcode is not (1 or 2))
            {
                continue;
            }

            if (rest.Length < Math.Min(frame.Bytes, frame.Head + StartBytes))
            {
                return false;
            }

            if (BeginsSip(Start(rest, frame, start)))
            {
                _isAligned = true;
                return true;
            }
        }

        return false;
    }

    private static ReadOnlySpan<byte> Start(ReadOnlySpan<byte> stream, in Frame frame, Span<byte> start)
    {
        var end = (int)Math.Min(Math.Min(frame.Bytes, stream.Length), frame.Head + StartBytes);
        Unmask(stream[frame.Head..end], frame.IsMasked ? stream[(frame.Head - 4)..frame.Head] : default, start);
        return start[..(end - frame.Head)];
    }

    // "ACK sip:", "SIP/2.0 ".
    private static bool BeginsSip(ReadOnlySpan<byte> start)
    {
        start = start.TrimStart("\r\n"u8);
        if (start.StartsWith("SIP/2.0 "u8))
        {
            return true;
        }

        var letters = 0;
        while (letters < start.Length && char.IsAsciiLetter((char)start[letters]))
        {
            letters++;
        }

        return letters >= 3 && letters + 4 <= start.Length && start[letters] == ' ' && System.Text.Ascii.EqualsIgnoreCase(start.Slice(letters + 1, 3), "sip"u8);
    }

    private static Frame Header(ReadOnlySpan<byte> rest)
    {
        if (rest.Length < 2)
        {
            return default;
        }

        var isMasked = (rest[1] & Masked) != 0;
        var opcode = rest[0] & 0xf;
        var length = rest[1] & 0x7f;
        var head = 2 + (length switch { 126 => 2, 127 => 8, _ => 0 }) + (isMasked ? 4 : 0);
        if (rest.Length < head)
        {
            return default;
        }

        var payload = length switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(rest[2..]),
            127 => Math.Min(BinaryPrimitives.ReadUInt64BigEndian(rest[2..]), int.MaxValue),
            _ => (ulong)length,
        };
        return new Frame(head, head + (long)payload, opcode, isMasked, (rest[0] & Final) != 0);
    }

    private void Append(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> mask)
    {
        if (_length + payload.Length > _parts.Length)
        {
            Array.Resize(ref _parts, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(_length + payload.Length)));
        }

        Unmask(payload, mask, _parts.AsSpan(_length));
        _length += payload.Length;
    }

    private static void Unmask(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> mask, Span<byte> plain)
    {
        if (mask.IsEmpty)
        {
            payload.CopyTo(plain);
            return;
        }

        for (var at = 0; at < payload.Length; at++)
        {
            plain[at] = (byte)(payload[at] ^ mask[at & 3]);
        }
    }

    /// <param name="Bytes">Header and payload; 0: the header is not whole.</param>
    private readonly record struct Frame(int Head, long Bytes, int Opcode, bool IsMasked, bool IsFinal)
    {
        /// <summary>Asterisk reads frames of this kind: text, binary, continuation, close, ping, pong.</summary>
        public bool IsRead => Opcode is <= 2 or (>= 8 and <= 10);
    }
}
