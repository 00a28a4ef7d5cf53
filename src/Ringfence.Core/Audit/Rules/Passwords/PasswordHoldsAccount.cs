using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Passwords;

/// <summary>The password is the account's name and little more.</summary>
internal static class PasswordHoldsAccount
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1202",
        Name = "password-holds-account",
        Severity = Severity.High,
        Why = "Guessers try an account's name with what people put before and behind it: a year, an exclamation mark, a word.",
        Fix = "Give the account a random password of 20 characters and whoever logs in with it, a phone or a program, the same.",
        Bad = """
            [1001-auth]
            type = auth
            username = 1001
            password = Xq1001vZ! ; here
            """,
        Good = """
            [1001-auth]
            type = auth
            username = 1001
            password = Lab-1001-w7Kq3Vz
            """,
        Reference = new Uri("https://github.com/EnableSecurity/sipvicious/wiki/SVCrack-Usage"),
        Topic = AuditTopic.Passwords,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) => PasswordJudge.Faults(pbx, PasswordFlaw.HoldsAccount, Severity.High, "the password is the account's name and little more");
}
