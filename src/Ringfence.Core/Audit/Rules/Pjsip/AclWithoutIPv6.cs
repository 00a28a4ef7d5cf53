using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>A list that says nothing about IPv6, where SIP is spoken over IPv6.</summary>
/// <remarks>main/acl.c, ast_apply_ha: "An IPv4 ACL does not apply to an IPv6 address".</remarks>
internal static class AclWithoutIPv6
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1005",
        Name = "acl-without-ipv6",
        Severity = Severity.High,
        // Measured on 22.10.1: deny=0.0.0.0/0.0.0.0 with a permit refused IPv4 and let 2001:db8:bad:1::7 call.
        Why = "Rules for IPv4 fit no IPv6 address, and whom no rule fits is let in. The PBX listens for SIP on IPv6 too, so the list keeps nobody out there.",
        Fix = "Add deny = ::/0 above the permits, and a permit for each IPv6 network that needs it.",
        Bad = """
            [udp6]
            type = transport
            protocol = udp
            bind = [::]:5060
            [1001]
            type = endpoint
            deny = 0.0.0.0/0.0.0.0 ; here
            permit = 192.0.2.0/24
            """,
        Good = """
            [udp6]
            type = transport
            protocol = udp
            bind = [::]:5060
            [1001]
            type = endpoint
            deny = 0.0.0.0/0.0.0.0
            deny = ::/0
            permit = 192.0.2.0/24
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Core-Configuration/Named-ACLs/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    // Lists of contacts: contact-acl-believed.
    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        if (!pbx.Pjsip.Transports.Any(static transport => transport["bind"] is { } bind && bind.StartsWith('[') && !bind.StartsWith("[::1]", StringComparison.Ordinal)))
        {
            return [];
        }

        return from owned in AccessLists.Inline(pbx).Where(static owned => !owned.IsContacts).Concat(AclConf.IsRefused(pbx) ? [] : AccessLists.NamedByEndpoints(pbx))
               let list = owned.List
               where list.IsWhole && list.RefusesSomebody(isIPv4: true) && !list.RefusesSomebody(isIPv4: false)
               let first = list.Rules[0].Place
               select new Fault(first, owned.Subject, "the list keeps no IPv6 address out, and SIP is spoken over IPv6")
               {
                   Mend = new Mend("deny IPv6 too", new InsertLines(first.File, first.Line, [owned.Deny("::/0")])),
               };
    }
}
