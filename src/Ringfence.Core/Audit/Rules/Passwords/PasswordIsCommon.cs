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
        Fix = "Give the account a random password of 20 characters and whoever logs in with it, a phone or a program, the same.",
        Bad = """
            [1001-auth]
            type = auth
            username = 1001
            password = ChangeMe2026 ; here
            [1002-auth]
            type = auth
            username = 1002
            password = Sommer2024!!!! ; here
            [1003-auth]
            type = auth
            username = 1003
            auth_type = md5
            md5_cred = f6139a1fdacb96a51c5496ca23aa237e ; here
            [provider-out]
            type = auth
            username = 49301234
            password = Passwort1 ; here
            [provider]
            type = registration
            server_uri = sip:203.0.113.10
            client_uri = sip:49301234@203.0.113.10
            outbound_auth = provider-out
            ;;; res_odbc.conf
            [asterisk]
            enabled = yes
            dsn = asterisk
            username = asteriskuser
            password = amp109 ; here
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

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) => PasswordJudge.Faults(pbx, PasswordFlaw.Common, Severity.Critical, "the password is one that guessers try first");
}
