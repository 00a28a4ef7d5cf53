using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>An acl object of pjsip.conf, which somebody takes for a list that endpoints can name.</summary>
internal static class GlobalAcl
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1112",
        Name = "global-acl",
        Severity = Severity.Medium,
        // Measured on 22.10.1: with [office-acl] type=acl every packet from elsewhere got 403, the provider's too, and acl=office-acl in an endpoint let everybody in.
        Why = "A section with type = acl in pjsip.conf holds for every packet of SIP, the provider's and the phones' at home too, and refuses without a security event. Endpoints can't name it: their acl is looked up in acl.conf alone.",
        Fix = "For single endpoints write the list into acl.conf and name it with acl, or write permit and deny into the endpoint. Keep type = acl only for what may talk SIP to this PBX at all.",
        Bad = """
            [office-acl] ; here
            type = acl
            deny = 0.0.0.0/0
            permit = 192.0.2.0/24
            [1001]
            type = endpoint
            acl = office-acl
            """,
        Good = """
            [anyone-who-may]
            type = acl
            deny = 0.0.0.0/0
            permit = 192.0.2.0/24
            [1001]
            type = endpoint
            acl = office
            ;;; acl.conf
            [office]
            deny = 0.0.0.0/0
            permit = 192.0.2.0/24
            """,
        Reference = new Uri("https://docs.asterisk.org/Latest_API/API_Documentation/Module_Configuration/res_pjsip_acl/"),
        Topic = AuditTopic.Options,
        Check = Check,
    };

    // One that nobody names may be meant to hold for all.
    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var named = (from endpoint in pbx.Pjsip.Endpoints from option in (string[])["acl", "contact_acl"] from name in endpoint.List(option) select name.Text).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return from acl in pbx.Pjsip.Of("acl")
               where named.Contains(acl.Name)
               select new Fault(acl.Place, $"acl {Shown.Text(acl.Name)}", "endpoints name it, but type = acl holds for every packet and for no endpoint by name");
    }
}
