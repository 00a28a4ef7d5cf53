using Ringfence.Core.Events;
using Ringfence.Core.Firewall;
using Ringfence.Core.Geo;

namespace Ringfence.Core.Perimeter;

/// <summary>Makes the policy of what is configured and of what the machine says.</summary>
internal static class PolicyBuilder
{
    /// <param name="settings">Read without a mistake: every zone that a service names is there, and no port is at two of its services.</param>
    /// <param name="machine">Where default services listen; a port that a section has is that section's.</param>
    /// <param name="found">Networks that a zone has besides what is configured: the trunks' addresses, those of names.</param>
    /// <param name="geo">What the databases of countries say; null: nobody asks.</param>
    /// <param name="unknown">What becomes of an address of which they know nothing.</param>
    public static Policy Build(PerimeterSettings settings, MachinePorts machine, Func<string, IEnumerable<Network>> found, GeoTable? geo = null, UnknownCountry unknown = UnknownCountry.AsListed)
    {
        var zones = settings.Zones.Select(static zone => zone.Name).Concat(ZoneSettings.Known).Distinct(StringComparer.Ordinal)
            .ToDictionary(static name => name, name => Zone(settings.Zones.FirstOrDefault(zone => zone.Name == name) ?? new ZoneSettings { Name = name }, found(name), geo ?? GeoTable.Empty, unknown), StringComparer.Ordinal);
        var defaults = ServiceDefaults.Of(machine);
        var taken = settings.Services.Where(static service => service.Ports is not null).SelectMany(static service => service.Ports!).ToList();
        var services = new List<Service>();
        foreach (var (name, ports, open) in defaults)
        {
            var given = settings.Services.FirstOrDefault(service => service.Name == name);
            var own = given?.Ports ?? Free(ports, taken);
            if (given?.Ports is null)
            {
                taken.AddRange(own);
            }

            services.Add(Service(name, own, given?.Open ?? open, given?.Closed ?? []));
        }

        foreach (var given in settings.Services.Where(given => !ServiceDefaults.Names.Contains(given.Name, StringComparer.Ordinal)))
        {
            services.Add(Service(given.Name, given.Ports ?? [], given.Open ?? [], given.Closed));
        }

        return new Policy(zones[ZoneSettings.Trusted], [.. services.Where(static service => service.Ports.Count > 0)]);

        Service Service(string name, IReadOnlyList<PortRange> ports, IReadOnlyList<string> open, IReadOnlyList<string> closed) =>
            new(name, [.. ports.Order()], [.. open.Select(zone => zones[zone])], [.. closed.Select(zone => zones[zone])])
            {
                Doors = [.. NftPolicy.Doors.Where(door => open.Intersect(door == NftPolicy.Roaming ? settings.RoamingZones : [ZoneSettings.Phones], StringComparer.Ordinal).Any())],
            };
    }

    private static Zone Zone(ZoneSettings settings, IEnumerable<Network> found, GeoTable geo, UnknownCountry unknown)
    {
        var notes = new Dictionary<Network, string>();
        foreach (var (network, note, _) in settings.Networks.Where(static noted => noted.Note.Length > 0))
        {
            notes.TryAdd(network, note);
        }

        var written = settings.Networks.Select(static noted => noted.Network).ToList();
        var live = found.ToList();
        return new Zone(settings.Name, Disjoint(written.Concat(live)), settings.Interfaces, notes)
        {
            Fixed = Disjoint(written),
            Names = settings.Names,
            Geo = settings.Countries.Count + settings.NotCountries.Count + settings.Operators.Count == 0 ? null : new GeoZone(
                new GeoChoice { Countries = settings.Countries.Concat(settings.NotCountries).ToHashSet(), Asns = settings.Operators.ToHashSet(), IsExcept = settings.NotCountries.Count > 0, Unknown = unknown },
                geo),
            Live = live.Count > 0 || settings.Names.Count > 0 || settings.Name == ZoneSettings.Trunks ? Disjoint(live) : null,
        };
    }

    // No output takes a network that lies in another one (nft: "conflicting intervals").
    private static List<Network> Disjoint(IEnumerable<Network> networks) =>
        [.. networks.GroupBy(static network => network.IsIPv4).SelectMany(static family => NetworkCover.Flatten(family.Select(static network => KeyValuePair.Create(network, (DateTimeOffset?)null))).SelectMany(static interval => interval.Networks())).Order()];

    private static List<PortRange> Free(IEnumerable<PortRange> ports, List<PortRange> taken) =>
        [.. ports.SelectMany(port => taken.Aggregate((IEnumerable<PortRange>)[port], static (left, other) => left.SelectMany(part => part.Without(other))))];
}
