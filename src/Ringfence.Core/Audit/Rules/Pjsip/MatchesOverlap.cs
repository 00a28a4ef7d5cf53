using Ringfence.Core.Events;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>Two trunks are known by one address, and only one of them is ever found.</summary>
/// <remarks>res/res_pjsip_endpoint_identifier_ip.c takes the first identify section that fits; sorcery has them sorted by name.</remarks>
internal static class MatchesOverlap
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1029",
        Name = "matches-overlap",
        Severity = Severity.Medium,
        // Measured on 22.10.1: aa with 198.51.100.0/24 and zz with 198.51.100.7, in whatever order they stood in the file: calls from 198.51.100.7 came in as aa.
        Why = "Of the identify sections that fit an address Asterisk takes the one whose name comes first in the alphabet, not the narrower one: calls of the other trunk come in as somebody else, in the wrong context and with what that one may do.",
        Fix = "Take the address out of one of the two. Two accounts at one provider share one endpoint, or are told apart by line = yes in their registrations.",
        Bad = """
            [alpha]
            type = endpoint
            context = from-alpha
            identify_by = ip
            [alpha]
            type = identify
            endpoint = alpha
            match = 203.0.113.0/24
            [beta]
            type = endpoint
            context = from-beta
            identify_by = ip
            [beta]
            type = identify
            endpoint = beta
            match = 203.0.113.10 ; here
            """,
        Good = """
            [alpha]
            type = endpoint
            context = from-alpha
            identify_by = ip
            [alpha]
            type = identify
            endpoint = alpha
            match = 203.0.113.0/28
            [beta]
            type = endpoint
            context = from-beta
            identify_by = ip
            [beta]
            type = identify
            endpoint = beta
            match = 203.0.113.20
            [gamma]
            type = endpoint
            context = from-beta
            identify_by = ip
            [gamma]
            type = identify
            endpoint = gamma
            match = 203.0.113.20
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Channel-Drivers/SIP/Configuring-res_pjsip/Configuring-Endpoint-Identification/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private sealed record Match(string Name, PjsipObject Endpoint, string Text, Network Network, Place Place);

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var matches =
            from identify in pbx.Pjsip.Of("identify").OrderBy(static identify => identify.Name, StringComparer.Ordinal)
            let endpoint = pbx.Pjsip.Find("endpoint", identify["endpoint"] ?? "")
            where endpoint is not null
            from match in identify.List("match")
            where !match.Text.StartsWith('!')
            let network = AddressRules.Parse(SipHost.OfMatch(match.Text))
            where network is not null
            select new Match(identify.Name, endpoint, match.Text, network.Value, match.Place);

        // Two thousand trunks have an address each: only networks are looked through.
        Dictionary<Address, Match> hosts = [];
        List<Match> networks = [];
        foreach (var match in matches)
        {
            var isHost = match.Network.PrefixLength == (match.Network.IsIPv4 ? 32 : 128);
            var first = (isHost ? hosts.GetValueOrDefault(match.Network.First) : hosts.Values.FirstOrDefault(host => match.Network.Contains(host.Network)))
                ?? networks.Find(other => other.Network.Contains(match.Network) || match.Network.Contains(other.Network));
            if (first is not null && first.Name != match.Name && first.Endpoint.Name != match.Endpoint.Name && Context(first) != Context(match))
            {
                yield return new Fault(match.Place, $"endpoint {Shown.Text(match.Endpoint.Name)}",
                    $"calls from {(match.Network.Contains(first.Network) ? Shown.Text(first.Text) : Shown.Text(match.Text))} come in as endpoint {Shown.Text(first.Endpoint.Name)}, in context {Shown.Text(Context(first))}: its section {Shown.Text(first.Name)} fits them too, and comes first by name");
            }

            if (isHost)
            {
                hosts.TryAdd(match.Network.First, match);
            }
            else
            {
                networks.Add(match);
            }
        }
    }

    private static string Context(Match match) => match.Endpoint["context"] ?? "default";
}
