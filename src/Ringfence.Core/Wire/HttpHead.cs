namespace Ringfence.Core.Wire;

/// <summary>What the headers of a request say of its body and of who sent it.</summary>
/// <remarks>Of several with one name Asterisk takes the first that has a value (main/http.c, get_header).</remarks>
internal struct HttpHead
{
    private const int LongestValue = 256;

    private byte[]? _host;
    private byte[]? _origin;
    private bool _isPages;
    private bool? _isForm;
    private bool _hasEncoding;
    private int? _length;

    /// <summary>The body comes in chunks.</summary>
    public bool IsChunked { get; private set; }

    /// <summary>Where its body ends could be read in another way too: no program that means well asks so.</summary>
    public bool IsUnclear { get; private set; }

    /// <summary>In bytes, if it is not in chunks.</summary>
    public readonly int BodyLength => _length ?? 0;

    /// <summary>The body may be a form: Asterisk reads credentials in no other.</summary>
    public readonly bool IsForm => _isForm ?? true;

    /// <summary>A web page from elsewhere made its visitor's browser send it.</summary>
    /// <remarks>
    /// No page can change either header (Fetch Metadata Request Headers, section 2; Fetch standard, "forbidden request-header"): Sec-Fetch-Site says so outright; browsers
    /// before 2023 have Origin alone, and not with every image. Whoever is no browser can write them: that spares him a ban, and he is told all the same.
    /// </remarks>
    public readonly bool IsCrossSite => _isPages || (_origin is not null && (_host is null || !System.Text.Ascii.EqualsIgnoreCase(HostOf(_origin), _host)));

    public void See(ReadOnlySpan<byte> line)
    {
        var value = HttpRequests.Value(line);
        if (value.IsEmpty)
        {
            return;
        }

        if (HttpRequests.IsHeader(line, "content-length"u8))
        {
            IsUnclear |= _length is not null || value.Length > 9 || value.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0;
            _length ??= System.Buffers.Text.Utf8Parser.TryParse(value, out int length, out _) ? Math.Max(0, length) : 0;
        }
        else if (HttpRequests.IsHeader(line, "transfer-encoding"u8))
        {
            var isChunked = System.Text.Ascii.EqualsIgnoreCase(value, "chunked"u8);
            IsUnclear |= _hasEncoding || !isChunked;
            IsChunked |= isChunked && !_hasEncoding;
            _hasEncoding = true;
        }
        else if (HttpRequests.IsHeader(line, "content-type"u8))
        {
            var type = value[..(value.IndexOf((byte)';') is >= 0 and var end ? end : value.Length)];
            _isForm = _isForm == true || System.Text.Ascii.EqualsIgnoreCase(type.Trim(" \t"u8), "application/x-www-form-urlencoded"u8);
        }
        else if (HttpRequests.IsHeader(line, "host"u8))
        {
            _host ??= Kept(value);
        }
        else if (HttpRequests.IsHeader(line, "origin"u8))
        {
            _origin ??= Kept(value);
        }
        else if (HttpRequests.IsHeader(line, "sec-fetch-site"u8))
        {
            _isPages |= System.Text.Ascii.EqualsIgnoreCase(value, "cross-site"u8);
        }
    }

    // "https://pbx.example.com:8089", "null".
    private static ReadOnlySpan<byte> HostOf(ReadOnlySpan<byte> origin) => origin.IndexOf("://"u8) is >= 0 and var at ? origin[(at + 3)..] : default;

    private static byte[] Kept(ReadOnlySpan<byte> value) => value[..Math.Min(value.Length, LongestValue)].ToArray();
}
