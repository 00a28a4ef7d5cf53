using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>A trunk that is known by a host's name.</summary>
/// <remarks>res/res_pjsip_endpoint_identifier_ip.c: names are looked up when the configuration is loaded.</remarks>
internal static class IdentifiedByName
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1010",
        Name = "identified-by-name",
        Severity = Severity.Info,
        Why = "Asterisk asks DNS for the name when it loads its configuration and takes the addresses that it gets for the trunk, which has no password. Whoever answers that question (an open resolver, a lapsed domain) decides who is the trunk, and a provider that moves is locked out until the next reload.",
        Fix = "Write the provider's addresses, or have it log in. If it must be a name, use a resolver that checks DNSSEC.",
        Bad = """
            [trunk]
            type = endpoint
            identify_by = ip
            [trunk]
            type = identify
            endpoint = trunk
            match = sip.provider.example.com ; here
            """,
        Good = """
            [trunk]
            type = endpoint
            identify_by = ip
            [trunk]
            type = identify
            endpoint = trunk
            match = 203.0.113.10
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Channel-Drivers/SIP/Configuring-res_pjsip/Configuring-Endpoint-Identification/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from identify in pbx.Pjsip.Of("identify")
        let endpoint = pbx.Pjsip.Find("endpoint", identify["endpoint"] ?? "")
        where endpoint is not null && !PjsipPeers.HasAuth(endpoint)
        from match in identify.List("match")
        where IsName(SipHost.OfMatch(match.Text.TrimStart('!')))
        select new Fault(match.Place, $"endpoint {Shown.Text(endpoint.Name)}", $"DNS decides who may call as this trunk: {Shown.Text(match.Text)}");

    private static bool IsName(string host) => host.Any(char.IsAsciiLetter) && !host.Contains(':', StringComparison.Ordinal) && !host.Contains('/', StringComparison.Ordinal);
}
