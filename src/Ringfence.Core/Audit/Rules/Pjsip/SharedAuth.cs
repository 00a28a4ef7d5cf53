using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>One password for several phones.</summary>
internal static class SharedAuth
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1012",
        Name = "shared-auth",
        Severity = Severity.Medium,
        Why = "Several phones log in with one auth section. Who finds or is told one password has all of them, and when one phone is lost every one of them needs a new one.",
        Fix = "Give each phone an auth section of its own.",
        Bad = """
            [1001]
            type = endpoint
            auth = office
            aors = 1001
            [1002]
            type = endpoint
            auth = office
            aors = 1002
            [1001]
            type = aor
            max_contacts = 1
            [1002]
            type = aor
            max_contacts = 1
            [office] ; here
            type = auth
            username = office
            password = Xk9-mP2vL8-qR5w-77aZ
            """,
        Good = """
            [1001]
            type = endpoint
            auth = 1001
            aors = 1001
            [1001]
            type = aor
            max_contacts = 1
            [1001]
            type = auth
            username = 1001
            password = Xk9-mP2vL8-qR5w-77aZ
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Channel-Drivers/SIP/Configuring-res_pjsip/PJSIP-Configuration-Sections-and-Relationships/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var peers = PjsipPeers.Of(pbx);
        return from endpoint in pbx.Pjsip.Endpoints
               where peers.IsPhone(endpoint)
               from named in endpoint.List("auth")
               group endpoint.Name by named.Text into shared
               where shared.Distinct(StringComparer.Ordinal).Count() > 1
               let auth = pbx.Pjsip.Find("auth", shared.Key)
               where auth is not null
               select new Fault(auth.Place, $"auth {Shown.Text(auth.Name)}", $"{shared.Count()} phones log in with it: {string.Join(", ", shared.Take(5).Select(static name => Shown.Text(name)))}{(shared.Count() > 5 ? "..." : "")}");
    }
}
