using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Asterisk;

/// <summary>A control socket that every user of the machine may write to.</summary>
internal static class ControlSocketForAll
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1553",
        Name = "control-socket-for-all",
        Severity = Severity.High,
        Why = "Whoever writes to asterisk.ctl has the console: it adds extensions that run programs, originates calls and shows what the files hold.",
        Fix = "Set astctlpermissions = 0660 and astctlgroup to the group of those who administer the PBX.",
        ExampleFile = "asterisk.conf",
        Bad = """
            [files]
            astctlpermissions = 0666 ; here
            """,
        Good = """
            [files]
            astctlpermissions = 0660
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Core-Configuration/Asterisk-Main-Configuration-File/"),
        Topic = AuditTopic.Asterisk,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from section in pbx.Config("asterisk.conf").Named("files")
        let setting = section.Find("astctlpermissions")
        where setting is { Value.Length: >= 3 and <= 5 } && setting.Value.All(static digit => digit is >= '0' and <= '7') && ((setting.Value[^1] - '0') & 2) != 0
        select new Fault(setting.Place, "asterisk.conf", "every user of this machine has Asterisk's console")
        {
            Mend = new Mend("for its user and group", OptionEdit.Set(section, "astctlpermissions", "0660")),
        };
}
