using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Asterisk;

/// <summary>Messages without an end.</summary>
internal static class MailboxUnbounded
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1563",
        Name = "mailbox-unbounded",
        Severity = Severity.Low,
        Why = "Without maxsecs one call may record for hours, and some hundred calls fill the disk, with Asterisk's logs and call records on it.",
        Fix = "Set maxsecs = 180 in [general].",
        ExampleFile = "voicemail.conf",
        Bad = """
            [general] ; here
            format = wav
            [default]
            1001 => 730418,Reception
            """,
        Good = """
            [general]
            maxsecs = 180
            [default]
            1001 => 730418,Reception
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Applications/Voicemail/"),
        Topic = AuditTopic.Asterisk,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var general = pbx.Config("voicemail.conf").First("general");
        var bound = general?.Find("maxsecs") ?? general?.Find("maxmessage");
        return general is null || (bound is not null && bound.Value != "0") || !Mailboxes.Of(pbx).Any()
            ? []
            : [new Fault(bound?.Place ?? general.Place, "voicemail.conf", "a message may be as long as the disk") { Mend = new Mend("three minutes", OptionEdit.Set(general, "maxsecs", "180")) }];
    }
}
