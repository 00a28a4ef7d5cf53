using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Geo;
using Ringfence.Core.Pbx;
using Ringfence.Core.Perimeter;
using Ringfence.Sources;

namespace Ringfence.Perimeter;

/// <summary>The configured policy as it is on this machine: with the addresses of names and trunks, and the ports that Asterisk and sshd listen on.</summary>
/// <param name="Names">What its names stand for, and what could not be found out.</param>
/// <param name="Unsure">Zones with a name of which no address was ever known.</param>
internal sealed record MachinePolicy(Policy Policy, NameAnswers Names, IReadOnlyCollection<string> Unsure)
{
    /// <summary>Ports in order that are a service's on this machine.</summary>
    public IReadOnlyList<string> OfSequence { get; init; } = [];

    public IReadOnlyList<string> Problems => [.. Names.Problems, .. OfSequence];

    /// <summary>Asks for its names, each for some seconds.</summary>
    /// <param name="before">What names stood for when a policy was confirmed, which they keep where they do not resolve.</param>
    /// <param name="lookUp">null: the machine's resolver.</param>
    public static async Task<MachinePolicy> ReadAsync(
        RingfenceConfig config, TimeProvider clock, CancellationToken stop, IReadOnlyDictionary<string, IReadOnlyList<Address>>? before = null, Func<string, CancellationToken, Task<IPAddress[]>>? lookUp = null)
    {
        var trunks = TrunksOf(config);
        var names = new DnsNames(NamesOf(config.Perimeter.Zones, trunks), clock, NullLogger<DnsNames>.Instance, lookUp, nobody: NobodyOf(config));
        await names.LookUpAllAsync(stop);
        var machine = Of(config, trunks, names.Names, before ?? NameAnswers.Nothing);
        return machine with { OfSequence = [.. machine.Policy.Sequence?.Problems(machine.Policy.Services) ?? []] };
    }

    /// <summary>Zones say who may come in, which this machine need not; a trunk may well be on it.</summary>
    public static Func<string, IReadOnlyList<Network>> NobodyOf(RingfenceConfig config)
    {
        var names = config.Perimeter.Zones.SelectMany(static zone => zone.Names).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return name => names.Contains(name) ? OwnAddresses.Read() : [];
    }

    /// <param name="names">What is known of the names by now.</param>
    /// <inheritdoc cref="ReadAsync"/>
    public static MachinePolicy Of(RingfenceConfig config, TrunkReading trunks, IReadOnlyList<ResolvedName> names, IReadOnlyDictionary<string, IReadOnlyList<Address>> before)
    {
        var answers = NameAnswers.Of(names.Select(static name => (name.Name, name.Addresses, name.Problem)), before);
        var zones = config.Perimeter.Zones.ToDictionary(static zone => zone.Name, zone => zone.Names.SelectMany(answers.AddressesOf).Select(Network.Of).ToList(), StringComparer.Ordinal);
        List<Network> ofTrunks = [.. trunks.Hosts.SelectMany(host => host.Network is { } network ? [network] : answers.AddressesOf(host.Name!).Select(Network.Of))];
        var ports = AsteriskPorts.Read(config.AsteriskDirectory, new ConfigDirectory(), SshdSettings.Read("/etc/ssh").Ports);
        var policy = PolicyBuilder.Build(
            config.Perimeter, ports, zone => (zones.GetValueOrDefault(zone) ?? []).Concat(zone == ZoneSettings.Trunks ? ofTrunks : []), config.Perimeter.HasCountries ? CountriesOf(config) : null, config.Geo.Unknown);
        List<string> unsure = [.. config.Perimeter.Zones.Where(zone => zone.Names.Any(name => answers.AddressesOf(name).Count == 0)).Select(static zone => zone.Name),
            .. trunks.Hosts.Any(host => host.Name is { } name && answers.AddressesOf(name).Count == 0) ? (string[])[ZoneSettings.Trunks] : []];
        return new MachinePolicy(policy with { Answers = answers.Addresses, Sequence = config.Roaming.Sequence }, answers, unsure);
    }

    public static TrunkReading TrunksOf(RingfenceConfig config) => Trunks.Read(config.AsteriskDirectory, new ConfigDirectory());

    public static IEnumerable<string> NamesOf(IEnumerable<ZoneSettings> zones, TrunkReading trunks) => zones.SelectMany(static zone => zone.Names).Concat(trunks.Hosts.Select(static host => host.Name).OfType<string>());

    /// <summary>What the configured databases say, as one table; some seconds for a large one.</summary>
    /// <exception cref="WorldFailedException">There is none, or it can't be read.</exception>
    public static GeoTable CountriesOf(RingfenceConfig config) => GeoFile.PathsOf(config) is { Count: > 0 } paths
        ? paths.Aggregate(GeoTable.Empty, static (table, path) => table.Or(GeoFile.Open(path).ReadAll()))
        : throw new WorldFailedException("a zone has countries, and there is no database of countries: expected database = FILE in [geo] (or url = ..., which the guard fetches)");
}
