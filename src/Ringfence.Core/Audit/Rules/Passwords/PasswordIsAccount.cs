using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Passwords;

/// <summary>The password is the account's name.</summary>
internal static class PasswordIsAccount
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1200",
        Name = "password-is-account",
        Severity = Severity.Critical,
        Why = "Whoever guesses tries the account's own name as its password first: scanners of SIP the number of the extension, others the name of the user.",
        Fix = "Give the account a random password of 20 characters and whoever logs in with it, a phone or a program, the same.",
        Bad = """
            [1001-auth]
            type = auth
            username = 1001
            password = 1001 ; here
            """,
        Good = """
            [1001-auth]
            type = auth
            username = 1001
            password = Xk9-mP2vL8-qR5w-77aZ
            """,
        Reference = new Uri("https://github.com/EnableSecurity/sipvicious/wiki/SVCrack-Usage"),
        Topic = AuditTopic.Passwords,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) => PasswordJudge.Faults(pbx, PasswordFlaw.IsAccount, Severity.Critical, "the password is the account's name, or that written backwards or twice");
}
