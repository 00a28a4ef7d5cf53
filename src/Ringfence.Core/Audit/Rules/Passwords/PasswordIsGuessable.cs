using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Passwords;

/// <summary>A password that is long and of a kind of which there are few.</summary>
internal static class PasswordIsGuessable
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1205",
        Name = "password-is-guessable",
        Severity = Severity.Medium,
        // 3,800 wrong passwords a second on one core: measured on 22.10.1 (GuessTime).
        Why = "One core of an Asterisk answers 3,800 guesses a second, and whoever forges his address meets no limit that counts by addresses: all passwords of this kind are tried in less than a hundred years on one core, and guessers have many.",
        Fix = "Give the account a random password of 20 characters, letters and digits, and whoever logs in with it, a phone or a program, the same.",
        Bad = """
            [1001-auth]
            type = auth
            username = 1001
            password = 829471650384 ; here
            [1002-auth]
            type = auth
            username = 1002
            password = CallCenter2023! ; here
            [1003-auth]
            type = auth
            username = 1003
            password = MySecretPass99 ; here
            """,
        Good = """
            [1001-auth]
            type = auth
            username = 1001
            password = hvqkzmwtbxpf
            [1002-auth]
            type = auth
            username = 1002
            password = correct horse battery staple
            """,
        Reference = new Uri("https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver"),
        Topic = AuditTopic.Passwords,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) => PasswordJudge.Faults(pbx, PasswordFlaw.Guessable, Severity.Medium, "there are too few passwords of its kind, and one core of an Asterisk can be asked for all of them in this time");
}
