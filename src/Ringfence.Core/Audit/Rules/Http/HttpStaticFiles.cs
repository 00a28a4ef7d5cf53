using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Http;

/// <summary>Asterisk's web server gives out files to the network.</summary>
internal static class HttpStaticFiles
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1454",
        Name = "http-static-files",
        Severity = Severity.Low,
        Why = "Everything under static-http is there for everybody, without a password, and such pages have had holes of their own.",
        Fix = "Set enable_static = no, or bindaddr = 127.0.0.1.",
        ExampleFile = "http.conf",
        Bad = """
            [general]
            enabled = yes
            bindaddr = 0.0.0.0
            enablestatic = yes ; here
            """,
        Good = """
            [general]
            enabled = yes
            bindaddr = 127.0.0.1
            enablestatic = yes
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Core-Configuration/Asterisk-Builtin-mini-HTTP-Server/"),
        Topic = AuditTopic.Http,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var http = HttpInterface.Read(pbx);
        return from name in (string[])["enablestatic", "enable_static"]
               let setting = http.General?.Find(name)
               where http.IsOnNetwork && setting is not null && AsteriskBool.IsTrue(setting.Value) && !HttpInterface.IsRestricted(pbx, "static")
               select new Fault(setting.Place, "http.conf", "files of static-http are open to the network") { Mend = new Mend("turn it off", OptionEdit.Set(http.General!, name, "no")) };
    }
}
