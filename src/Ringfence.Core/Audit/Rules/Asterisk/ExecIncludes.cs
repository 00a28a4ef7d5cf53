using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Asterisk;

/// <summary>Configuration files that run programs.</summary>
internal static class ExecIncludes
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1551",
        Name = "exec-includes",
        Severity = Severity.Medium,
        Why = "With execincludes = yes each #exec line of a configuration is run at every reload as the user of Asterisk, and whoever can write one file, a phone's web form perhaps, runs programs.",
        Fix = "Set execincludes = no, and write what the programs print into files that are included.",
        ExampleFile = "asterisk.conf",
        Bad = """
            [options]
            execincludes = yes ; here
            """,
        Good = """
            [options]
            execincludes = no
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Core-Configuration/Asterisk-Main-Configuration-File/"),
        Topic = AuditTopic.Asterisk,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from section in pbx.Config("asterisk.conf").Named("options")
        let setting = section.Find("execincludes")
        where setting is not null && AsteriskBool.IsTrue(setting.Value)
        select new Fault(setting.Place, "asterisk.conf", "a line #exec in any of its files runs a program at each reload");
}
