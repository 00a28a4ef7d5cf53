using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Passwords;

/// <summary>The password is a run of keys, a sequence or a repetition.</summary>
internal static class PasswordIsPattern
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1203",
        Name = "password-is-pattern",
        Severity = Severity.High,
        Why = "What lies side by side on a keyboard, counts up or repeats itself looks long and is in every list of guesses.",
        Fix = "Give the account a random password of 20 characters and whoever logs in with it, a phone or a program, the same.",
        Bad = """
            [1001-auth]
            type = auth
            username = 1001
            password = 1qaz2wsx3edc ; here
            [1002-auth]
            type = auth
            username = 1002
            password = 123123123123 ; here
            """,
        Good = """
            [1001-auth]
            type = auth
            username = 1001
            password = Xk9-mP2vL8-qR5w-1234
            """,
        Reference = new Uri("https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver"),
        Topic = AuditTopic.Passwords,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) => PasswordJudge.Faults(pbx, PasswordFlaw.Pattern, Severity.High, "the password is a run of keys, a sequence or a repetition");
}
