using System.Security.Cryptography;
using System.Text;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>The answer to a digest challenge (RFC 2617 section 3.2.2; Asterisk offers MD5 with qop=auth).</summary>
internal static class Digest
{
    /// <param name="challenge">The 401 that carries it.</param>
    /// <param name="nonce">Another nonce than the challenge's: a stale one.</param>
    /// <returns>The value of an Authorization header.</returns>
    public static string Answer(SipAnswer challenge, string method, string uri, string user, string password, string? nonce = null)
    {
        const string Header = "WWW-Authenticate";
        const string ClientNonce = "0a4f113b";
        const string Count = "00000001";
        var realm = challenge.Parameter(Header, "realm");
        nonce ??= challenge.Parameter(Header, "nonce");
        var response = Hash(
            $"{Hash($"{user}:{realm}:{password}")}:{nonce}:{Count}:{ClientNonce}:auth:{Hash($"{method}:{uri}")}");
        return $"Digest username=\"{user}\",realm=\"{realm}\",nonce=\"{nonce}\",uri=\"{uri}\",response=\"{response}\","
            + $"cnonce=\"{ClientNonce}\",nc={Count},qop=auth,algorithm=MD5,opaque=\"{challenge.Parameter(Header, "opaque")}\"";
    }

#pragma warning disable CA5351 // SIP phones answer with MD5: it is what is attacked, not what protects.
    private static string Hash(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.Latin1.GetBytes(text)));
#pragma warning restore CA5351
}
