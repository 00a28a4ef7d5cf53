using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Passwords;

/// <summary>A password of less than 12 characters.</summary>
internal static class PasswordIsShort
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1204",
        Name = "password-is-short",
        Severity = Severity.Medium,
        Why = "Short passwords fall to whoever tries all of them, over weeks or at home once he has a digest from the network.",
        Fix = "Give the account a random password of 20 characters and whoever logs in with it, a phone or a program, the same.",
        Bad = """
            [1001-auth]
            type = auth
            username = 1001
            password = k7Qz-v2R ; here
            """,
        Good = """
            [1001-auth]
            type = auth
            username = 1001
            password = k7Qz-v2RmW4x
            """,
        Reference = new Uri("https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver"),
        Topic = AuditTopic.Passwords,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) => PasswordJudge.Faults(pbx, PasswordFlaw.Short, Severity.Medium, "the password has less than 12 characters");
}
