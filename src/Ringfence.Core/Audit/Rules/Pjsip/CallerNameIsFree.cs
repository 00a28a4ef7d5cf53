using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>A phone that logs in by its credentials' name may write any number into From.</summary>
/// <remarks>res/res_pjsip.c, ast_sip_set_id_from_invite.</remarks>
internal static class CallerNameIsFree
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1020",
        Name = "caller-number-is-free",
        Severity = Severity.Medium,
        // Measured on 22.10.1: identify_by=auth_username, From <sip:boss@...>, Authorization of 1004: the channel's caller ID was boss, whether or not endpoint_identifier_order names auth_username.
        Why = "The endpoint is found by the name in its Authorization, so its From may say anything, and what From says is the caller's number where callerid is not set: any phone calls as the director, or as a number that the voice mailbox trusts.",
        Fix = "Write callerid = Name <number> into the endpoint.",
        Bad = """
            [1001] ; here
            type = endpoint
            auth = 1001
            identify_by = auth_username
            """,
        Good = """
            [global]
            type = global
            endpoint_identifier_order = ip,auth_username,username
            [1001]
            type = endpoint
            auth = 1001
            identify_by = auth_username
            callerid = Reception <1001>
            [1002]
            type = endpoint
            auth = 1002
            identify_by = username
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Channel-Drivers/SIP/Configuring-res_pjsip/Configuring-Endpoint-Identification/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from endpoint in pbx.Pjsip.Endpoints
        where PjsipPeers.HasAuth(endpoint) && PjsipPeers.IdentifiedBy(endpoint).Contains("auth_username") && string.IsNullOrEmpty(endpoint["callerid"]) && !ModulesConf.LeavesOut(pbx, "res_pjsip_endpoint_identifier_user")
        select new Fault(endpoint.Place, $"endpoint {Shown.Text(endpoint.Name)}", "it may call with any number: From need not be its own, and there is no callerid");
}
