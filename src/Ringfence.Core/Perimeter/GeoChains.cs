using System.Globalization;
using System.Text;
using Ringfence.Core.Geo;

namespace Ringfence.Core.Perimeter;

/// <summary>A chain of nftables that sends on whoever is in a zone by his country; what it asks is filled in by netlink, for a country may have a hundred thousand networks.</summary>
/// <param name="Name">Of the chain that is jumped into, and comes back from where he is in none of the countries.</param>
/// <param name="Target">The chain in which what becomes of the others stands.</param>
/// <param name="IsClosing">They stay out; else they get in.</param>
internal sealed record GeoChain(string Name, string Target, bool IsClosing, GeoChoice Choice)
{
    private const string Sign = "# countries ";

    /// <summary>What stands in the script of a policy, so that the next start knows what to fill in.</summary>
    public string Line => string.Create(CultureInfo.InvariantCulture,
        $"{Sign}{Name} {Target} {(IsClosing ? "closing" : "opening")} {(Choice.IsExcept ? "except" : "only")} {Choice.Unknown} {List(Choice.Countries.Select(static code => code.ToString()))} {List(Choice.Asns.Select(static asn => asn.ToString(CultureInfo.InvariantCulture)))}");

    /// <summary>The same of another generation.</summary>
    public GeoChain In(string generation) => this with { Name = generation + Name[Name.IndexOf('_', StringComparison.Ordinal)..], Target = generation + Target[Target.IndexOf('_', StringComparison.Ordinal)..] };

    /// <returns>Those that a script names.</returns>
    public static IReadOnlyList<GeoChain> Read(string script) => [.. script.Split('\n').Where(static line => line.StartsWith(Sign, StringComparison.Ordinal))
        .Select(static line => line[Sign.Length..].Split(' ')).Where(static words => words.Length == 7 && Enum.TryParse<UnknownCountry>(words[4], out _))
        .Select(static words => new GeoChain(words[0], words[1], words[2] == "closing", new GeoChoice
        {
            IsExcept = words[3] == "except",
            Shuts = words[2] == "closing",
            Unknown = Enum.Parse<UnknownCountry>(words[4]),
            Countries = words[5].Split(',').Where(static code => code != "-").Select(static code => CountryCode.Parse(code)).ToHashSet(),
            Asns = words[6].Split(',').Where(static asn => asn != "-").Select(static asn => uint.Parse(asn, NumberStyles.None, CultureInfo.InvariantCulture)).ToHashSet(),
        }))];

    private static string List(IEnumerable<string> words) => string.Join(',', words.Order(StringComparer.Ordinal)) is { Length: > 0 } list ? list : "-";
}

/// <summary>The chains for zones of countries of one generation.</summary>
internal static class GeoChains
{
    /// <summary>A part of the names of chains and sets of countries, which no other of ours has.</summary>
    public const string Mark = "_geo-";

    /// <summary>A zone that some services are open to and others are closed to has two.</summary>
    public static IReadOnlyList<GeoChain> Of(Policy policy, string generation) =>
        [.. from isClosing in (bool[])[true, false]
            from zone in policy.Services.SelectMany(service => isClosing ? service.Closed : service.Open).Where(static zone => zone.Geo is not null).DistinctBy(static zone => zone.Name)
            select new GeoChain($"{generation}{Mark}{Kind(isClosing)}_{zone.Name}", $"{generation}_{Kind(isClosing)}_{zone.Name}", isClosing, zone.Geo!.Choice)];

    public static void Append(StringBuilder script, Policy policy, string generation)
    {
        foreach (var chain in Of(policy, generation))
        {
            script.Append(CultureInfo.InvariantCulture, $"{chain.Line}\n");
            foreach (var line in CountryRules.Frame($"inet {NftPolicy.Table}", chain.Name))
            {
                script.Append(line).Append('\n');
            }

            script.Append(CultureInfo.InvariantCulture, $"add chain inet {NftPolicy.Table} {chain.Target}\n");
            var zone = chain.Target[$"{generation}_{Kind(chain.IsClosing)}_".Length..];
            foreach (var service in policy.Services.Where(service => (chain.IsClosing ? service.Closed : service.Open).Any(one => one.Name == zone)))
            {
                AppendService(script, chain, service);
            }

            AppendMissing(script, policy, generation, chain, zone);
        }
    }

    /// <summary>Behind the rules of a chain that nothing was filled into yet.</summary>
    public const string Missing = "countries missing";

    /// <returns>The zone that a chain is of; null: it is no chain of countries, or one of its parts.</returns>
    public static string? ZoneOf(string chain) => chain.Split('_', 3) is [_, "geo-not" or "geo-from", { } zone] ? zone : null;

    // Between a boot and the moment its sets are filled nobody knows who is in the zone, and a database that is gone may not come back for days. Open, that would let in all that the operator shut out, and he
    // would not see it. Shut, it holds up callers, and he hears of it. Not held up is who can't be in any country (private networks), and whom the operator let in by network, interface or name: the worst that
    // comes of him is one whom the operator named twice, against an administrator who can't repair the machine. Trusted ones passed before, and registered phones have their doors in front of the refusal.
    private static void AppendMissing(StringBuilder script, Policy policy, string generation, GeoChain chain, string zone)
    {
        void Rule(string rule) => script.Append(CultureInfo.InvariantCulture, $"add rule inet {NftPolicy.Table} {chain.Name} {rule} comment \"{Missing}\"\n");
        if (!chain.IsClosing)
        {
            Rule("return");
            return;
        }

        foreach (var family in GeoChoice.Local.GroupBy(static network => network.IsIPv4))
        {
            Rule($"{(family.Key ? "ip" : "ip6")} saddr {{ {string.Join(", ", family)} }} return");
        }

        foreach (var service in policy.Services.Where(service => service.Closed.Any(one => one.Name == zone)))
        {
            foreach (var source in service.Open.Where(static one => !one.IsWorld).SelectMany(one => NftPolicy.SourcesOf(generation, one)))
            {
                foreach (var ports in NftPolicy.PortsOf(service))
                {
                    Rule($"{ports} {source} return");
                }
            }
        }

        Rule($"goto {chain.Target}");
    }

    private static void AppendService(StringBuilder script, GeoChain chain, Service service)
    {
        // Doors of one service hold for its ports alone.
        var own = $"{chain.Target}_{service.Name}";
        script.Append(CultureInfo.InvariantCulture, $"add chain inet {NftPolicy.Table} {own}\n");
        if (chain.IsClosing)
        {
            NftPolicy.AppendDoors(script, own, service);
        }

        script.Append(CultureInfo.InvariantCulture, $"add rule inet {NftPolicy.Table} {own} {(chain.IsClosing ? NftPolicy.Drop : "accept")}\n");
        foreach (var ports in NftPolicy.PortsOf(service))
        {
            script.Append(CultureInfo.InvariantCulture, $"add rule inet {NftPolicy.Table} {chain.Target} {ports} goto {own}\n");
        }
    }

    private static string Kind(bool isClosing) => isClosing ? "not" : "from";
}
