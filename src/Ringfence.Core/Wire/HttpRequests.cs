using System.Buffers.Text;

namespace Ringfence.Core.Wire;

/// <summary>What a stranger sends to the PBX's HTTP server, as far as it matters: how often he gave a password that is not answered yet, and as whom.</summary>
/// <remarks>
/// Not where his requests begin and end: in that a stranger can differ from the PBX. A line that gives a password is one wherever it stands, and whether it was
/// wrong the PBX's answer says. Passwords are not kept: of a request its method and path without the query, of credentials the name.
/// Asterisk's main/http.c and res/res_ari.c: names and values of a query and of a form are percent-decoded, a line has at most 4,096 bytes.
/// </remarks>
internal sealed class HttpRequests
{
    private const int LongestLine = 8_192;
    private const int LongestName = 64;
    private const int LongestAsked = 200;

    private static readonly byte[][] Methods = [.. ((string[])["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"]).Select(System.Text.Encoding.ASCII.GetBytes)];

    // Headers that ended: of each request one, and what looks so in a body.
    private int _unanswered;
    private bool _isCounted;

    /// <summary>Requests with a password that have no answer yet.</summary>
    public int Pending { get; private set; }

    /// <summary>As whom; any bytes; empty: it could not be read.</summary>
    public byte[] Account { get; private set; } = [];

    /// <summary>The latest request: "GET /ari/channels", any bytes.</summary>
    public byte[] Asked { get; private set; } = [];

    /// <summary>What came behind a request to go on in WebSocket.</summary>
    public UpgradeRequest Upgrade { get; } = new();

    /// <summary>Bytes of memory that it holds.</summary>
    public int HeldBytes => Upgrade.HeldBytes;

    /// <summary>An answer came.</summary>
    /// <remarks>Where he asked several things at once, which no program does that means well, an answer that refuses nobody may be of one without a password.</remarks>
    public void Settle(bool isRefused)
    {
        Pending = isRefused ? Math.Max(0, Pending - 1) : _unanswered <= 1 ? 0 : Pending;
        _unanswered = Math.Max(0, _unanswered - 1);
        if (_unanswered == 0)
        {
            Upgrade.Forget();
        }
    }

    /// <returns>What is no whole line yet.</returns>
    public ReadOnlySpan<byte> Read(ReadOnlySpan<byte> rest)
    {
        while (rest.IndexOf((byte)'\n') is >= 0 and var end)
        {
            Upgrade.See(rest[..(end + 1)]);
            See(rest[..end].TrimEnd((byte)'\r'));
            rest = rest[(end + 1)..];
        }

        if (rest.Length <= LongestLine)
        {
            return rest;
        }

        Upgrade.See(rest);
        See(rest);
        return default;
    }

    /// <summary>Takes what stands behind the last line end: a form has none, and its answer is there.</summary>
    public void End(ReadOnlySpan<byte> rest) => SeeForm(rest);

    private void See(ReadOnlySpan<byte> line)
    {
        const int Version = 9; // " HTTP/1.1"

        if (line.IsEmpty)
        {
            _unanswered++;
            _isCounted = false;
        }
        else if (line.Length > Version && line[^Version..].StartsWith(" HTTP/1."u8))
        {
            _isCounted = false;
            Account = [];
            Asked = Masked(line[..^Version]);
            SeeForm(line);
        }
        else if (IsHeader(line, "authorization"u8))
        {
            Count(Name(line[(line.IndexOf((byte)':') + 1)..].Trim(" \t"u8)));
        }
        else if (!IsHeader(line, "referer"u8))
        {
            SeeForm(line);
        }
    }

    public static bool IsHeader(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name) =>
        line.Length > name.Length && System.Text.Ascii.EqualsIgnoreCase(line[..name.Length], name) && line[name.Length..].TrimStart(" \t"u8) is [(byte)':', ..];

    // A query or a form: "...?app=x&api_key=NAME:PASSWORD", "action=login&username=NAME&secret=PASSWORD".
    private void SeeForm(ReadOnlySpan<byte> line)
    {
        if (!line.Contains((byte)'='))
        {
            return;
        }

        Span<byte> plain = stackalloc byte[LongestLine];
        plain = plain[..Decode(line[..Math.Min(line.Length, LongestLine)], plain)];
        if (plain.IndexOf("api_key="u8) is >= 0 and var key)
        {
            var pair = ((ReadOnlySpan<byte>)plain)[(key + 8)..];
            var end = pair.IndexOf((byte)':');
            Count(end < 0 ? default : pair[..end]);
        }
        else if (plain.IndexOf("username="u8) is >= 0 and var name)
        {
            var value = ((ReadOnlySpan<byte>)plain)[(name + 9)..];
            var end = value.IndexOfAny("& "u8);
            Count(end < 0 ? value : value[..end]);
        }
    }

    // Once for each request, in whatever ways it gives it.
    private void Count(ReadOnlySpan<byte> account)
    {
        Pending += _isCounted ? 0 : 1;
        _isCounted = true;
        Account = account.IsEmpty ? Account : account[..Math.Min(account.Length, LongestName)].ToArray();
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

    private static int Decode(ReadOnlySpan<byte> text, Span<byte> plain)
    {
        var length = 0;
        for (var at = 0; at < text.Length; at++)
        {
            var value = text[at];
            if (value == '%' && at + 2 < text.Length && char.IsAsciiHexDigit((char)text[at + 1]) && char.IsAsciiHexDigit((char)text[at + 2]))
            {
                value = (byte)((Uri.FromHex((char)text[at + 1]) << 4) | Uri.FromHex((char)text[at + 2]));
                at += 2;
            }

            plain[length++] = value;
        }

        return length;
    }
}
