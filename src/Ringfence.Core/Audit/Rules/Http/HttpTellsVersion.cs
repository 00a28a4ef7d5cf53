using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Http;

/// <summary>The web server tells strangers the exact version of Asterisk.</summary>
internal static class HttpTellsVersion
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1456",
        Name = "http-tells-version",
        Severity = Severity.Low,
        Why = "Without servername each answer has \"Server: Asterisk/\" and the version: whoever looks for a version with a known hole finds it with one request.",
        Fix = "Set servername = Asterisk, or an empty servername, which leaves the header out.",
        ExampleFile = "http.conf",
        Bad = """
            [general]
            enabled = yes
            bindaddr = 0.0.0.0 ; here
            """,
        Good = """
            [general]
            servername = Asterisk
            enabled = yes
            bindaddr = 0.0.0.0
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Core-Configuration/Asterisk-Builtin-mini-HTTP-Server/"),
        Topic = AuditTopic.Http,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var http = HttpInterface.Read(pbx);
        return http is { IsOnNetwork: true, General: { } general } && general.Find("servername") is null
            ? [new Fault(http.Place, "http.conf", "each answer names the exact version of Asterisk") { Mend = new Mend("name no version", OptionEdit.Set(general, "servername", "Asterisk")) }]
            : [];
    }
}
