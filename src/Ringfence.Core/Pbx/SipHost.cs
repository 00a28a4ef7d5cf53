namespace Ringfence.Core.Pbx;

/// <summary>The host in a SIP URI, in host:port, and in what identify sections match.</summary>
internal static class SipHost
{
    /// <param name="uri">"sip:user@host:port;transport=tls?header", "sips:[2001:db8::1]", with or without &lt; &gt; around it.</param>
    /// <returns>Not checked to be an address or a name; null if the text is no sip: or sips: URI, or one in which the host is not plain.</returns>
    /// <remarks>RFC 3261 section 25.1.</remarks>
    public static string? OfUri(string uri)
    {
        var open = uri.IndexOf('<', StringComparison.Ordinal);
        var rest = open < 0 ? uri : uri[(open + 1)..];
        var scheme = rest.StartsWith("sip:", StringComparison.OrdinalIgnoreCase) ? 4 : rest.StartsWith("sips:", StringComparison.OrdinalIgnoreCase) ? 5 : -1;
        if (scheme < 0)
        {
            return null;
        }

        rest = rest[scheme..];

        // A password may hold ; and ?, so the user part goes first. No part can hold a bare @: with two of them readers differ about the host.
        var at = rest.IndexOf('@', StringComparison.Ordinal);
        if (rest.IndexOf('@', at + 1) >= 0 && at >= 0)
        {
            return null;
        }

        rest = rest[(at + 1)..];
        var end = rest.AsSpan().IndexOfAny(";?> ");
        return WithoutPort(end < 0 ? rest : rest[..end]);
    }

    /// <summary>"host:5060", "[2001:db8::1]:5060", "2001:db8::1", "host".</summary>
    public static string WithoutPort(string text)
    {
        if (text.StartsWith('['))
        {
            var close = text.IndexOf(']', StringComparison.Ordinal);
            return close < 0 ? text : text[1..close];
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 || text.IndexOf(':', colon + 1) >= 0 ? text : text[..colon];
    }

    /// <summary>What match= of an identify section holds: an address with port and mask in that order ("192.168.10.0:5061/24"), or a name.</summary>
    public static string OfMatch(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? WithoutPort(text) : WithoutPort(text[..slash]) + text[slash..];
    }
}
