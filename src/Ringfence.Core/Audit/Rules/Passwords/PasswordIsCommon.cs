using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Passwords;

/// <summary>The password is one that guessers try first.</summary>
internal static class PasswordIsCommon
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1201",
        Name = "password-is-common",
        Severity = Severity.Critical,
        Why = "The password is in the lists that guessers begin with, or in a guide that others read too, or is such a word with little beside it.",
        Fix = "Give the account a random password of 20 characters and its phone the same.",
        Bad = """
            [1001-auth]
            type = auth
            username = 1001
            password = ChangeMe2026 ; here
            """,
        Good = """
            [1001-auth]
            type = auth
            username = 1001
            password = Xk9-mP2vL8-qR5w-77aZ
            """,
        Reference = new Uri("https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver"),
        Topic = AuditTopic.Passwords,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) => PasswordJudge.Faults(pbx, PasswordFlaw.Common, "the password is one that guessers try first");
}
