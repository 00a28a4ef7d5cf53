using System.Security.Cryptography;
using System.Text;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>A SIP request with any byte in any place: text is sent as Latin-1, one byte per character.</summary>
/// <param name="Method">REGISTER, INVITE, OPTIONS, or anything.</param>
/// <param name="User">The user of From, and of To and Contact where those are not given.</param>
internal sealed record SipRequest(string Method, string User)
{
    private const string Sdp = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";

    /// <summary>The user of the request URI; the PBX itself if unset.</summary>
    public string? Target { get; init; }

    /// <summary>The whole From header's value, if it is to be something odd.</summary>
    public string? From { get; init; }

    /// <summary>The whole Contact header's value, if it is to lie.</summary>
    public string? Contact { get; init; }

    /// <summary>The Call-ID; a fresh one if unset.</summary>
    public string? CallId { get; init; }

    public int Sequence { get; init; } = 1;

    /// <summary>The tag of From; the same for the requests of one registration or call.</summary>
    public string Tag { get; init; } = Fresh();

    /// <summary>The value of an Authorization header.</summary>
    public string? Authorization { get; init; }

    public string? ToTag { get; init; }

    /// <summary>Header names to leave out: how a request becomes one that Asterisk drops.</summary>
    public IReadOnlySet<string> Without { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Unset: an offer for INVITE, else none.</summary>
    public string? Body { get; init; }

    /// <summary>Of a body that is no offer.</summary>
    public string? ContentType { get; init; }

    /// <summary>A header more, as a line: Refer-To.</summary>
    public string? Also { get; init; }

    /// <summary>The Via branch; a transaction's own.</summary>
    public string Branch { get; init; } = "z9hG4bK" + Fresh();

    public static string Fresh() => RandomNumberGenerator.GetHexString(12, lowercase: true);

    public string RequestUri(string host) => Target is null ? $"sip:{host}" : $"sip:{Target}@{host}";

    /// <param name="host">The PBX as it stands in URIs (IPv6 in brackets).</param>
    /// <param name="local">The sender as it stands in Via and Contact: host:port.</param>
    public byte[] ToBytes(string host, string local, SipTransport transport)
    {
        var body = Body ?? (Method == "INVITE" ? Sdp : "");
        var to = Target is null ? $"<sip:{User}@{host}>" : $"<sip:{Target}@{host}>";
        (string Name, string Value)[] headers =
        [
            ("Via", $"SIP/2.0/{transport.ToString().ToUpperInvariant()} {local};branch={Branch};rport"),
            ("Max-Forwards", "70"),
            ("From", From ?? $"<sip:{User}@{host}>;tag={Tag}"),
            ("To", ToTag is null ? to : $"{to};tag={ToTag}"),
            ("Call-ID", CallId ?? Fresh()),
            ("CSeq", $"{Sequence} {Method}"),
            ("Contact", Contact ?? $"<sip:lab@{local}{(transport == SipTransport.Udp ? "" : $";transport={transport.ToString().ToLowerInvariant()}")}>"),
            ("User-Agent", "ringfence-lab"),
        ];
        var text = new StringBuilder($"{Method} {RequestUri(host)} SIP/2.0\r\n");
        foreach (var (name, value) in headers.Where(header => !Without.Contains(header.Name)))
        {
            text.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        if (Method == "REGISTER")
        {
            text.Append("Expires: 120\r\n");
        }

        if (Also is not null)
        {
            text.Append(Also).Append("\r\n");
        }

        if (Authorization is not null)
        {
            text.Append("Authorization: ").Append(Authorization).Append("\r\n");
        }

        if (body.Length > 0 && (ContentType ?? (Method == "INVITE" ? "application/sdp" : null)) is { } type)
        {
            text.Append("Content-Type: ").Append(type).Append("\r\n");
        }

        text.Append("Content-Length: ").Append(body.Length).Append("\r\n\r\n").Append(body);
        return Encoding.Latin1.GetBytes(text.ToString());
    }
}
