using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.OldChannels;

/// <summary>A list of addresses of sip.conf or iax.conf that lets everybody in.</summary>
/// <remarks>main/acl.c, ast_apply_ha: whom no rule fits is let in.</remarks>
internal static class OldAclRefusesNobody
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1255",
        Name = "old-acl-refuses-nobody",
        Severity = Severity.High,
        Why = "Asterisk lets in whom no rule of a list fits. A list that only permits keeps nobody out, however short it is.",
        Fix = "Write deny = 0.0.0.0/0.0.0.0 above the permits.",
        ExampleFile = "iax.conf",
        Bad = """
            [1001]
            type = friend
            host = dynamic
            secret = Xk9-mP2vL8-qR5w-77aZ
            permit = 192.0.2.0/24 ; here
            """,
        Good = """
            [1001]
            type = friend
            host = dynamic
            secret = Xk9-mP2vL8-qR5w-77aZ
            deny = 0.0.0.0/0.0.0.0
            permit = 192.0.2.0/24
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Core-Configuration/Named-ACLs/"),
        Topic = AuditTopic.OldChannels,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from peer in OldPeers.Sip(pbx).Concat(OldPeers.Iax(pbx))
        let list = AccessLists.Of(peer)
        where list is { IsWhole: true, Rules.Count: > 0 } && !list.RefusesSomebody(isIPv4: true) && !list.RefusesSomebody(isIPv4: false)
        let first = list.Rules[0].Place
        select new Fault(first, $"account {Shown.Text(peer.Name)}", "the list lets every address in")
        {
            Mend = list.Rules.All(static rule => rule.Permits && rule.Network.PrefixLength > 0)
                ? new Mend("deny everybody above the first permit", new InsertLines(first.File, first.Line - 1, ["deny = 0.0.0.0/0.0.0.0"])) : null,
        };
}
