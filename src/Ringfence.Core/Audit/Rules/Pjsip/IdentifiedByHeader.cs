using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>An endpoint without a password that is known by a header, or by the number that is called.</summary>
/// <remarks>res/res_pjsip_endpoint_identifier_ip.c: an address or a header is enough, both are never asked for.</remarks>
internal static class IdentifiedByHeader
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1008",
        Name = "identified-by-header",
        Severity = Severity.High,
        // Measured on 22.10.1: INVITE from 198.51.100.7 with that header was answered by the dialplan; and one to a URI that match_request_uri fits, also with identify_by = ip.
        Why = "Whoever sends that header, or calls that number, from whatever address, is this endpoint, and it has no password. Both cross the network in clear over UDP and TCP, numbers are dialled one by one, and nothing else keeps the context shut.",
        Fix = "Know the trunk by its address (match) or give it auth. An address beside match_header or match_request_uri does not help: either of them is enough.",
        Bad = """
            [trunk]
            type = endpoint
            context = from-trunk
            identify_by = ip,header
            [trunk]
            type = identify
            endpoint = trunk
            match_header = X-Trunk: 42 ; here
            [hotline]
            type = endpoint
            context = from-trunk
            identify_by = ip
            [hotline]
            type = identify
            endpoint = hotline
            match_request_uri = /^sip:900/ ; here
            """,
        Good = """
            [trunk]
            type = endpoint
            context = from-trunk
            auth = trunk
            [trunk]
            type = identify
            endpoint = trunk
            match_header = X-Trunk: 42
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Channel-Drivers/SIP/Configuring-res_pjsip/Configuring-Endpoint-Identification/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from identify in pbx.Pjsip.Of("identify")
        from option in (string[])["match_header", "match_request_uri"]
        where identify[option] is { Length: > 0 }
        let endpoint = pbx.Pjsip.Find("endpoint", identify["endpoint"] ?? "")
        where endpoint is not null && !PjsipPeers.HasAuth(endpoint) && !AccessLists.MayRefuse(pbx, endpoint)
        select new Fault(identify.PlaceOf(option), $"endpoint {Shown.Text(endpoint.Name)}", $"whoever {(option == "match_header" ? "sends this header" : "sends a request to such a URI")} calls in its context without a password");
}
