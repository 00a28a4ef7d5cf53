using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Asterisk;

/// <summary>Asterisk is told to run as root.</summary>
internal static class RunsAsRoot
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1552",
        Name = "runs-as-root",
        Severity = Severity.High,
        Why = "A hole in Asterisk, or a manager user with a shell, is then the whole machine.",
        Fix = "Set runuser = asterisk and rungroup = asterisk, and give that user /var/lib/asterisk, /var/log/asterisk, /var/spool/asterisk and read access to /etc/asterisk.",
        ExampleFile = "asterisk.conf",
        Bad = """
            [options]
            runuser = root ; here
            """,
        Good = """
            [options]
            runuser = asterisk
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Core-Configuration/Asterisk-Main-Configuration-File/"),
        Topic = AuditTopic.Asterisk,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from section in pbx.Config("asterisk.conf").Named("options")
        let setting = section.Find("runuser")
        where setting is not null && setting.Value is "root" or "0"
        select new Fault(setting.Place, "asterisk.conf", "Asterisk runs as root");
}
