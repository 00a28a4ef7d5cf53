using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Asterisk;

/// <summary>Core dumps of Asterisk.</summary>
internal static class DumpsCore
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1554",
        Name = "dumps-core",
        Severity = Severity.Low,
        Why = "A core dump holds every password and the sound of calls that were going on, in a file that stays behind.",
        Fix = "Set dumpcore = no, unless somebody is looking for a crash right now.",
        ExampleFile = "asterisk.conf",
        Bad = """
            [options]
            dumpcore = yes ; here
            """,
        Good = """
            [options]
            dumpcore = no
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Core-Configuration/Asterisk-Main-Configuration-File/"),
        Topic = AuditTopic.Asterisk,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from section in pbx.Config("asterisk.conf").Named("options")
        let setting = section.Find("dumpcore")
        where setting is not null && AsteriskBool.IsTrue(setting.Value)
        select new Fault(setting.Place, "asterisk.conf", "a crash leaves a file with every password in it") { Mend = new Mend("turn it off", OptionEdit.Set(section, "dumpcore", "no")) };
}
