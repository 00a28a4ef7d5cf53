using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Passwords;

/// <summary>A mailbox whose PIN has less than four digits.</summary>
internal static class PinIsShort
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1213",
        Name = "pin-is-short",
        Severity = Severity.Medium,
        Why = "Asterisk lets a caller try three times in a call and does not count over calls: a thousand PINs take an evening.",
        Fix = "Give each mailbox a random PIN of six digits.",
        ExampleFile = "voicemail.conf",
        Bad = """
            [default]
            1001 => 739,Reception ; here
            """,
        Good = """
            [default]
            1001 => 7394,Reception
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Applications/Voicemail/"),
        Topic = AuditTopic.Passwords,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from box in Mailbox.All(pbx)
        where box.Pin.Length is > 0 and < 4 && box.Pin != box.Number && box.Pin.Distinct().Count() > 1 && PasswordRuns.Predictable(box.Pin) == 0
        select box.Fault("its PIN has less than four digits");
}
