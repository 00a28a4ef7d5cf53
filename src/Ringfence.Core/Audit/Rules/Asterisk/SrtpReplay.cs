using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Asterisk;

/// <summary>Encrypted sound that may be played again.</summary>
internal static class SrtpReplay
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1557",
        Name = "srtp-replay",
        Severity = Severity.Medium,
        Why = "Without replay protection a recorded packet of encrypted sound is taken a second time.",
        Fix = "Set srtpreplayprotection = yes, which is the default.",
        ExampleFile = "rtp.conf",
        Bad = """
            [general]
            srtpreplayprotection = no ; here
            """,
        Good = """
            [general]
            srtpreplayprotection = yes
            """,
        Reference = new Uri("https://www.rfc-editor.org/rfc/rfc3711#section-3.3.2"),
        Topic = AuditTopic.Asterisk,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from section in pbx.Config("rtp.conf").Named("general")
        let setting = section.Find("srtpreplayprotection")
        where setting is not null && AsteriskBool.Parse(setting.Value) is false
        select new Fault(setting.Place, "rtp.conf", "recorded packets of encrypted calls are taken again") { Mend = new Mend("refuse them", OptionEdit.Set(section, "srtpreplayprotection", "yes")) };
}
