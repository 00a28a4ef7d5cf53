using Ringfence.Core.Events;
using Ringfence.Core.Geo;

namespace Ringfence.Core.Perimeter;

/// <summary>The first packet of a connection, or a datagram, on its way to a port of this machine.</summary>
/// <param name="Interface">By which it comes in.</param>
internal readonly record struct Arrival(Address Source, string Interface, PortProtocol Protocol, ushort Port);

/// <summary>A zone with its names looked up.</summary>
/// <param name="Networks">Disjoint and ascending.</param>
/// <param name="Notes">What the operator wrote behind a network, as he wrote the network.</param>
internal sealed record Zone(string Name, IReadOnlyList<Network> Networks, IReadOnlyList<string> Interfaces, IReadOnlyDictionary<Network, string> Notes)
{
    /// <summary>Those of <see cref="Networks"/> that stand in the configuration; disjoint and ascending.</summary>
    public IReadOnlyList<Network> Fixed { get; init; } = Networks;

    /// <summary>Those that names and trunks have now, and other ones tomorrow: sets of their own in nftables, which the guard renews. null: the zone has none and never will.</summary>
    public IReadOnlyList<Network>? Live { get; init; }

    /// <summary>DNS names whose addresses are among <see cref="Live"/>.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Countries and operators whose addresses are in it too; null: none.</summary>
    public GeoZone? Geo { get; init; }

    /// <summary>The same as one that is kept out: of who is unknown the other half is meant, and private networks never are (<see cref="GeoChoice.Shuts"/>).</summary>
    public Zone Closing => Geo is null ? this : this with { Geo = Geo with { Choice = Geo.Choice with { Shuts = true } } };

    public bool IsWorld => Name == ZoneSettings.World;

    public bool IsEmpty => !IsWorld && Geo is null && Networks.Count + Interfaces.Count == 0;

    public bool Holds(Address source, string @interface) =>
        IsWorld || Interfaces.Contains(@interface, StringComparer.Ordinal) || Networks.Any(network => network.Contains(source)) || Geo?.Holds(source) == true;

    public IEnumerable<Network> Of(bool isIPv4) => Networks.Where(network => network.IsIPv4 == isIPv4);
}

/// <param name="Table">What the databases say; of a policy that nobody asks for addresses it may be empty.</param>
internal sealed record GeoZone(GeoChoice Choice, GeoTable Table)
{
    public bool Holds(Address source) => Choice.Takes(source, Table);
}

/// <summary>A service with its ports; each port of the machine belongs to one service at most.</summary>
/// <param name="Closed">Zones that stay out, whatever <paramref name="Open"/> says.</param>
internal sealed record Service(string Name, IReadOnlyList<PortRange> Ports, IReadOnlyList<Zone> Open, IReadOnlyList<Zone> Closed)
{
    public IReadOnlyList<Zone> Closed { get; init; } = [.. Closed.Select(static zone => zone.Closing)];

    /// <summary>Those of <see cref="NftPolicy.Doors"/> through which one comes to it.</summary>
    public IReadOnlyList<string> Doors { get; init; } = Open.Any(static zone => zone.Name == ZoneSettings.Phones) ? NftPolicy.Doors : [];
}

/// <summary>Who may reach what: the one meaning that every output has to have.</summary>
/// <param name="Trusted">May reach every port.</param>
internal sealed record Policy(Zone Trusted, IReadOnlyList<Service> Services)
{
    /// <summary>What names stand for: of each its own, so that one which does not resolve tomorrow keeps what it had.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Address>> Answers { get; init; } = NameAnswers.Nothing;

    /// <summary>Ports in order that open a door; null: none do.</summary>
    public Knock.KnockSequence? Sequence { get; init; }

    /// <summary>Every zone that a rule asks for.</summary>
    public IEnumerable<Zone> Zones => Services.SelectMany(static service => service.Open.Concat(service.Closed)).Prepend(Trusted).Where(static zone => !zone.IsWorld).DistinctBy(static zone => zone.Name);

    /// <summary>Whether the first packet of a connection passes.</summary>
    public bool Passes(Arrival arrival) => Trusted.Holds(arrival.Source, arrival.Interface) || (ServiceAt(arrival.Protocol, arrival.Port) is { } service && Passes(service, arrival));

    /// <returns>Whose port it is; null: nobody's, and so closed to all but trusted addresses.</returns>
    public Service? ServiceAt(PortProtocol protocol, ushort port) => Services.FirstOrDefault(service => service.Ports.Any(range => range.Contains(protocol, port)));

    private static bool Passes(Service service, Arrival arrival) =>
        service.Open.Any(zone => zone.Holds(arrival.Source, arrival.Interface)) && !service.Closed.Any(zone => zone.Holds(arrival.Source, arrival.Interface));
}
