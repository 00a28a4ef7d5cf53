using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>The first refused requests of an address are not logged.</summary>
/// <remarks>res/res_pjsip/pjsip_distributor.c, check_endpoint.</remarks>
internal static class SlowScansUnseen
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1026",
        Name = "slow-scans-unseen",
        Severity = Severity.Medium,
        // Measured on 22.10.1: with auth_username in the order the first 4 requests in 5 s from an address in an unknown name gave neither an event nor a notice.
        Why = "With auth_username in endpoint_identifier_order Asterisk tells of an unknown account only from the fifth request within five seconds on. Whoever asks more slowly is in no log, and nothing that reads logs can ban him.",
        Fix = "Write unidentified_request_count = 1 into [global]: then the second request is told of. Have Ringfence watch messages (HEP or the wire).",
        Bad = """
            [global]
            type = global
            user_agent = PBX
            endpoint_identifier_order = ip,username,auth_username ; here
            """,
        Good = """
            [global]
            type = global
            user_agent = PBX
            endpoint_identifier_order = ip,username,auth_username
            unidentified_request_count = 1
            """,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Module_Configuration/res_pjsip/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from global in pbx.Pjsip.Of("global")
        let order = global.Find("endpoint_identifier_order")
        where order is not null && order.Value.Split(',', StringSplitOptions.TrimEntries).Contains("auth_username", StringComparer.OrdinalIgnoreCase)
            && (!uint.TryParse(global["unidentified_request_count"], out var count) || count > 2)
        select new Fault(order.Place, "global", "who asks for unknown accounts slowly is in no log")
        {
            Mend = new Mend("tell of the second on", ObjectEdit.Set(global, "unidentified_request_count", "1")),
        };
}
