using System.Net.Sockets;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Http;

/// <summary>An ARI user without a list of addresses on a web server that other machines reach.</summary>
internal static class AriOpenToAll
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1453",
        Name = "ari-open-to-all",
        Severity = Severity.Medium,
        // A wrong ARI password gives no security event and no notice (measured on 22.10.1).
        Why = "Whoever guesses or reads this password can start calls and record them, from any address, and failed logins leave no line in any log.",
        Fix = "Set bindaddr = 127.0.0.1 in http.conf; or give the user deny = 0.0.0.0/0, deny = ::/0 and permit (Asterisk 20.19, 22.9 and later), or allow the port only from the application in the firewall.",
        ExampleFile = "ari.conf",
        Bad = """
            [general]
            enabled = yes
            [app] ; here
            type = user
            password = Ar1-Very-Long-Secret
            ;;; http.conf
            [general]
            enabled = yes
            bindaddr = 0.0.0.0
            """,
        Good = """
            [general]
            enabled = yes
            [app]
            type = user
            password = Ar1-Very-Long-Secret
            deny = 0.0.0.0/0
            permit = 192.0.2.5
            ;;; http.conf
            [general]
            enabled = yes
            bindaddr = 0.0.0.0
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Interfaces/Asterisk-REST-Interface-ARI/Asterisk-Configuration-for-ARI/"),
        Topic = AuditTopic.Http,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var http = HttpInterface.Read(pbx);
        return from user in HttpInterface.AriUsers(pbx)
               where http.IsOnNetwork && !HttpInterface.IsRestricted(pbx, "ari")
               where AccessList.Read(user, pbx) is { } access && access.AllowsStrangers(AddressFamily.InterNetwork)
               select new Fault(user.Place, $"ARI user {Shown.Text(user.Name)}", "may log in from every address");
    }
}
