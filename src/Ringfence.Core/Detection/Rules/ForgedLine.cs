using Ringfence.Core.Rules;

namespace Ringfence.Core.Detection.Rules;

/// <summary>A log names an address that sent nothing.</summary>
internal static class ForgedLine
{
    public static readonly DetectionRule Rule = new()
    {
        Id = "RF2015",
        Name = "forged-line",
        Severity = Severity.Medium,
        Why = "A line of a log says that an address was refused, and neither HEP nor the wire saw it send anything: somebody else wrote the line, to get that address banned. It does not count.",
        Fix = "Nothing: the address is not banned. Let Asterisk write the security level as [json] into a file of its own, where callers can't write lines.",
        Bad = """
            sip 2026-11-20 12:00:00.000 UDP 203.0.113.9:5060 REGISTER x 401
            [2026-11-20 12:00:00.337] SECURITY[1] res_security_log.c: SecurityEvent="ChallengeResponseFailed",EventTV="2026-11-20T12:00:00.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1001",SessionID="3e43a5e600@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",Challenge="1795219113/6394",Response="c059",ExpectedResponse=""
            # here
            """,
        Good = """
            sip 2026-11-20 12:00:00.000 UDP 198.51.100.7:5060 REGISTER 1001 401 auth
            [2026-11-20 12:00:00.337] SECURITY[1] res_security_log.c: SecurityEvent="ChallengeResponseFailed",EventTV="2026-11-20T12:00:00.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1001",SessionID="3e43a5e600@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",Challenge="1795219113/6394",Response="c059",ExpectedResponse=""
            """,
        Reference = new Uri("https://owasp.org/www-community/attacks/Log_Injection"),
        Kinds = [],
        Check = null,
    };
}
