using Ringfence.Core.Events;
using Ringfence.Core.Geo;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Perimeter;

/// <summary>A network of a zone, and what the operator wrote behind it.</summary>
/// <param name="Note">"" or the comment of the line.</param>
internal readonly record struct NotedNetwork(Network Network, string Note, Place Place);

/// <summary>A section [zone NAME]: who somebody is. Whoever fits one of its lines is in it.</summary>
internal sealed record ZoneSettings
{
    /// <summary>Who may reach every port.</summary>
    public const string Trusted = "trusted";

    public const string Phones = "phones";
    public const string Trunks = "trunks";
    public const string Admin = "admin";

    /// <summary>Everybody.</summary>
    public const string World = "world";

    /// <summary>Zones that are always there, if perhaps empty.</summary>
    public static readonly IReadOnlyList<string> Known = [Trusted, Phones, Trunks, Admin, World];

    public required string Name { get; init; }

    public IReadOnlyList<NotedNetwork> Networks { get; init; } = [];

    /// <summary>DNS names, whose addresses are looked up.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Countries whose addresses are in the zone.</summary>
    public IReadOnlyList<CountryCode> Countries { get; init; } = [];

    /// <summary>All countries but these.</summary>
    public IReadOnlyList<CountryCode> NotCountries { get; init; } = [];

    /// <summary>Network operators (autonomous systems), besides the countries.</summary>
    public IReadOnlyList<uint> Operators { get; init; } = [];

    /// <summary>Whoever comes in by one of them is in the zone, whatever he says his address is.</summary>
    public IReadOnlyList<string> Interfaces { get; init; } = [];
}

/// <summary>A section [service NAME]: what may be reached, and by whom. What it leaves out is as it is by default for a service of that name.</summary>
internal sealed record ServiceSettings
{
    public required string Name { get; init; }

    /// <summary>null: those of <see cref="ServiceDefaults"/>.</summary>
    public IReadOnlyList<PortRange>? Ports { get; init; }

    /// <summary>Names of zones; null: those of <see cref="ServiceDefaults"/>.</summary>
    public IReadOnlyList<string>? Open { get; init; }

    /// <summary>Who is in one of these zones stays out, though he is in one of <see cref="Open"/> too.</summary>
    public IReadOnlyList<string> Closed { get; init; } = [];
}

/// <summary>What ringfence.conf says of the perimeter.</summary>
internal sealed record PerimeterSettings
{
    public static readonly PerimeterSettings None = new();

    public IReadOnlyList<ZoneSettings> Zones { get; init; } = [];

    public IReadOnlyList<ServiceSettings> Services { get; init; } = [];

    /// <summary>Zones whose services whoever opened the door for himself may reach.</summary>
    public IReadOnlyList<string> RoamingZones { get; init; } = [ZoneSettings.Phones];

    /// <summary>Whether there is any policy: without a section of it nothing is proposed to the kernel.</summary>
    public bool IsGiven => Zones.Count + Services.Count > 0;

    /// <summary>Whom the policy lets in by his network, and so no blocklist shuts out; a zone that some service is closed to is no such promise.</summary>
    public IEnumerable<(Network Network, string Reason)> Welcome => Zones.Where(zone => !Services.Any(service => service.Closed.Contains(zone.Name, StringComparer.Ordinal)))
        .SelectMany(static zone => zone.Networks.Select(noted => (noted.Network, $"zone {zone.Name} of the firewall's policy")));

    /// <summary>Whether a database of countries is needed.</summary>
    public bool HasCountries => Zones.Any(static zone => zone.Countries.Count + zone.NotCountries.Count + zone.Operators.Count > 0);
}
