using Ringfence.Core.Audit.Rules.Passwords;
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

    private static readonly HashSet<string> First = ["1234", "0000", "1111", "2222", "3333", "4444", "5555", "6666", "7777", "8888", "9999", "4321", "12345", "123456", "00000", "000000", "1212", "2580", "1122", "0123"];

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from box in Mailboxes.Of(pbx)
        let text = box.Pin.Length == 0 ? "has no PIN"
            : box.Pin == box.Number ? "its PIN is its number"
            : First.Contains(box.Pin) || PasswordRuns.Predictable(box.Pin) == box.Pin.Length || IsDoubled(box.Pin) ? "its PIN is one of those that are tried first"
            : box.Pin.Length < 4 ? "its PIN has less than four digits"
            : null
        where text is not null
        select new Fault(box.Place, box.Subject, text) { IsSecret = true };

    // 4242, 731731.
    private static bool IsDoubled(string pin) => pin.Length >= 4 && pin.Length % 2 == 0 && pin[..(pin.Length / 2)] == pin[(pin.Length / 2)..];
}
