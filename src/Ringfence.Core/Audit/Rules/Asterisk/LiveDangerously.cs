using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Asterisk;

/// <summary>Dangerous functions from outside the dialplan.</summary>
internal static class LiveDangerously
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1550",
        Name = "live-dangerously",
        Severity = Severity.High,
        Why = "Everybody who may set or read a variable from outside (a manager user with call, ARI) may then run programs by SHELL and read files of the whole machine.",
        Fix = "Set live_dangerously = no, which is the default since Asterisk 12.",
        ExampleFile = "asterisk.conf",
        Bad = """
            [options]
            live_dangerously = yes ; here
            """,
        Good = """
            [options]
            live_dangerously = no
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Dialplan/Privilege-Escalations-with-Dialplan-Functions/"),
        Topic = AuditTopic.Asterisk,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from section in pbx.Config("asterisk.conf").Named("options")
        let setting = section.Find("live_dangerously")
        where setting is not null && AsteriskBool.IsTrue(setting.Value)
        select new Fault(setting.Place, "asterisk.conf", "SHELL, FILE and files outside the configuration are open to manager users and ARI") { Mend = new Mend("turn it off", OptionEdit.Set(section, "live_dangerously", "no")) };
}
