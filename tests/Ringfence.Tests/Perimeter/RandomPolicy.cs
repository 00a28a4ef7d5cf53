using Ringfence.Core.Events;
using Ringfence.Core.Geo;
using Ringfence.Core.Pbx;
using Ringfence.Core.Perimeter;

namespace Ringfence.Tests.Perimeter;

/// <summary>Policies of any shape: zones that overlap, lie in one another or are empty, services that are closed to zones they are open to.</summary>
/// <param name="links">Interfaces that zones may name.</param>
/// <param name="countries">Countries that zones may name.</param>
internal sealed class RandomPolicy(Random random, IReadOnlyList<string> links, IReadOnlyList<string>? countries = null)
{
    private static readonly string[] Networks =
    [
        "192.0.2.0/24", "192.0.2.64/26", "192.0.2.65", "198.51.100.0/25", "198.51.100.128/25", "198.51.100.7", "203.0.113.0/30", "203.0.113.4/31", "10.0.0.0/8", "10.20.30.40", "172.16.0.0/12", "100.64.0.0/10",
        "2001:db8:1::/48", "2001:db8:1:5::/64", "2001:db8:1:5::7", "2001:db8:2::/47", "2001:db8:f::1", "fd00:1::/32",
    ];

    public PerimeterSettings Settings()
    {
        var zones = ((string[])[ZoneSettings.Trusted, ZoneSettings.Phones, ZoneSettings.Trunks, ZoneSettings.Admin, "branch.1", "far-away"]).Where(_ => random.Next(6) > 0).Select(Zone).ToList();
        string[] names = [.. zones.Select(static zone => zone.Name), ZoneSettings.World];
        var services = new List<ServiceSettings>();
        var next = 20;
        foreach (var name in (string[])["sip", "web", "rtp", "door.7", "odd_one"])
        {
            if (random.Next(5) == 0)
            {
                continue;
            }

            services.Add(new ServiceSettings
            {
                Name = name,
                Ports = [.. Enumerable.Range(0, 1 + random.Next(3)).Select(_ => Ports(ref next))],
                Open = Some(names, 3),
                Closed = random.Next(3) == 0 ? Some([.. names.Where(static zone => zone is not ZoneSettings.World)], 2) : [],
            });
        }

        return new PerimeterSettings { Zones = zones, Services = services };
    }

    private PortRange Ports(ref int next)
    {
        next += random.Next(1, 900);
        var first = next;
        next += random.Next(3) == 0 ? random.Next(1, 2000) : 0;
        var range = new PortRange(random.Next(2) == 0 ? PortProtocol.Tcp : PortProtocol.Udp, (ushort)first, (ushort)next);
        next++;
        return range;
    }

    private ZoneSettings Zone(string name) => new()
    {
        Name = name,
        Networks = [.. Some(Networks, 4).Select(text => new NotedNetwork(Network.Parse(text)!.Value, random.Next(3) == 0 ? "the \"office\" of Zoë; 3rd floor's" : "", new Place("r", 1)))],
        Interfaces = random.Next(4) == 0 ? Some(links, 1) : [],
        Countries = countries is not null && name is "far-away" or "branch.1" ? [.. Some(countries!, 2).Select(static code => CountryCode.Parse(code))] : [],
        NotCountries = countries is not null && name is ZoneSettings.Trunks ? [.. Some(countries, 2).Select(static code => CountryCode.Parse(code))] : [],
    };

    private List<string> Some(IReadOnlyList<string> all, int most) => [.. Enumerable.Range(0, random.Next(most + 1)).Select(_ => all[random.Next(all.Count)]).Distinct()];
}
