using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Asterisk;

/// <summary>A mailbox with a PIN that is guessed first.</summary>
internal static class MailboxPin
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1561",
        Name = "mailbox-pin",
        Severity = Severity.High,
        Why = "Attackers call, press the mailbox's number and try its own number, 1234 and 0000: they listen to messages, and where the mailbox may call out, they call.",
        Fix = "Give the mailbox a PIN of six digits that is not its number, and set minpassword = 6 in [general].",
        ExampleFile = "voicemail.conf",
        Bad = """
            [general]
            format = wav
            [default]
            1001 => 1001,Reception ; here
            1002 => 1234,Office ; here
            1004 => 4242,Sales ; here
            1005 => 345678,Stock ; here
            1003 => ,Workshop ; here
            """,
        Good = """
            [general]
            format = wav
            [default]
            1001 => 730418,Reception
            1002 => 582093,Office
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Applications/Voicemail/"),
        Topic = AuditTopic.Asterisk,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from box in Mailboxes.Of(pbx)
        let text = box.Pin.Length == 0 ? "has no PIN" : Pins.Wrong(box.Pin, box.Number)
        where text is not null
        select new Fault(box.Place, box.Subject, text) { IsSecret = true };
}
