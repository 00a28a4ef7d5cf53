using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>Calls that are encrypted to whoever answers.</summary>
/// <remarks>res/res_pjsip/pjsip_configuration.c: dtls_verify is no unless it is given; webrtc = yes makes it fingerprint.</remarks>
internal static class DtlsUnverified
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1045",
        Name = "dtls-unverified",
        Severity = Severity.Medium,
        Why = "With media_encryption = dtls the two sides agree on keys in the media stream itself. dtls_verify is no unless it is given: then nobody checks that the other end is the one from the SIP message, and whoever is on the way sits between.",
        Fix = "Write dtls_verify = fingerprint.",
        Bad = """
            [1001]
            type = endpoint
            media_encryption = dtls ; here
            dtls_auto_generate_cert = yes
            """,
        Good = """
            [1001]
            type = endpoint
            media_encryption = dtls
            dtls_auto_generate_cert = yes
            dtls_verify = fingerprint
            [1002]
            type = endpoint
            webrtc = yes
            media_encryption = dtls
            """,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Module_Configuration/res_pjsip/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var edit = new SharedEdit(pbx.Pjsip.Endpoints.Where(static endpoint => !IsUnverified(endpoint)), "dtls_verify", "media_encryption");
        return from endpoint in pbx.Pjsip.Endpoints
               where IsUnverified(endpoint)
               select new Fault(endpoint.PlaceOf("media_encryption"), $"endpoint {Shown.Text(endpoint.Name)}", "nobody checks with whom the keys are agreed on")
               {
                   Mend = new Mend("check the fingerprint that SIP carries", edit.Set(endpoint, "fingerprint")),
               };
    }

    private static bool IsUnverified(PjsipObject endpoint) =>
        string.Equals(endpoint["media_encryption"], "dtls", StringComparison.OrdinalIgnoreCase) && !AsteriskBool.IsTrue(endpoint["webrtc"])
        && endpoint["dtls_verify"]?.ToLowerInvariant() is not ("fingerprint" or "certificate") && !AsteriskBool.IsTrue(endpoint["dtls_verify"]);
}
