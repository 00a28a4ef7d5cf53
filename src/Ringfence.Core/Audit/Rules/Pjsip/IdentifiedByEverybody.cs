using Ringfence.Core.Events;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>An endpoint that is known by a network which is far more than a provider's.</summary>
internal static class IdentifiedByEverybody
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1009",
        Name = "identified-by-wide-network",
        Severity = Severity.High,
        Why = "Everybody in that network is this endpoint and needs no password. UDP addresses can be forged besides, so a wide network is an invitation.",
        Fix = "Write the provider's own addresses: it tells them to its customers.",
        Bad = """
            [trunk]
            type = endpoint
            identify_by = ip
            [trunk]
            type = identify
            endpoint = trunk
            match = 0.0.0.0/0 ; here
            match = 192.0.2.0/24
            match = 198.51.0.0/16 ; here
            """,
        Good = """
            [trunk]
            type = endpoint
            identify_by = ip
            [trunk]
            type = identify
            endpoint = trunk
            match = 203.0.113.0/26,2001:db8:10::/48
            [lan]
            type = endpoint
            identify_by = ip
            [lan]
            type = identify
            endpoint = lan
            match = 10.0.0.0/8
            [phones]
            type = endpoint
            auth = phones
            [phones]
            type = identify
            endpoint = phones
            match = 0.0.0.0/0
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Channel-Drivers/SIP/Configuring-res_pjsip/Configuring-Endpoint-Identification/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    // The largest blocks that single providers of telephony announce are /16 and /29 or so; beyond that strangers are in it. No provider signals from all of such a block, though, and he rents out
    // the rest of it. Private networks are the operator's own.
    private const int WidestIPv4 = 16;
    private const int WidestIPv6 = 24;
    private const int WideIPv4 = 17;
    private const int WideIPv6 = 28;

    private static readonly Network[] Private = [new(Address.FromIPv4(0x0a00_0000), 8), new(Address.FromIPv4(0xac10_0000), 12), new(Address.FromIPv4(0x6440_0000), 10), new(new Address(0xfc00_0000_0000_0000, 0), 7)];

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from identify in pbx.Pjsip.Of("identify")
        let endpoint = pbx.Pjsip.Find("endpoint", identify["endpoint"] ?? "")
        where endpoint is not null && !PjsipPeers.HasAuth(endpoint) && !AccessLists.MayRefuse(pbx, endpoint)
        from match in identify.List("match")
        where !match.Text.StartsWith('!')
        let parsed = AddressRules.Parse(SipHost.OfMatch(match.Text))
        where parsed is not null
        let network = parsed.Value
        where IsTooWide(network)
        select new Fault(match.Place, $"endpoint {Shown.Text(endpoint.Name)}", $"everybody in {Shown.Text(match.Text)} calls in its context without a password")
        {
            Severity = network.PrefixLength == 0 ? Severity.Critical : network.PrefixLength >= (network.IsIPv4 ? WidestIPv4 : WidestIPv6) ? Severity.Medium : null,
        };

    private static bool IsTooWide(Network network) =>
        network.PrefixLength <= (network.IsIPv4 ? WideIPv4 : WideIPv6) && !Private.Any(own => own.IsIPv4 == network.IsIPv4 && own.Contains(network));
}
