using System.Buffers.Text;

namespace Ringfence.Core.Wire;

/// <summary>Where the frames of WebSocket begin in what a stranger sends to the PBX's HTTP server, and what of them came before the PBX agreed.</summary>
/// <remarks>
/// RFC 6455 section 4.1. Not before the PBX answered 101 does anybody know: until then all is read as requests, and kept beside that. Who sends frames at once, and
/// something before the request, has hidden nothing.
/// </remarks>
internal sealed class UpgradeRequest
{
    private const int MostHeld = 8_192;

    private readonly List<byte> _held = [];
    private bool _isAligned;
    private bool _isUpgrade;
    private bool _isChunked;
    private int _body;
    private int _skip;

    /// <summary>Somebody asked for it, and the PBX has not answered.</summary>
    public bool IsAsked { get; private set; }

    /// <summary>Behind it stands what could be another request: where the frames begin nobody but the PBX can say, and no program that means well asks so.</summary>
    public bool IsOdd { get; private set; }

    /// <summary>Bytes of memory that it holds.</summary>
    public int HeldBytes => _held.Capacity;

    /// <summary>All was answered, and not so.</summary>
    public void Forget()
    {
        Clear();
        (IsAsked, IsOdd, _isUpgrade) = (false, false, false);
    }

    /// <summary>Takes a line as it came, with its end.</summary>
    public void See(ReadOnlySpan<byte> line)
    {
        if (IsAsked)
        {
            IsOdd |= line.IndexOf(" HTTP/1."u8) >= 0 || HttpRequests.IsHeader(line, "upgrade"u8);
            Hold(line);
            return;
        }

        line = line.TrimEnd("\r\n"u8);
        if (line.IsEmpty)
        {
            (IsAsked, _isAligned, _skip) = (_isUpgrade, !_isChunked, _body);
            (_isUpgrade, _isChunked, _body) = (false, false, 0);
        }
        else if (HttpRequests.IsHeader(line, "upgrade"u8))
        {
            _isUpgrade |= System.Text.Ascii.EqualsIgnoreCase(Value(line), "websocket"u8);
        }
        else if (HttpRequests.IsHeader(line, "transfer-encoding"u8))
        {
            _isChunked = true;
        }
        else if (HttpRequests.IsHeader(line, "content-length"u8))
        {
            _body = Utf8Parser.TryParse(Value(line), out int length, out _) ? Math.Max(0, length) : 0;
        }
    }

    /// <summary>The PBX agreed.</summary>
    /// <param name="rest">What came behind the last line.</param>
    /// <returns>What came behind the request.</returns>
    public (byte[] Bytes, bool IsAligned) Take(ReadOnlySpan<byte> rest)
    {
        byte[] all = [.. _held, .. rest];
        Clear();
        return _isAligned && !IsOdd && _skip <= all.Length ? (all[_skip..], true) : (all, false);
    }

    /// <returns>Whether the PBX goes on in SIP.</returns>
    /// <param name="head">Of its answer.</param>
    public static bool IsToSip(ReadOnlySpan<byte> head)
    {
        foreach (var range in head.Split("\r\n"u8))
        {
            var line = head[range];
            if (HttpRequests.IsHeader(line, "sec-websocket-protocol"u8))
            {
                return System.Text.Ascii.EqualsIgnoreCase(Value(line), "sip"u8);
            }
        }

        return false;
    }

    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> line) => line[(line.IndexOf((byte)':') + 1)..].Trim(" \t"u8);

    private void Hold(ReadOnlySpan<byte> line)
    {
        if (_held.Count + line.Length > MostHeld)
        {
            // The next frame that begins a message is looked for.
            Clear();
            _isAligned = false;
        }

        var room = MostHeld - _held.Count;
        _held.AddRange(line[..Math.Min(line.Length, room)]);
    }

    private void Clear()
    {
        _held.Clear();
        _held.Capacity = 0;
    }
}
