using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Http;

/// <summary>The status page of Asterisk's web server is open to the network.</summary>
internal static class HttpStatusPage
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1455",
        Name = "http-status-page",
        Severity = Severity.Low,
        Why = "It tells everybody the version, the addresses it listens on and what else the server offers.",
        Fix = "Set enable_status = no, or bindaddr = 127.0.0.1.",
        ExampleFile = "http.conf",
        Bad = """
            [general]
            enabled = yes
            bindaddr = 0.0.0.0
            enable_status = yes ; here
            """,
        Good = """
            [general]
            enabled = yes
            bindaddr = 0.0.0.0
            enable_status = no
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Core-Configuration/Asterisk-Builtin-mini-HTTP-Server/"),
        Topic = AuditTopic.Http,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var http = HttpInterface.Read(pbx);
        return http.IsOnNetwork && http.General?.Find("enable_status") is { } setting && AsteriskBool.IsTrue(setting.Value) && !HttpInterface.IsRestricted(pbx, "httpstatus")
            ? [new Fault(setting.Place, "http.conf", "everybody may read /httpstatus") { Mend = new Mend("turn it off", OptionEdit.Set(http.General, "enable_status", "no")) }]
            : [];
    }
}
