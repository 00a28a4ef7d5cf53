using Ringfence.Core.Events;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Detection.Rules;

/// <summary>Several different accounts that do not exist, from one address.</summary>
internal static class AccountScan
{
    public static readonly DetectionRule Rule = new()
    {
        Id = "RF2003",
        Name = "account-scan",
        Severity = Severity.High,
        Why = "Somebody walks through account names to see which exist (svwar and its kin). One phone has one name; a list of names that nobody has is a scanner.",
        Fix = "Nothing, if it is a stranger. If several of your phones behind one address lost their accounts: run ringfence unban ADDRESS, and trust that address.",
        Bad = """
            [2026-11-20 23:58:10.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T23:58:10.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="100",SessionID="3e43a5e600@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336"
            [2026-11-20 23:58:11.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T23:58:11.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="101",SessionID="3e43a5e601@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336"
            [2026-11-20 23:58:12.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T23:58:12.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="102",SessionID="3e43a5e602@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336"
            [2026-11-20 23:58:13.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T23:58:13.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="103",SessionID="3e43a5e603@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336"
            # here
            """,
        Good = """
            [2026-11-20 23:58:10.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T23:58:10.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="100",SessionID="3e43a5e600@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336"
            [2026-11-20 23:58:11.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T23:58:11.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="101",SessionID="3e43a5e601@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336"
            [2026-11-20 23:58:12.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T23:58:12.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="102",SessionID="3e43a5e602@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336"
            [2026-11-20 23:58:13.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T23:58:13.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="100",SessionID="3e43a5e603@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336"
            """,
        Reference = new Uri("https://github.com/EnableSecurity/sipvicious/wiki/SVWar-Usage"),
        Kinds = [EventKind.AccountUnknown],
        Check = Check,
    };

    private static Claim? Check(in PbxEvent seen, Refusals refusals, Configuration.DetectionSettings settings)
    {
        var count = refusals.CountAccounts(seen, settings.Window);
        return count >= settings.ScanAccounts ? new Claim(count, "different accounts that do not exist") : null;
    }
}
