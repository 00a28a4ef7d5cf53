using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>An endpoint names an access list that acl.conf does not have.</summary>
internal static class MissingNamedAcl
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1002",
        Name = "missing-named-acl",
        Severity = Severity.High,
        // Measured on 22.10.1: "Attempted to find named ACL 'office-acl', but the ACL configuration isn't available." and the REGISTER of a stranger was 200 OK.
        Why = "Asterisk lets everybody in where an access list that is named does not exist: it fails open. The endpoint looks restricted and is not.",
        Fix = "Add the section to acl.conf (deny first, then permit), or write deny and permit into the endpoint itself.",
        Bad = """
            [1001]
            type = endpoint
            acl = office ; here
            ;;; acl.conf
            [home]
            deny = 0.0.0.0/0.0.0.0
            permit = 192.0.2.0/24
            """,
        Good = """
            [1001]
            type = endpoint
            acl = office
            ;;; acl.conf
            [office]
            deny = 0.0.0.0/0.0.0.0
            permit = 192.0.2.0/24
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Core-Configuration/Named-ACLs/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var known = pbx.Config("acl.conf").Sections.Select(static section => section.Name).ToHashSet(StringComparer.Ordinal);
        return from endpoint in pbx.Pjsip.Endpoints
               from option in (string[])["acl", "contact_acl"]
               from named in endpoint.List(option)
               where !known.Contains(named.Text)
               select new Fault(named.Place, $"endpoint {Shown.Text(endpoint.Name)}", $"{option} names {Shown.Text(named.Text)}, which acl.conf does not have: nobody is kept out");
    }
}
