using Ringfence.Core.Rules;

namespace Ringfence.Core.Detection.Rules;

/// <summary>Refusals that no log tells.</summary>
internal static class HiddenRefusals
{
    public static readonly DetectionRule Rule = new()
    {
        Id = "RF2016",
        Name = "hidden-refusals",
        Severity = Severity.High,
        Why = "HEP or the wire shows refused logins of this address, and Asterisk's logs hold none of them, though they tell of others: the sender hides from log readers, as with a byte in the Call-ID that is not UTF-8. The refusals count all the same.",
        Fix = "Nothing for Ringfence. Whatever else reads those logs (fail2ban, a SIEM) does not see this attacker.",
        Bad = """
            [2026-11-20 11:59:00.337] SECURITY[1] res_security_log.c: SecurityEvent="SuccessfulAuth",EventTV="2026-11-20T11:59:00.337+0000",Severity="Informational",Service="PJSIP",EventVersion="1",AccountID="1002",SessionID="1@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/203.0.113.9/5060",UsingPassword="1"
            sip 2026-11-20 12:00:00.000 UDP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:00:01.000 UDP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:00:02.000 UDP 198.51.100.7:5060 REGISTER 1001 401 auth
            # here
            """,
        Good = """
            [2026-11-20 11:59:00.337] SECURITY[1] res_security_log.c: SecurityEvent="SuccessfulAuth",EventTV="2026-11-20T11:59:00.337+0000",Severity="Informational",Service="PJSIP",EventVersion="1",AccountID="1002",SessionID="1@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/203.0.113.9/5060",UsingPassword="1"
            sip 2026-11-20 12:00:00.000 UDP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:00:01.000 UDP 198.51.100.7:5060 REGISTER 1001 401 auth
            sip 2026-11-20 12:00:02.000 UDP 198.51.100.7:5060 REGISTER 1001 401 auth
            [2026-11-20 12:00:03.337] SECURITY[1] res_security_log.c: SecurityEvent="ChallengeResponseFailed",EventTV="2026-11-20T12:00:02.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1001",SessionID="3e43a5e600@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",Challenge="1795219113/6394",Response="c059",ExpectedResponse=""
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Security/Asterisk-Security-Event-Logger/"),
        Kinds = [],
        Check = null,
    };
}
