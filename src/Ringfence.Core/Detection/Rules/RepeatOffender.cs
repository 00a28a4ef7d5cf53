using Ringfence.Core.Rules;

namespace Ringfence.Core.Detection.Rules;

/// <summary>Comes back each time a ban ends.</summary>
internal static class RepeatOffender
{
    public static readonly DetectionRule Rule = new()
    {
        Id = "RF2005",
        Name = "repeat-offender",
        Severity = Severity.High,
        Why = "The address was banned several times (by default 5 times in a day), by whatever rules: it comes back each time. It is banned for long, by default for a week. Bans on evidence over UDP alone do not count, for packets can be forged; unproven = ban lets them count.",
        Fix = "Nothing, if it is a stranger. ringfence why ADDRESS shows each ban; ringfence unban ADDRESS ends the last one.",
        Bad = """
            [2026-11-20 00:00:00.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T00:00:00.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="5555",SessionID="3e43a5e6@lab",LocalAddress="IPV4/TCP/10.99.0.1/5060",RemoteAddress="IPV4/TCP/198.51.100.7/34336"
            [2026-11-20 02:00:00.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T02:00:00.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="5555",SessionID="3e43a5e6@lab",LocalAddress="IPV4/TCP/10.99.0.1/5060",RemoteAddress="IPV4/TCP/198.51.100.7/34336"
            [2026-11-20 05:00:00.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T05:00:00.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="5555",SessionID="3e43a5e6@lab",LocalAddress="IPV4/TCP/10.99.0.1/5060",RemoteAddress="IPV4/TCP/198.51.100.7/34336"
            [2026-11-20 10:00:00.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T10:00:00.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="5555",SessionID="3e43a5e6@lab",LocalAddress="IPV4/TCP/10.99.0.1/5060",RemoteAddress="IPV4/TCP/198.51.100.7/34336"
            [2026-11-20 19:30:00.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T19:30:00.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="5555",SessionID="3e43a5e6@lab",LocalAddress="IPV4/TCP/10.99.0.1/5060",RemoteAddress="IPV4/TCP/198.51.100.7/34336"
            # here
            """,
        Good = """
            [2026-11-20 00:00:00.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T00:00:00.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="5555",SessionID="3e43a5e6@lab",LocalAddress="IPV4/TCP/10.99.0.1/5060",RemoteAddress="IPV4/TCP/198.51.100.7/34336"
            [2026-11-20 02:00:00.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T02:00:00.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="5555",SessionID="3e43a5e6@lab",LocalAddress="IPV4/TCP/10.99.0.1/5060",RemoteAddress="IPV4/TCP/198.51.100.7/34336"
            [2026-11-20 05:00:00.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T05:00:00.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="5555",SessionID="3e43a5e6@lab",LocalAddress="IPV4/TCP/10.99.0.1/5060",RemoteAddress="IPV4/TCP/198.51.100.7/34336"
            [2026-11-20 10:00:00.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-20T10:00:00.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="5555",SessionID="3e43a5e6@lab",LocalAddress="IPV4/TCP/10.99.0.1/5060",RemoteAddress="IPV4/TCP/198.51.100.7/34336"
            [2026-11-21 05:30:00.337] SECURITY[2297] res_security_log.c: SecurityEvent="InvalidAccountID",EventTV="2026-11-21T05:30:00.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="5555",SessionID="3e43a5e6@lab",LocalAddress="IPV4/TCP/10.99.0.1/5060",RemoteAddress="IPV4/TCP/198.51.100.7/34336"
            """,
        Reference = new Uri("https://github.com/fail2ban/fail2ban/blob/master/config/filter.d/recidive.conf"),
        Kinds = [],
        Check = null,
        ExampleSettings = new Configuration.DetectionSettings { Refusals = 1 },
    };
}
