using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>An endpoint names an access list that Asterisk does not have.</summary>
/// <remarks>main/named_acl.c, ast_named_acl_find; main/acl.c, ast_append_acl.</remarks>
internal static class MissingNamedAcl
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1002",
        Name = "missing-named-acl",
        Severity = Severity.High,
        // Measured on 22.10.1: without acl.conf, or with one that it refuses for an unknown option, "Attempted to find named ACL 'office', but the ACL configuration isn't available."
        // and a stranger with the password registered and called. With an acl.conf, even an empty one, that lacks the name: "Rejecting '...' due to use of an invalid ACL", for everybody.
        Why = "The endpoint looks restricted and is not: where Asterisk has no acl.conf that it accepts, it lets everybody in whom the named list should keep out. Where only the name is missing it keeps everybody out.",
        Fix = "Add the section to acl.conf (deny first, then permit), or write deny and permit into the endpoint itself.",
        Bad = """
            [1001]
            type = endpoint
            acl = office ; here
            """,
        Good = """
            [1001]
            type = endpoint
            acl = office
            ;;; acl.conf
            [office]
            deny = 0.0.0.0/0.0.0.0
            deny = ::/0
            permit = 192.0.2.0/24
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Core-Configuration/Named-ACLs/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var file = pbx.Config("acl.conf");

        // Lists of a database are in no file.
        if (pbx.Config("extconfig.conf").Named("settings").Any(static settings => settings.Find("acls") is not null))
        {
            return [];
        }

        var isRefused = file.Sections.Where(static section => section.Name != "general").SelectMany(static section => section.Settings)
            .Any(static setting => setting.Name.ToLowerInvariant() is not ("permit" or "deny"));
        var known = file.Sections.Select(static section => section.Name).ToHashSet(StringComparer.Ordinal);
        return from endpoint in pbx.Pjsip.Endpoints
               from option in (string[])["acl", "contact_acl"]
               from named in endpoint.List(option)
               where !known.Contains(named.Text) || isRefused
               select Missing(endpoint, option, named.Text, named.Place, file.Exists, isRefused);
    }

    private static Fault Missing(PjsipObject endpoint, string option, string name, Place place, bool exists, bool isRefused)
    {
        var subject = $"endpoint {Shown.Text(endpoint.Name)}";
        var names = $"{option} names {Shown.Text(name)}";
        return !exists ? new Fault(place, subject, $"{names}, and there is no acl.conf: nobody is kept out")
            : isRefused ? new Fault(place, subject, $"{names}, and Asterisk refuses the whole acl.conf for an option that is neither permit nor deny: nobody is kept out")
            : new Fault(place, subject, $"{names}, which acl.conf does not have: everybody is kept out") { Severity = Severity.Medium };
    }
}
