using System.Text;

namespace Ringfence.Core.Parsing;

/// <summary>Pieces of SIP headers as logs quote them.</summary>
internal static class SipText
{
    /// <summary>Who a From, To or request line of a message names, as the PBX reads it: quotes may hold angle brackets, and so may parameters behind the address. What stands
    /// before the @ is the user, semicolons with it (RFC 3261, 25.1).</summary>
    /// <returns>As <see cref="User"/>.</returns>
    public static ReadOnlySpan<byte> UserOfHeader(ReadOnlySpan<byte> header)
    {
        var uri = UriOf(header);
        var colon = uri.IndexOf((byte)':');
        uri = colon < 0 ? uri : uri[(colon + 1)..];
        var at = uri.IndexOf((byte)'@');
        var end = at >= 0 ? at : uri.IndexOf((byte)';');
        return end < 0 ? uri : uri[..end];
    }

    /// <returns>Whether the header names somebody: a user before the @, or a number (RFC 3966).</returns>
    public static bool HasUser(ReadOnlySpan<byte> header) => UriOf(header) is var uri
        && (uri.Contains((byte)'@') || (uri.Length > 4 && Ascii.EqualsIgnoreCase(uri[..4], "tel:"u8)));

    private static ReadOnlySpan<byte> UriOf(ReadOnlySpan<byte> header)
    {
        var uri = header;
        var isQuoted = false;
        for (var i = 0; i < header.Length && (isQuoted || header[i] != ';'); i++)
        {
            if (isQuoted && header[i] == '\\')
            {
                i++;
            }
            else if (header[i] == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (!isQuoted && header[i] == '<')
            {
                uri = header[(i + 1)..];
                var close = uri.IndexOf((byte)'>');
                return close < 0 ? uri : uri[..close];
            }
        }

        return uri;
    }

    /// <returns>The user of "&lt;sip:user@host&gt;" or '"name" &lt;sip:user@host&gt;', as written; the host where there is no user; empty where there is neither.</returns>
    public static ReadOnlySpan<byte> User(ReadOnlySpan<byte> nameAddress)
    {
        var open = nameAddress.LastIndexOf((byte)'<');
        var uri = open < 0 ? nameAddress : nameAddress[(open + 1)..];
        var close = uri.IndexOf((byte)'>');
        uri = close < 0 ? uri : uri[..close];
        var colon = uri.IndexOf((byte)':');
        uri = colon < 0 ? uri : uri[(colon + 1)..];
        var end = uri.IndexOfAny((byte)'@', (byte)';');
        return end < 0 ? uri : uri[..end];
    }
}
