using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Passwords;

/// <summary>A mailbox whose PIN is its number.</summary>
internal static class PinIsMailbox
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1210",
        Name = "pin-is-mailbox",
        Severity = Severity.High,
        Why = "The mailbox's own number is the first PIN that anybody tries, and the one that systems give out. Behind it are messages, and often a way to call back or out.",
        Fix = "Give each mailbox another random PIN of six digits; minpassword = 6 in voicemail.conf makes people keep to it.",
        ExampleFile = "voicemail.conf",
        Bad = """
            [general]
            format = wav49
            [default]
            1001 => 1001,Reception ; here
            """,
        Good = """
            [general]
            format = wav49
            [default]
            1001 => 739402,Reception
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Applications/Voicemail/"),
        Topic = AuditTopic.Passwords,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from box in Mailbox.All(pbx)
        where box.Pin == box.Number || (box.Pin.Length >= 4 && box.Pin == new string([.. box.Number.Reverse()]))
        select box.Fault("its PIN is its number, or that backwards");
}
