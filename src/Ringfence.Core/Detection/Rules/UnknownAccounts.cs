using Ringfence.Core.Events;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Detection.Rules;

/// <summary>Accounts that do not exist, tried again and again.</summary>
internal static class UnknownAccounts
{
    public static readonly DetectionRule Rule = new()
    {
        Id = "RF2002",
        Name = "unknown-accounts",
        Severity = Severity.High,
        Why = "Somebody asks for accounts that do not exist: a scanner looking for extensions, or one that has a wrong list.",
        Fix = "Nothing, if it is a stranger. If it is a phone whose account was removed: switch the phone off, then run ringfence unban ADDRESS.",
        Bad = """
            [2026-11-20 23:58:10.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T23:58:10.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="5555",SessionID="3e43a5e600@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336"
            [2026-11-20 23:58:11.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T23:58:11.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="5555",SessionID="3e43a5e601@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336"
            [2026-11-20 23:58:12.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T23:58:12.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="5555",SessionID="3e43a5e602@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336"
            [2026-11-20 23:58:13.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T23:58:13.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="5555",SessionID="3e43a5e603@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336"
            [2026-11-20 23:58:14.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T23:58:14.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="5555",SessionID="3e43a5e604@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336"
            # here
            """,
        Good = """
            [2026-11-20 23:58:10.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T23:58:10.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="5555",SessionID="3e43a5e600@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336"
            [2026-11-20 23:58:11.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T23:58:11.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="5555",SessionID="3e43a5e601@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336"
            [2026-11-20 23:58:12.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T23:58:12.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="5555",SessionID="3e43a5e602@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336"
            [2026-11-20 23:58:13.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T23:58:13.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="5555",SessionID="3e43a5e603@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336"
            [2026-11-20 23:58:20.337] SECURITY[2297] res_security_log.c: SecurityEvent="ChallengeSent",EventTV="2026-11-20T23:58:20.337+0000",Severity="Informational",Service="PJSIP",EventVersion="1",AccountID="<unknown>",SessionID="3e43a5e600@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",Challenge=""
            [2026-11-20 23:58:21.337] SECURITY[2297] res_security_log.c: SecurityEvent="ChallengeSent",EventTV="2026-11-20T23:58:21.337+0000",Severity="Informational",Service="PJSIP",EventVersion="1",AccountID="<unknown>",SessionID="3e43a5e601@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",Challenge=""
            [2026-11-20 23:58:22.337] SECURITY[2297] res_security_log.c: SecurityEvent="ChallengeSent",EventTV="2026-11-20T23:58:22.337+0000",Severity="Informational",Service="PJSIP",EventVersion="1",AccountID="<unknown>",SessionID="3e43a5e602@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",Challenge=""
            [2026-11-20 23:58:23.337] SECURITY[2297] res_security_log.c: SecurityEvent="ChallengeSent",EventTV="2026-11-20T23:58:23.337+0000",Severity="Informational",Service="PJSIP",EventVersion="1",AccountID="<unknown>",SessionID="3e43a5e603@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",Challenge=""
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Security/Asterisk-Security-Event-Logger/"),
        Kinds = [EventKind.AccountUnknown],
        Check = Check,
    };

    private static Claim? Check(in PbxEvent seen, Refusals refusals, Configuration.DetectionSettings settings)
    {
        var count = refusals.Count(seen, settings.Window);
        return count >= settings.Refusals ? new Claim(count, "tries of accounts that do not exist") : null;
    }
}
