namespace Ringfence.Core.Parsing;

/// <summary>Pieces of SIP headers as logs quote them.</summary>
internal static class SipText
{
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
