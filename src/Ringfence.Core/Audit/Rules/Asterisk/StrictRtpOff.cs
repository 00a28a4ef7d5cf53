using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Asterisk;

/// <summary>Sound is taken from whoever sends it.</summary>
internal static class StrictRtpOff
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1556",
        Name = "strict-rtp-off",
        Severity = Severity.High,
        Why = "With strictrtp = no Asterisk sends a call's sound to the last address that sent a packet to its port: strangers listen in and speak (RTP bleed).",
        Fix = "Set strictrtp = yes, which is the default.",
        ExampleFile = "rtp.conf",
        Bad = """
            [general]
            strictrtp = no ; here
            """,
        Good = """
            [general]
            strictrtp = yes
            """,
        Reference = new Uri("https://www.rtpbleed.com/"),
        Topic = AuditTopic.Asterisk,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from section in pbx.Config("rtp.conf").Named("general")
        let setting = section.Find("strictrtp")
        where setting is not null && AsteriskBool.Parse(setting.Value) is false
        select new Fault(setting.Place, "rtp.conf", "the sound of each call goes to whoever sends a packet to its port") { Mend = new Mend("take it from the phone alone", OptionEdit.Set(section, "strictrtp", "yes")) };
}
