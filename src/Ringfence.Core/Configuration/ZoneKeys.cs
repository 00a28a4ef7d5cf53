using Ringfence.Core.Events;
using Ringfence.Core.Geo;
using Ringfence.Core.Perimeter;

namespace Ringfence.Core.Configuration;

/// <summary>The keys of a section [zone NAME].</summary>
internal static class ZoneKeys
{
    private const string Section = "zone NAME";

    // Whoever means everybody opens a service to world.
    private const int WidestIPv4 = 4;
    private const int WidestIPv6 = 8;

    private static IReadOnlyList<ConfigKey> All { get; } =
    [
        new()
        {
            Section = Section, Name = "network", Type = "address or network", Default = "none", IsUnset = true, Example = "192.168.10.0/24",
            Meaning = "Who comes from there is in the zone. A comment behind it is kept in the rules.",
            IsList = true, Set = Networks,
        },
        new()
        {
            Section = Section, Name = "name", Type = "DNS name", Default = "none", IsUnset = true, Example = "office.example.com",
            Meaning = "Its addresses are in the zone. Looked up at `firewall apply`, and again every five minutes by the guard.",
            IsList = true,
            Set = ConfigKeys.Each(static value => TrustedAddressText.Parse(value, allowHostBits: false).Name is null ? "a DNS name such as office.example.com; addresses belong to network" : null,
                static (config, names) => With(config, zone => zone with { Names = [.. names.Select(static name => name.ToLowerInvariant()).Distinct()] })),
        },
        new()
        {
            Section = Section, Name = "interface", Type = "name of an interface", Default = "none", IsUnset = true, Example = "wg0",
            Meaning = "Whoever comes in by it is in the zone, whatever address he says is his: for a tunnel or a network of one's own, never for the side of the internet.",
            IsList = true,
            Set = ConfigKeys.Each(static value => ConfigKeys.IsInterface(value) && value != "lo" && value.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '@') ? null : "the name of an interface such as wg0, as `ip link` shows it; loopback always passes",
                static (config, names) => With(config, zone => zone with { Interfaces = names })),
        },
        new()
        {
            Section = Section, Name = "country", Type = "a country's two letters", Default = "none", IsUnset = true, Example = "DE, AT",
            Meaning = "Who comes from one of these countries is in the zone, by the databases of [geo].",
            IsList = true, Set = Countries(static (zone, countries) => zone with { Countries = countries }),
        },
        new()
        {
            Section = Section, Name = "not_country", Type = "a country's two letters", Default = "none", IsUnset = true, Example = "KP, IR",
            Meaning = "Who comes from any other country than these is in the zone.",
            IsList = true, Set = Countries(static (zone, countries) => zone with { NotCountries = countries }),
        },
        new()
        {
            Section = Section, Name = "asn", Type = "number of a network operator", Default = "none", IsUnset = true, Example = "64500, AS64501",
            Meaning = "Who comes from the networks of this operator (autonomous system) is in the zone, by the databases of [geo]: hosting companies, in which no phone stands.",
            IsList = true,
            Set = ConfigKeys.Each(static value => Asn(value) is null ? "the number of an autonomous system such as 64500" : null,
                static (config, numbers) => With(config, zone => zone with { Operators = [.. numbers.Select(static number => Asn(number)!.Value).Distinct()] })),
        },
    ];

    public static NamedSection Named { get; } = new(
        "zone",
        "Who somebody is, for the firewall's policy: whoever fits one line of a zone is in it. trusted may reach every port; phones, trunks (the addresses of Asterisk's trunks are in it by themselves), admin and world (everybody) are "
            + "there without a section. With a section [zone ...] or [service ...] there is a policy, which `ringfence firewall plan` shows and `ringfence firewall apply` puts into the kernel.",
        All,
        static (config, name) => config with { Perimeter = config.Perimeter with { Zones = [.. config.Perimeter.Zones, new ZoneSettings { Name = name }] } },
        Missing)
    {
        Example = "phones",
    };

    private static string? Missing(RingfenceConfig config)
    {
        var zone = config.Perimeter.Zones[^1];
        return Named.WrongLast([.. config.Perimeter.Zones.Select(static one => one.Name)])
            ?? (zone.Name == ZoneSettings.World && zone.Networks.Count + zone.Names.Count + zone.Interfaces.Count + zone.Countries.Count + zone.NotCountries.Count + zone.Operators.Count > 0 ? "has networks, and it is everybody: expected another name"
                : zone.Countries.Count > 0 && zone.NotCountries.Count > 0 ? "has both country and not_country: expected one of them"
                : zone.NotCountries.Count > 0 && zone.Operators.Count > 0 ? "has asn beside not_country: expected asn with country, or alone"
                : zone.Name == ZoneSettings.Trusted && zone.Countries.Count + zone.NotCountries.Count + zone.Operators.Count > 0 ? "has countries, and whoever is in it may reach every port: expected networks, names or interfaces"
                : null);
    }

    private static uint? Asn(string text) => uint.TryParse(text.StartsWith("AS", StringComparison.OrdinalIgnoreCase) ? text.AsSpan(2) : text, System.Globalization.NumberStyles.None, null, out var number) && number > 0 ? number : null;

    private static Func<RingfenceConfig, IReadOnlyList<GivenValue>, List<ConfigMistake>, RingfenceConfig> Countries(Func<ZoneSettings, IReadOnlyList<CountryCode>, ZoneSettings> set) =>
        ConfigKeys.Each(CountryCode.Expected, (config, codes) => With(config, zone => set(zone, [.. codes.Select(static code => CountryCode.Parse(code)).Distinct()])));

    private static RingfenceConfig With(RingfenceConfig config, Func<ZoneSettings, ZoneSettings> change) =>
        config with { Perimeter = config.Perimeter with { Zones = config.Perimeter.Zones.WithLast(change) } };

    private static RingfenceConfig Networks(RingfenceConfig config, IReadOnlyList<GivenValue> values, List<ConfigMistake> mistakes)
    {
        var networks = new List<NotedNetwork>();
        foreach (var value in values)
        {
            if (Expected(value.Text, out var network) is { } expected)
            {
                mistakes.Add(value.Expected(expected));
            }
            else
            {
                networks.Add(new NotedNetwork(network, "", value.Place));
            }
        }

        return With(config, zone => zone with { Networks = networks });
    }

    private static string? Expected(string text, out Network network)
    {
        network = default;
        if (Network.Parse(text) is { } read)
        {
            network = read;
            return read.PrefixLength < (read.IsIPv4 ? WidestIPv4 : WidestIPv6) ? $"a network of /{WidestIPv4} (IPv6: /{WidestIPv6}) or smaller: who means everybody opens a service to world"
                : read.First is { IsIPv4: true, IPv4Bits: < 0x0100_0000 } ? "a network that packets come from: 0.0.0.0/8 is none (RFC 1122 section 3.2.1.3)"
                : null;
        }

        // It may be one all the same, with bits behind its prefix; the reader of trusted addresses has the words.
        var reading = TrustedAddressText.Parse(text, allowHostBits: false);
        return reading.Name is not null ? $"an address or a network; a DNS name belongs to another key: name = {text}" : reading.Expected ?? "an address or a network such as 192.0.2.0/24";
    }
}
