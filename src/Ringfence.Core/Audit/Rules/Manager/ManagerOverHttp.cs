using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Manager;

/// <summary>The manager interface over HTTP.</summary>
internal static class ManagerOverHttp
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1410",
        Name = "manager-over-http",
        Severity = Severity.Medium,
        // Measured on 22.10.1: a username with %0a wrote complete SECURITY lines of any length.
        Why = "Logins come by URL, land in histories and proxies' logs, and whoever reaches the web server can write whole lines into the plain security log by the name that he logs in with.",
        Fix = "Set webenabled = no. Programs that need HTTP have ARI.",
        ExampleFile = "manager.conf",
        Bad = """
            [general]
            enabled = yes
            webenabled = yes ; here
            ;;; http.conf
            [general]
            enabled = yes
            bindaddr = 0.0.0.0
            """,
        Good = """
            [general]
            enabled = yes
            webenabled = no
            ;;; http.conf
            [general]
            enabled = yes
            bindaddr = 0.0.0.0
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Manager-Interface-AMI/"),
        Topic = AuditTopic.Manager,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var manager = ManagerInterface.Read(pbx);
        var http = HttpInterface.Read(pbx);
        return manager is { IsEnabled: true, General: { } general } && http.Address is not null && general.Find("webenabled") is { } setting && AsteriskBool.IsTrue(setting.Value)
            ? [new Fault(setting.Place, "manager.conf", $"logins by URL at /rawman, /manager and /mxml of the web server{(http.IsOnNetwork ? ", from the network" : "")}")
                {
                    Severity = http.IsOnNetwork ? null : Severity.Low,
                    Mend = new Mend("turn it off", OptionEdit.Set(general, "webenabled", "no")),
                }]
            : [];
    }
}
