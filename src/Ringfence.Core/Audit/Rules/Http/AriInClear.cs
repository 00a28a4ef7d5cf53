using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Http;

/// <summary>ARI passwords cross the network unencrypted.</summary>
internal static class AriInClear
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1450",
        Name = "ari-in-clear",
        Severity = Severity.High,
        Why = "ARI sends its password with each request, in clear, and it can start calls, read them and record them.",
        Fix = "Set bindaddr = 127.0.0.1, and let remote programs come by tlsbindaddr with tlsenable = yes or through a web server in front.",
        ExampleFile = "http.conf",
        Bad = """
            [general]
            enabled = yes
            bindaddr = 0.0.0.0 ; here
            ;;; ari.conf
            [general]
            enabled = yes
            [app]
            type = user
            password = Ar1-Very-Long-Secret
            """,
        Good = """
            [general]
            enabled = yes
            bindaddr = 127.0.0.1
            tlsenable = yes
            tlsbindaddr = 0.0.0.0:8089
            tlscertfile = /etc/asterisk/keys/pbx.pem
            ;;; ari.conf
            [general]
            enabled = yes
            [app]
            type = user
            password = Ar1-Very-Long-Secret
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Interfaces/Asterisk-REST-Interface-ARI/Asterisk-Configuration-for-ARI/"),
        Topic = AuditTopic.Http,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var http = HttpInterface.Read(pbx);
        var users = http.IsOnNetwork && !HttpInterface.IsRestricted(pbx, "ari") ? HttpInterface.AriUsers(pbx).ToList() : [];
        return users.Count == 0 ? [] :
        [
            new Fault(http.Place, "http.conf", $"{Shown.Text(users[0].Name, 40)}{(users.Count == 1 ? "" : $" and {users.Count - 1} more users of ARI")} may log in over the network in clear"),
        ];
    }
}
