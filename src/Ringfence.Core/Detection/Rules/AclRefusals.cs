using Ringfence.Core.Events;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Detection.Rules;

/// <summary>Refusals by an access list.</summary>
internal static class AclRefusals
{
    public static readonly DetectionRule Rule = new()
    {
        Id = "RF2004",
        Name = "acl-refusals",
        Severity = Severity.Medium,
        Why = "An access list of an account or of the manager keeps refusing this address: somebody tries an account from where it may not be used.",
        Fix = "If the address is yours, add it to the permit lines of the account (acl, contact_acl, permit in pjsip.conf; permit in manager.conf), then run ringfence unban ADDRESS.",
        Bad = """
            [2026-11-20 23:58:10.337] SECURITY[2297] res_security_log.c: SecurityEvent="FailedACL",EventTV="2026-11-20T23:58:10.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1006",SessionID="3e43a5e600@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",ACLName="not_match_endpoint_acl"
            [2026-11-20 23:58:11.337] SECURITY[2297] res_security_log.c: SecurityEvent="FailedACL",EventTV="2026-11-20T23:58:11.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1006",SessionID="3e43a5e601@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",ACLName="not_match_endpoint_acl"
            [2026-11-20 23:58:12.337] SECURITY[2297] res_security_log.c: SecurityEvent="FailedACL",EventTV="2026-11-20T23:58:12.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1006",SessionID="3e43a5e602@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",ACLName="not_match_endpoint_acl"
            [2026-11-20 23:58:13.337] SECURITY[2297] res_security_log.c: SecurityEvent="FailedACL",EventTV="2026-11-20T23:58:13.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1006",SessionID="3e43a5e603@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",ACLName="not_match_endpoint_acl"
            [2026-11-20 23:58:14.337] SECURITY[2297] res_security_log.c: SecurityEvent="FailedACL",EventTV="2026-11-20T23:58:14.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1006",SessionID="3e43a5e604@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",ACLName="not_match_endpoint_acl"
            # here
            """,
        Good = """
            [2026-11-20 23:58:10.337] SECURITY[2297] res_security_log.c: SecurityEvent="FailedACL",EventTV="2026-11-20T23:58:10.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1001",SessionID="3e43a5e600@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",ACLName="registrar_attempt_exceeds_maximum_configured_contacts"
            [2026-11-20 23:58:11.337] SECURITY[2297] res_security_log.c: SecurityEvent="FailedACL",EventTV="2026-11-20T23:58:11.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1001",SessionID="3e43a5e601@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",ACLName="registrar_attempt_exceeds_maximum_configured_contacts"
            [2026-11-20 23:58:12.337] SECURITY[2297] res_security_log.c: SecurityEvent="FailedACL",EventTV="2026-11-20T23:58:12.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1001",SessionID="3e43a5e602@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",ACLName="registrar_attempt_exceeds_maximum_configured_contacts"
            [2026-11-20 23:58:13.337] SECURITY[2297] res_security_log.c: SecurityEvent="FailedACL",EventTV="2026-11-20T23:58:13.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1001",SessionID="3e43a5e603@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",ACLName="registrar_attempt_exceeds_maximum_configured_contacts"
            [2026-11-20 23:58:14.337] SECURITY[2297] res_security_log.c: SecurityEvent="FailedACL",EventTV="2026-11-20T23:58:14.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1001",SessionID="3e43a5e604@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",ACLName="registrar_attempt_exceeds_maximum_configured_contacts"
            [2026-11-20 23:58:15.337] SECURITY[2297] res_security_log.c: SecurityEvent="FailedACL",EventTV="2026-11-20T23:58:15.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1001",SessionID="3e43a5e605@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",ACLName="registrar_attempt_exceeds_maximum_configured_contacts"
            [2026-11-20 23:58:16.337] SECURITY[2297] res_security_log.c: SecurityEvent="FailedACL",EventTV="2026-11-20T23:58:16.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1001",SessionID="3e43a5e606@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",ACLName="registrar_attempt_exceeds_maximum_configured_contacts"
            [2026-11-20 23:58:17.337] SECURITY[2297] res_security_log.c: SecurityEvent="FailedACL",EventTV="2026-11-20T23:58:17.337+0000",Severity="Error",Service="PJSIP",EventVersion="1",AccountID="1001",SessionID="3e43a5e607@lab",LocalAddress="IPV4/UDP/10.99.0.1/5060",RemoteAddress="IPV4/UDP/198.51.100.7/34336",ACLName="registrar_attempt_exceeds_maximum_configured_contacts"
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Core-Configuration/Named-ACLs/"),
        Kinds = [EventKind.AclRefused],
        Check = Check,
    };

    private static Claim? Check(in PbxEvent seen, Refusals refusals, Configuration.DetectionSettings settings)
    {
        var count = refusals.Count(seen, settings.Window);
        return count >= settings.Refusals ? new Claim(count, "refusals by an access list") : null;
    }
}
