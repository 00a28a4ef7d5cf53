using System.Text;
using Ringfence.Core.Events;

namespace Ringfence.Core.Perimeter;

/// <summary>The policy as a script of nft: one generation of sets and chains in table <c>inet ringfence_policy</c>, which another may stand beside.</summary>
/// <remarks>Made of constants, numbers, addresses and names of zones and services, which hold letters, digits, - _ . alone; notes are cut down to what a quoted string takes.</remarks>
internal static class NftPolicy
{
    public const string Table = "ringfence_policy";

    /// <summary>The chain with the hook.</summary>
    public const string Arriving = "arriving";

    /// <summary>Holds two elements while a generation is on trial: see <see cref="PolicyScripts"/>.</summary>
    public const string Trial = "trial";

    /// <summary>
    /// Holds two elements for some hours after a policy was loaded: so long TCP packets pass that can't begin a connection. A kernel that tracked no connections before knows none
    /// of those that are open, and takes each for a new one (measured: the ssh session that applied the first policy of a machine hung).
    /// </summary>
    public const string Settling = "settling";

    // An idle connection is asked after two hours whether it is still there (tcp(7), tcp_keepalive_time).
    private const string SettlingTime = "3h";

    /// <summary>What no rule let in.</summary>
    public const string Refused = "refused";

    /// <summary>Sets that outlive a generation: who is in zone phones without standing in the policy. Their elements come from the guard and have an end.</summary>
    public static readonly IReadOnlyList<string> Doors = ["registered", Roaming];

    /// <summary>The door that users open for themselves.</summary>
    public const string Roaming = "roaming";

    // NFTNL_UDATA_COMMENT_MAXLEN of libnftnl is 128 with its end.
    private const int LongestNote = 120;

    // The kernel takes them one by one, nft an hour: what is larger is written by netlink in another way.
    private const int ElementsPerLine = 1000;

    /// <summary>The table and what no generation owns; may be run on a table that is there.</summary>
    public static void AppendBase(StringBuilder script)
    {
        Line(script, $"add table inet {Table}");
        Line(script, $"add counter inet {Table} {Refused}");

        // A key that every packet has, so that a rule can ask whether there is an element.
        Line(script, $"add set inet {Table} {Trial} {{ type nf_proto; flags timeout; }}");
        Line(script, $"add set inet {Table} {Settling} {{ type nf_proto; flags timeout; }}");
        Line(script, $"flush set inet {Table} {Settling}");
        Line(script, $"add element inet {Table} {Settling} {{ ipv4 timeout {SettlingTime}, ipv6 timeout {SettlingTime} }}");
        foreach (var door in Doors)
        {
            // Ports in order put elements in by a rule, and nft then has the set as a dynamic one: it would refuse to add it again as another.
            var flags = door == Roaming ? "dynamic,timeout" : "timeout";
            Line(script, $"add set inet {Table} {door}4 {{ type ipv4_addr; flags {flags}; }}");
            Line(script, $"add set inet {Table} {door}6 {{ type ipv6_addr; flags {flags}; }}");
        }

        // Before ufw, firewalld and iptables-nft (0, and firewalld's 10): what they accept has passed here, and what they drop stays dropped.
        Line(script, $"add chain inet {Table} {Arriving} {{ type filter hook input priority -5; policy accept; }}");
    }

    private const string NamesSign = "# names ";
    private const string AnswerSign = "# answer ";

    /// <summary>Zones of a script with the names that stand for some of their addresses: what is confirmed, whatever the configuration says by now.</summary>
    public static IReadOnlyList<ZoneSettings> NamesIn(string script) => [.. script.Split('\n').Where(static line => line.StartsWith(NamesSign, StringComparison.Ordinal))
        .Select(static line => line[NamesSign.Length..].Split(' ')).Select(static words => new ZoneSettings { Name = words[0], Names = [.. words.Skip(1)] })];

    /// <summary>What the names of a script stood for when it was written.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<Address>> AnswersIn(string script)
    {
        var answers = new Dictionary<string, IReadOnlyList<Address>>(StringComparer.OrdinalIgnoreCase);
        foreach (var words in script.Split('\n').Where(static line => line.StartsWith(AnswerSign, StringComparison.Ordinal)).Select(static line => line[AnswerSign.Length..].Split(' ')))
        {
            answers[words[0]] = [.. words.Skip(1).Select(static text => Address.Parse(text)).OfType<Address>()];
        }

        return answers;
    }

    /// <summary>The chain that decides for a generation; packets never leave it.</summary>
    public static string EntryOf(string generation) => $"{generation}_in";

    /// <param name="generation">A word that no other generation in the table has: "g7".</param>
    public static void AppendGeneration(StringBuilder script, Policy policy, string generation)
    {
        // Nothing that could end its line: such a name has no address either.
        foreach (var (name, addresses) in policy.Answers.Where(static answer => !answer.Key.Any(static c => char.IsWhiteSpace(c) || char.IsControl(c))).OrderBy(static answer => answer.Key, StringComparer.Ordinal))
        {
            Line(script, $"{AnswerSign}{name} {string.Join(' ', addresses)}");
        }

        foreach (var zone in policy.Zones)
        {
            if (zone.Live is not null)
            {
                Line(script, string.Join(' ', (string[])[NamesSign + zone.Name, .. zone.Names]));
            }

            foreach (var (set, isIPv4, networks) in Sets(generation, zone))
            {
                Line(script, $"add set inet {Table} {set} {{ type {(isIPv4 ? "ipv4_addr" : "ipv6_addr")}; flags interval; }}");
                AppendElements(script, set, networks, zone.Notes);
            }
        }

        foreach (var service in policy.Services)
        {
            AppendService(script, generation, service);
        }

        GeoChains.Append(script, policy, generation);
        var entry = EntryOf(generation);
        Line(script, $"add chain inet {Table} {entry}");
        void Rule(string rule) => Line(script, $"add rule inet {Table} {entry} {rule}");

        // By index, which is 1 in every namespace.
        Rule("iif 1 accept");
        Rule("ct state established,related accept");

        Rule($"ct state new tcp flags & (syn | rst) == 0 meta nfproto @{Settling} accept");

        // What IP itself needs of this machine: RFC 4890 section 4.4 for IPv6; for IPv4 the errors that path MTU discovery and traceroute live by (RFC 1122 section 3.2.2).
        Rule("icmp type { destination-unreachable, time-exceeded, parameter-problem } accept");
        Rule("icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept");
        Rule("icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, ind-neighbor-solicit, ind-neighbor-advert, 148, 149 } ip6 hoplimit 255 accept");
        Rule("icmpv6 type { mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report } ip6 saddr { ::, fe80::/10 } accept");
        Rule("icmp type echo-request limit rate 100/second burst 100 packets accept");
        Rule("icmpv6 type echo-request limit rate 100/second burst 100 packets accept");

        // Who asks which groups this machine is in: without an answer a switch sends it no multicast (RFC 3376 section 4).
        Rule("meta l4proto igmp ip ttl 1 accept");

        // A lease that is renewed by broadcast (RFC 2131 section 4.4.5), and DHCPv6, whose servers answer from their link-local address (RFC 8415 section 7.2).
        Rule("udp sport 67 udp dport 68 accept");
        Rule("ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept");

        AppendZone(script, entry, generation, policy.Trusted, "accept");

        // Who stays out by his country does so before anything lets him in; who gets in by it comes last, behind those who stay out by their network.
        GeoChains.Of(policy, generation).Where(static chain => chain.IsClosing).ToList().ForEach(chain => Rule($"jump {chain.Name}"));
        foreach (var service in policy.Services)
        {
            foreach (var ports in PortsOf(service))
            {
                Rule($"{ports} jump {ChainOf(generation, service)}");
            }
        }

        GeoChains.Of(policy, generation).Where(static chain => !chain.IsClosing).ToList().ForEach(chain => Rule($"jump {chain.Name}"));
        if (policy.Sequence is { } sequence)
        {
            sequence.Rules($"inet {Table}", generation, policy.Services.SelectMany(PortsOf)).ToList().ForEach(line => Line(script, line));
            Rule($"jump {Knock.KnockSequence.ChainOf(generation)}");
        }

        Rule(Drop);
    }

    /// <summary>Chains before the sets that they ask.</summary>
    public static IEnumerable<(bool IsSet, string Name)> InOrder(IEnumerable<(bool IsSet, string Name)> parts) => parts.OrderBy(static part => part.IsSet).ThenBy(static part => part.Name, StringComparer.Ordinal);

    private static void AppendService(StringBuilder script, string generation, Service service)
    {
        var chain = ChainOf(generation, service);
        Line(script, $"add chain inet {Table} {chain}");
        AppendDoors(script, chain, service);

        foreach (var zone in service.Closed)
        {
            AppendZone(script, chain, generation, zone, Drop);
        }

        foreach (var zone in service.Open)
        {
            AppendZone(script, chain, generation, zone, "accept");
        }
    }

    /// <summary>Who is registered keeps his door wherever he is.</summary>
    public static void AppendDoors(StringBuilder script, string chain, Service service)
    {
        foreach (var door in service.Doors)
        {
            Line(script, $"add rule inet {Table} {chain} ip saddr @{door}4 accept");
            Line(script, $"add rule inet {Table} {chain} ip6 saddr @{door}6 accept");
        }
    }

    /// <summary>What a rule does with who stays out.</summary>
    public const string Drop = $"counter name \"{Refused}\" drop";

    /// <summary>A match for the ports of a service, one for each protocol.</summary>
    public static IEnumerable<string> PortsOf(Service service) =>
        service.Ports.GroupBy(static port => port.Protocol).Select(static ports => $"{ports.Key.Name()} dport {{ {string.Join(", ", ports.Select(static port => port.Numbers('-')))} }}");

    private static void AppendZone(StringBuilder script, string chain, string generation, Zone zone, string verdict)
    {
        if (zone.IsWorld)
        {
            Line(script, $"add rule inet {Table} {chain} {verdict} comment \"world\"");
            return;
        }

        foreach (var source in SourcesOf(generation, zone))
        {
            Line(script, $"add rule inet {Table} {chain} {source} {verdict} comment \"{zone.Name}\"");
        }
    }

    /// <summary>Matches for who is in a zone by interface, network or name, each of which is enough.</summary>
    public static IEnumerable<string> SourcesOf(string generation, Zone zone) =>
        (zone.Interfaces.Count == 0 ? [] : (string[])[$"iifname {{ {string.Join(", ", zone.Interfaces.Select(static name => $"\"{name}\""))} }}"])
            .Concat(Sets(generation, zone).Select(static set => $"{(set.IsIPv4 ? "ip" : "ip6")} saddr @{set.Name}"));

    /// <summary>Fills the sets of a zone's names and trunks anew; nobody in between finds them empty, for it is one transaction.</summary>
    /// <param name="parts">What the table has.</param>
    public static void AppendRenewal(StringBuilder script, Zone zone, string generation, IEnumerable<(bool IsSet, string Name)> parts)
    {
        foreach (var (set, _, networks) in Sets(generation, zone).Where(set => set.Name.StartsWith($"{generation}_live_", StringComparison.Ordinal) && parts.Contains((true, set.Name))))
        {
            Line(script, $"flush set inet {Table} {set}");
            AppendElements(script, set, networks, zone.Notes);
        }
    }

    private static IEnumerable<(string Name, bool IsIPv4, List<Network> Networks)> Sets(string generation, Zone zone)
    {
        foreach (var isIPv4 in (bool[])[true, false])
        {
            if (zone.Fixed.Where(network => network.IsIPv4 == isIPv4).ToList() is { Count: > 0 } networks)
            {
                yield return ($"{generation}_zone_{zone.Name}{(isIPv4 ? 4 : 6)}", isIPv4, networks);
            }

            if (zone.Live is { } live)
            {
                yield return ($"{generation}_live_{zone.Name}{(isIPv4 ? 4 : 6)}", isIPv4, [.. live.Where(network => network.IsIPv4 == isIPv4)]);
            }
        }
    }

    private static void AppendElements(StringBuilder script, string set, IEnumerable<Network> networks, IReadOnlyDictionary<Network, string> notes)
    {
        foreach (var chunk in networks.Select(network => notes.TryGetValue(network, out var note) && Note(note) is { Length: > 0 } shown ? $"{network} comment \"{shown}\"" : network.ToString()).Chunk(ElementsPerLine))
        {
            Line(script, $"add element inet {Table} {set} {{ {string.Join(", ", chunk)} }}");
        }
    }

    private static string ChainOf(string generation, Service service) => $"{generation}_service_{service.Name}";

    /// <summary>What of a comment stands between quotation marks of nft, which knows no escape.</summary>
    internal static string Note(string text)
    {
        var plain = string.Concat(text.Trim().Select(static c => c is >= ' ' and <= '~' and not '"' and not '\\' ? c : '?'));
        return plain.Length <= LongestNote ? plain : plain[..LongestNote];
    }

    private static void Line(StringBuilder script, string line) => script.Append(line).Append('\n');
}
