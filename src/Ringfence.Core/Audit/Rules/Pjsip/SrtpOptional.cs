using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>Encryption of calls that is only tried.</summary>
/// <remarks>res/res_pjsip_sdp_rtp.c: with media_encryption_optimistic an offer without keys is taken in clear.</remarks>
internal static class SrtpOptional
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1044",
        Name = "srtp-optional",
        Severity = Severity.Low,
        Why = "With media_encryption_optimistic a call goes on in clear wherever the other side offers no encryption, or somebody on the way takes the offer out, and nobody is told.",
        Fix = "Remove media_encryption_optimistic once all phones of this account do SRTP.",
        Bad = """
            [1001]
            type = endpoint
            media_encryption = sdes
            media_encryption_optimistic = yes ; here
            """,
        Good = """
            [1001]
            type = endpoint
            media_encryption = sdes
            media_encryption_optimistic = no
            """,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Module_Configuration/res_pjsip/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var edit = new SharedEdit(pbx.Pjsip.Endpoints.Where(static endpoint => !IsOptional(endpoint)), "media_encryption_optimistic", "media_encryption_optimistic");
        return from endpoint in pbx.Pjsip.Endpoints
               where IsOptional(endpoint)
               select new Fault(endpoint.PlaceOf("media_encryption_optimistic"), $"endpoint {Shown.Text(endpoint.Name)}", "calls go on in clear where the other side offers no encryption")
               {
                   Mend = new Mend("refuse calls in clear", edit.Set(endpoint, "no")),
               };
    }

    private static bool IsOptional(PjsipObject endpoint) =>
        AsteriskBool.IsTrue(endpoint["media_encryption_optimistic"]) && (endpoint["media_encryption"]?.ToLowerInvariant() ?? "no") is not ("no" or "");
}
