using Ringfence.Core.Events;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Detection.Rules;

/// <summary>Wrong passwords for accounts that exist.</summary>
internal static class PasswordGuessing
{
    public static readonly DetectionRule Rule = new()
    {
        Id = "RF2001",
        Name = "password-guessing",
        Severity = Severity.High,
        Why = "Somebody tries passwords for accounts that exist; the first right one makes calls at your cost.",
        Fix = "Nothing, if it is a stranger. If it is your phone: correct its password, then run ringfence unban ADDRESS; ringfence trust ADDRESS spares it for good.",
        Bad = """
            [2026-11-20 23:58:10.337] SECURITY[2297] res_security_log.c: SecurityEvent="ChallengeResponseFailed",EventTV="2026-11-20T23:58:10.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1001",SessionID="3e43a5e600@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",Challenge="1795219113/6394",Response="c059",ExpectedResponse=""
            [2026-11-20 23:58:11.337] SECURITY[2297] res_security_log.c: SecurityEvent="ChallengeResponseFailed",EventTV="2026-11-20T23:58:11.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1001",SessionID="3e43a5e601@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",Challenge="1795219113/6394",Response="c059",ExpectedResponse=""
            [2026-11-20 23:58:12.337] SECURITY[2297] res_security_log.c: SecurityEvent="ChallengeResponseFailed",EventTV="2026-11-20T23:58:12.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1001",SessionID="3e43a5e602@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",Challenge="1795219113/6394",Response="c059",ExpectedResponse=""
            [2026-11-20 23:58:13.337] SECURITY[2297] res_security_log.c: SecurityEvent="ChallengeResponseFailed",EventTV="2026-11-20T23:58:13.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1001",SessionID="3e43a5e603@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",Challenge="1795219113/6394",Response="c059",ExpectedResponse=""
            [2026-11-20 23:58:14.337] SECURITY[2297] res_security_log.c: SecurityEvent="ChallengeResponseFailed",EventTV="2026-11-20T23:58:14.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1001",SessionID="3e43a5e604@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",Challenge="1795219113/6394",Response="c059",ExpectedResponse=""
            # here
            """,
        Good = """
            [2026-11-20 23:58:10.337] SECURITY[2297] res_security_log.c: SecurityEvent="ChallengeResponseFailed",EventTV="2026-11-20T23:58:10.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1001",SessionID="3e43a5e600@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",Challenge="1795219113/6394",Response="c059",ExpectedResponse=""
            [2026-11-20 23:58:11.337] SECURITY[2297] res_security_log.c: SecurityEvent="ChallengeResponseFailed",EventTV="2026-11-20T23:58:11.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1001",SessionID="3e43a5e601@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",Challenge="1795219113/6394",Response="c059",ExpectedResponse=""
            [2026-11-20 23:58:12.337] SECURITY[2297] res_security_log.c: SecurityEvent="ChallengeResponseFailed",EventTV="2026-11-20T23:58:12.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1001",SessionID="3e43a5e602@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",Challenge="1795219113/6394",Response="c059",ExpectedResponse=""
            [2026-11-20 23:58:13.337] SECURITY[2297] res_security_log.c: SecurityEvent="ChallengeResponseFailed",EventTV="2026-11-20T23:58:13.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1001",SessionID="3e43a5e603@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",Challenge="1795219113/6394",Response="c059",ExpectedResponse=""
            [2026-11-20 23:58:15.337] SECURITY[2297] res_security_log.c: SecurityEvent="SuccessfulAuth",EventTV="2026-11-20T23:58:15.337+0000",Severity="Informational",Service="PJSIP",EventVersion="1",AccountID="1001",SessionID="3e43a5e604@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",UsingPassword="1"
            [2026-11-20 23:58:16.337] SECURITY[2297] res_security_log.c: SecurityEvent="ChallengeResponseFailed",EventTV="2026-11-20T23:58:16.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1001",SessionID="3e43a5e605@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",Challenge="1795219113/6394",Response="c059",ExpectedResponse=""
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Security/Asterisk-Security-Event-Logger/"),
        Kinds = [EventKind.PasswordRefused],
        Check = Check,
    };

    private static Claim? Check(in PbxEvent seen, Refusals refusals, Configuration.DetectionSettings settings)
    {
        var count = refusals.Count(seen, settings.Window);
        return count >= settings.Refusals ? new Claim(count, "wrong passwords") : null;
    }
}
