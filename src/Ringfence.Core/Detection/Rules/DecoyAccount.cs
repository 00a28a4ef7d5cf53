using System.Text;
using Ringfence.Core.Events;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Detection.Rules;

/// <summary>An account that nobody has, set out to be tried.</summary>
internal static class DecoyAccount
{
    public static readonly DetectionRule Rule = new()
    {
        Id = "RF2006",
        Name = "decoy-account",
        Severity = Severity.High,
        Why = "The account is on your list of decoys: nobody has it, so whoever asks for it is a scanner. One try over TCP or TLS, or from an address that HEP or the wire prove, is enough; over UDP, where one packet may be forged, one throttles (unproven = throttle), and as many as refusals ban where unproven is short or ban.",
        Fix = "Nothing. If a real phone uses the name, take it off the decoy lines of ringfence.conf.",
        Bad = """
            [2026-11-20 23:58:10.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T23:58:10.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="admin",SessionID="3e43a5e600@lab",LocalAddress="IPV4/TCP/10.99.0.1/5060",RemoteAddress="IPV4/TCP/198.51.100.7/34336"
            # here
            """,
        Good = """
            [2026-11-20 23:58:10.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T23:58:10.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="administrator",SessionID="3e43a5e600@lab",LocalAddress="IPV4/TCP/10.99.0.1/5060",RemoteAddress="IPV4/TCP/198.51.100.7/34336"
            """,
        Reference = new Uri("https://owasp.org/www-project-appsensor/"),
        Kinds = [EventKind.AccountUnknown, EventKind.PasswordRefused, EventKind.AclRefused],
        Check = Check,
        ExampleSettings = new Configuration.DetectionSettings { Decoys = ["admin"] },
    };

    private static Claim? Check(in PbxEvent seen, Refusals refusals, Configuration.DetectionSettings settings)
    {
        foreach (var decoy in settings.Decoys)
        {
            if (Ascii.Equals(seen.Account, decoy))
            {
                var count = refusals.CountOfAccount(seen, refusals.Newest.AccountHash, settings.Window);
                // Over UDP one packet may be forged: it throttles, which hurts nobody who lives at the address.
                return new Claim(count, count == 1 ? $"tried the decoy account {decoy}" : $"tries of the decoy account {decoy}") { ThrottleOnly = seen.Proof != Proof.Proven && count < settings.Refusals };
            }
        }

        return null;
    }
}
