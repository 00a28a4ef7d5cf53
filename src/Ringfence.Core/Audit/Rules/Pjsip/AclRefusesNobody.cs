using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>A list of addresses that lets everybody in.</summary>
/// <remarks>main/acl.c, ast_apply_ha: whom no rule fits is let in.</remarks>
internal static class AclRefusesNobody
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1003",
        Name = "acl-refuses-nobody",
        Severity = Severity.High,
        // Measured on 22.10.1: an endpoint with permit=192.0.2.0/24 alone took a REGISTER and an INVITE from 198.51.100.7.
        Why = "Asterisk lets in whom no rule of a list fits. A list that only permits keeps nobody out, however short it is.",
        Fix = "Write deny = 0.0.0.0/0.0.0.0 and deny = ::/0 above the permits.",
        Bad = """
            [1001]
            type = endpoint
            permit = 192.0.2.0/24 ; here
            ;;; acl.conf
            [office] ; here
            permit = 192.0.2.0/24
            """,
        Good = """
            [1001]
            type = endpoint
            deny = 0.0.0.0/0.0.0.0
            permit = 192.0.2.0/24
            ;;; acl.conf
            [office]
            deny = 0.0.0.0/0
            permit = 192.0.2.0/24
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Core-Configuration/Named-ACLs/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    // Of lists that are held against what a phone writes another rule tells (contact-acl-believed), and its mend makes them these.
    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from owned in AccessLists.Inline(pbx).Where(static owned => !owned.IsContacts).Concat(AclConf.IsRefused(pbx) ? [] : AccessLists.Named(pbx))
        let list = owned.List
        where list is { IsWhole: true, Rules.Count: > 0 } && !list.RefusesSomebody(isIPv4: true) && !list.RefusesSomebody(isIPv4: false)
        select new Fault(owned.Place, owned.Subject, "the list lets every address in")
        {
            // A list for every packet holds for providers too, and those may stand outside of it: who they are a person has to look up.
            Mend = !(IsForAll(pbx, owned) && (pbx.Pjsip.Of("identify").Any() || pbx.Pjsip.Of("registration").Any())) && list.Rules.All(static rule => rule.Permits && rule.Network.PrefixLength > 0)
                ? new Mend("deny everybody above the first permit", new InsertLines(list.Rules[0].Place.File, list.Rules[0].Place.Line - 1, [owned.Deny("0.0.0.0/0.0.0.0"), owned.Deny("::/0")]))
                : null,
        };

    private static bool IsForAll(PbxSnapshot pbx, OwnedAccessList owned) => pbx.Pjsip.Of("acl").Any(acl => owned.Subject == $"acl {Shown.Text(acl.Name)}");
}
