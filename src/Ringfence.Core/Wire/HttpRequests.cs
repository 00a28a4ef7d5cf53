using System.Buffers.Text;

namespace Ringfence.Core.Wire;

/// <summary>What a stranger asks the PBX's HTTP server, and has no answer to yet.</summary>
/// <remarks>
/// Read as Asterisk 22 reads it (main/http.c): lines up to 4,096 bytes, a zero byte ends a line's text, a body by its length or in chunks, one answer for each request in
/// its order, which may come before the body. What it would refuse and hang up on is read on as a new request, which is where reading begins in a stream that was
/// not seen from its first byte on. Passwords are not kept: of a request its method and path without the query, of credentials the name.
/// </remarks>
internal sealed class HttpRequests
{
    private const int LongestLine = 4_096;
    private const int LongestName = 64;
    private const int LongestAsked = 200;
    private const int MostUnanswered = 32;

    private static readonly byte[][] Methods = [.. ((string[])["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"]).Select(System.Text.Encoding.ASCII.GetBytes)];

    private readonly List<HttpAsked> _unanswered = [];
    private readonly HttpFields _fields = new();
    private HttpAsked _asked = new();
    private HttpHead _head;
    private Part _part;
    private int _left;

    private enum Part
    {
        FirstLine,
        Headers,
        Body,
        ChunkSize,
        Chunk,
        ChunkEnd,
        Trailer,
    }

    /// <summary>Requests with a password that have no answer yet.</summary>
    public int Pending => _unanswered.Count(static asked => asked.HasPassword);

    /// <summary>Where his requests begin and end could be read in another way too: of none of them can be said that it gave no password.</summary>
    public bool IsUnclear { get; private set; }

    /// <summary>What came behind a request to go on in WebSocket.</summary>
    public UpgradeRequest Upgrade { get; } = new();

    /// <summary>Bytes of memory that it holds.</summary>
    public int HeldBytes => Upgrade.HeldBytes + (_unanswered.Count * HttpAsked.HeldBytes);

    /// <summary>An answer came.</summary>
    /// <returns>What it answers; null: nothing that was seen.</returns>
    public HttpAsked? Settle()
    {
        var first = _unanswered.Count > 0 ? _unanswered[0] : null;
        if (first is { More: > 0 })
        {
            first.More--;
        }
        else if (first is not null)
        {
            _unanswered.RemoveAt(0);
        }

        if (_unanswered.Count == 0 && (Upgrade.IsAsked || _part != Part.Headers))
        {
            Upgrade.Forget();
        }

        return first;
    }

    /// <summary>Answers were missed: nobody knows which of the requests they answered.</summary>
    public void Forget() => _unanswered.Clear();

    /// <returns>What is no whole line yet.</returns>
    public ReadOnlySpan<byte> Read(ReadOnlySpan<byte> rest)
    {
        while (!rest.IsEmpty)
        {
            var isLine = _part is not (Part.Body or Part.Chunk or Part.ChunkEnd);
            var length = isLine ? LineLength(rest) : Math.Min(_left, rest.Length);
            if (length == 0)
            {
                break;
            }

            if (isLine || Upgrade.IsAsked)
            {
                Upgrade.See(rest[..length]);
            }

            if (isLine)
            {
                SeeLine(rest[..length]);
            }
            else
            {
                SeeBody(rest[..length]);
            }

            rest = rest[length..];
        }

        return rest;
    }

    public static bool IsHeader(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name) =>
        line.Length > name.Length && System.Text.Ascii.EqualsIgnoreCase(line[..name.Length], name) && line[name.Length..].TrimStart(" \t"u8) is [(byte)':', ..];

    public static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> line) => line[(line.IndexOf((byte)':') + 1)..].Trim(" \t"u8);

    // With its end; 0: it is not whole.
    private static int LineLength(ReadOnlySpan<byte> rest) => rest.IndexOf((byte)'\n') is >= 0 and var end ? end + 1 : rest.Length >= LongestLine ? rest.Length : 0;

    private void SeeLine(ReadOnlySpan<byte> whole)
    {
        var line = whole[..(whole.IndexOf((byte)0) is >= 0 and var zero ? zero : whole.Length)];
        while (line.Length > 0 && line[^1] <= ' ')
        {
            line = line[..^1];
        }

        switch (_part)
        {
            case Part.FirstLine when !line.IsEmpty:
                Begin(line);
                SeeHeader(line);
                break;
            case Part.Headers when line.IsEmpty:
                EndHeaders();
                break;
            case Part.Headers:
                SeeHeader(line);
                break;
            case Part.ChunkSize:
                BeginChunk(whole);
                break;
            case Part.Trailer when line.IsEmpty:
                _part = Part.FirstLine;
                break;
            default:
                break;
        }
    }

    private void Begin(ReadOnlySpan<byte> line)
    {
        const int Version = 9; // " HTTP/1.1"

        var hasVersion = IsFirstLine(line);
        _asked = new HttpAsked { Text = hasVersion ? Masked(line[..^Version]) : [] };
        _head = default;
        _part = Part.Headers;
        _fields.Clear();
        SeeFields(line);
        _fields.End();
        TakeFields();
    }

    private static bool IsFirstLine(ReadOnlySpan<byte> line) => line.Length > 9 && line[^9..].StartsWith(" HTTP/1."u8);

    private void SeeHeader(ReadOnlySpan<byte> line)
    {
        if (IsHeader(line, "authorization"u8))
        {
            GivePassword(Name(Value(line)));
        }
        else if (IsFirstLine(line))
        {
            // Reading began in the middle of something.
            SeeFields(line);
        }

        _head.See(line);
    }

    // The PBX may answer from here on.
    private void EndHeaders()
    {
        IsUnclear |= _head.IsUnclear;
        _asked.IsCrossSite = _head.IsCrossSite;
        if (_unanswered.Count < MostUnanswered)
        {
            _unanswered.Add(_asked);
        }
        else
        {
            // So many at once ask for it: one with a password makes all of them such.
            _unanswered[^1].More++;
            _unanswered[^1].HasPassword |= _asked.HasPassword;
            _asked = _unanswered[^1];
        }

        _fields.Clear();
        _left = _head.BodyLength;
        _part = _head.IsChunked ? Part.ChunkSize : _left > 0 ? Part.Body : Part.FirstLine;
    }

    private void SeeBody(ReadOnlySpan<byte> bytes)
    {
        if (_part != Part.ChunkEnd && _head.IsForm)
        {
            SeeFields(bytes);
        }

        _left -= bytes.Length;
        if (_left > 0)
        {
            return;
        }

        if (_part == Part.Body)
        {
            _fields.End();
            TakeFields();
        }

        if (_part == Part.Chunk)
        {
            (_part, _left) = (Part.ChunkEnd, 2);
        }
        else
        {
            _part = _part == Part.Body ? Part.FirstLine : Part.ChunkSize;
        }
    }

    // chunked_atoh: hexadecimal digits up to ";" or the line end, which is CR LF, in 32 bits.
    private void BeginChunk(ReadOnlySpan<byte> line)
    {
        var size = 0;
        var end = line.IndexOfAny((byte)'\r', (byte)';');
        foreach (var digit in end > 0 ? line[..end] : "?"u8)
        {
            size = char.IsAsciiHexDigit((char)digit) && size >= 0 ? unchecked((size << 4) + Uri.FromHex((char)digit)) : -1;
        }

        IsUnclear |= size < 0;
        _left = size;
        _part = size > 0 ? Part.Chunk : size == 0 ? Part.Trailer : Part.FirstLine;
    }

    private void SeeFields(ReadOnlySpan<byte> bytes)
    {
        _fields.Read(bytes);
        TakeFields();
    }

    private void TakeFields()
    {
        if (_fields.HasKey)
        {
            GivePassword(_fields.Account);
        }
        else if (_fields.Account.Length > 0)
        {
            _asked.Account = _fields.Account;
        }
    }

    private void GivePassword(ReadOnlySpan<byte> account)
    {
        _asked.HasPassword = true;
        _asked.Account = account.IsEmpty ? _asked.Account : account[..Math.Min(account.Length, LongestName)].ToArray();
    }

    // "Basic TkFNRTpQQVNTV09SRA==", "Digest username="NAME", ..."
    private static ReadOnlySpan<byte> Name(ReadOnlySpan<byte> credentials)
    {
        if (credentials.Length > 6 && System.Text.Ascii.EqualsIgnoreCase(credentials[..6], "basic "u8))
        {
            // Four characters make three bytes: no more than the name may be long.
            var text = credentials[6..].TrimStart((byte)' ');
            var bytes = new byte[LongestName * 3];
            Base64.DecodeFromUtf8(text[..Math.Min(text.Length, LongestName * 4)], bytes, out _, out var written);
            var end = bytes.AsSpan(0, written).IndexOf((byte)':');
            return end < 0 ? default : bytes.AsSpan(0, end);
        }

        return Sip.SipParameter.First(credentials, "username="u8);
    }

    // Behind a form without line end stands the next request: what is no method may be the end of a password.
    private static byte[] Masked(ReadOnlySpan<byte> line)
    {
        foreach (var method in Methods)
        {
            if (line.StartsWith(method) && line[method.Length..].StartsWith(" /"u8))
            {
                var path = line[(method.Length + 1)..];
                var end = path.IndexOfAny("?; "u8);
                path = end < 0 ? path : path[..end];
                return [.. method, (byte)' ', .. path[..Math.Min(path.Length, LongestAsked)]];
            }
        }

        return [];
    }
}
