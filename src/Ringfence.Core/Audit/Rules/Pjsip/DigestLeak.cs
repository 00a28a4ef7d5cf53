using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>A phone that may ask Asterisk for a digest of a password.</summary>
/// <remarks>res/res_pjsip_outbound_authenticator_digest.c: whoever is called may answer 401 or 407, and Asterisk computes the answer.</remarks>
internal static class DigestLeak
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1013",
        Name = "digest-leak",
        Severity = Severity.High,
        // Measured on 22.10.1: a registered phone that was called answered 407 with a nonce of its own, and the next INVITE had Proxy-Authorization with the digest.
        Why = "The endpoint takes registrations and has outbound_auth: whoever is registered there may answer a call or its end with a challenge, and Asterisk sends him a digest of that password, which he then guesses at home at full speed.",
        Fix = "Remove outbound_auth from the phone: it is for providers that want a login from you.",
        Bad = """
            [1001]
            type = endpoint
            auth = 1001
            outbound_auth = 1001 ; here
            aors = 1001
            [1001]
            type = aor
            max_contacts = 1
            """,
        Good = """
            [trunk]
            type = endpoint
            outbound_auth = trunk
            aors = trunk
            [trunk]
            type = aor
            contact = sip:sip.provider.example.com
            [1001]
            type = endpoint
            auth = 1001
            aors = 1001
            [1001]
            type = aor
            max_contacts = 1
            """,
        Reference = new Uri("https://github.com/EnableSecurity/sipvicious/wiki/SIP-Digest-Leak"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var peers = PjsipPeers.Of(pbx);
        return from endpoint in pbx.Pjsip.Endpoints
               where endpoint["outbound_auth"] is { Length: > 0 } && peers.IsRegisteredWith(endpoint) && !IsFixed(pbx, endpoint)
               let setting = endpoint.Find("outbound_auth")!
               select new Fault(setting.Place, $"endpoint {Shown.Text(endpoint.Name)}", "whoever is registered there may ask for a digest of that password")
               {
                   // A template's line may be others' too, and the wizard's is not called that.
                   Mend = setting.IsInherited || setting.Place.File != "pjsip.conf" ? null : new Mend("remove outbound_auth from the phone", new RemoveLine(setting.Place.File, setting.Place.Line)),
               };
    }

    // A provider at a fixed address, or one where this PBX registers, asks for that password by right.
    private static bool IsFixed(PbxSnapshot pbx, PjsipObject endpoint) =>
        endpoint.List("aors").Any(named => pbx.Pjsip.Find("aor", named.Text)?["contact"] is not null) || pbx.Pjsip.Having("registration", "outbound_auth", endpoint["outbound_auth"]!).Any();
}
