using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Passwords;

/// <summary>A mailbox whose PIN everybody tries.</summary>
internal static class PinIsCommon
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1211",
        Name = "pin-is-common",
        Severity = Severity.High,
        Why = "One in ten PINs that people choose is 1234, and the three most frequent together open almost one mailbox in five: a caller may try as many.",
        Fix = "Give each mailbox another random PIN of six digits.",
        ExampleFile = "voicemail.conf",
        Bad = """
            [default]
            1001 => 1234,Reception ; here
            1002 => 0000,Sales ; here
            1003 => 2580,Stock ; here
            """,
        Good = """
            [default]
            1001 => 739402,Reception
            """,
        Reference = new Uri("https://www.datagenetics.com/blog/september32012/"),
        Topic = AuditTopic.Passwords,
        Check = Check,
    };

    // The most frequent of published leaks of PINs, beside runs and repetitions.
    private static readonly string[] Frequent = ["1212", "1004", "2000", "6969", "1122", "1313", "2001", "1010", "2580", "0852", "1998", "1999", "123123", "121212", "112233", "159753", "1478", "0007", "4200", "5150"];

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from box in Mailbox.All(pbx)
        where box.Pin.Length >= 2 && box.Pin != box.Number && (Frequent.Contains(box.Pin) || box.Pin.Distinct().Count() == 1 || IsDoubled(box.Pin) || PasswordRuns.Predictable(box.Pin) == box.Pin.Length)
        select box.Fault("its PIN is one that everybody tries");

    private static bool IsDoubled(string pin) => pin.Length % 2 == 0 && pin[..(pin.Length / 2)] == pin[(pin.Length / 2)..];
}
