using Ringfence.Core.Perimeter;

namespace Ringfence.Core.Configuration;

/// <summary>The keys of a section [service NAME].</summary>
internal static class ServiceKeys
{
    private const string Section = "service NAME";

    /// <summary>In place of a list of zones: none.</summary>
    private const string Nobody = "nobody";

    private static IReadOnlyList<ConfigKey> All { get; } =
    [
        new()
        {
            Section = Section, Name = "ports", Type = "port/protocol", Default = "those of Asterisk's files, of sshd, or the usual ones", IsUnset = true, Example = "5060/udp, 10000-20000/udp",
            Meaning = "Where it listens. A service of another name than those above must say it. A port belongs to one service: what a section has, a service without ports of its own does not get.",
            IsList = true, Set = Ports,
        },
        new()
        {
            Section = Section, Name = "open", Type = "name of a zone, or nobody", Default = "sip, sips: phones, trunks; rtp: phones, trunks, world; wss, provisioning: phones; web, ssh: admin; iax: trunks; vpn: world; ami: nobody", IsUnset = true, Example = "phones, trunks",
            Meaning = "Whom it is open to.",
            IsList = true,
            Set = Zones(Nobody, static (service, zones) => service with { Open = zones }),
        },
        new()
        {
            Section = Section, Name = "closed", Type = "name of a zone", Default = "none", IsUnset = true, Example = "elsewhere",
            Meaning = "Who is in this zone stays out, though he is in one that it is open to. A trusted address and a registered phone do not.",
            IsList = true,
            Set = Zones(null, static (service, zones) => service with { Closed = zones }),
        },
    ];

    public static NamedSection Named { get; } = new(
        "service",
        "What may be reached, and by whom; everything else is closed to all but the zone trusted. sip, sips, wss, rtp, web, provisioning, ssh, ami, iax and vpn need no section: where they listen is read from Asterisk's files and from sshd's, "
            + "and each is open as the key open says.",
        All,
        static (config, name) => config with { Perimeter = config.Perimeter with { Services = [.. config.Perimeter.Services, new ServiceSettings { Name = name }] } },
        Missing)
    {
        Example = "sip",
    };

    /// <summary>What no section alone can tell: zones that are not there, ports at two services.</summary>
    public static void CheckTogether(PerimeterSettings settings, Func<string, Pbx.Place> placeOf, List<ConfigMistake> mistakes)
    {
        var zones = settings.Zones.Select(static zone => zone.Name).Concat(ZoneSettings.Known).Distinct(StringComparer.Ordinal).ToList();
        foreach (var service in settings.Services)
        {
            foreach (var zone in (service.Open ?? []).Concat(service.Closed).Where(zone => !zones.Contains(zone, StringComparer.Ordinal)))
            {
                mistakes.Add(new ConfigMistake(placeOf(service.Name), $"[service {service.Name}] names the zone {Pbx.Shown.Text(zone)}, which is not there: "
                    + (NearestName.Of(zone, zones) is { } near ? $"did you mean {near}?" : $"expected one of {string.Join(", ", zones)}, or a section [zone {Pbx.Shown.Text(zone)}]")));
            }
        }

        for (var at = 0; at < settings.Services.Count; at++)
        {
            foreach (var (port, other) in from port in settings.Services[at].Ports ?? [] from before in settings.Services.Take(at) from taken in before.Ports ?? [] where port.Overlaps(taken) select (port, before))
            {
                mistakes.Add(new ConfigMistake(placeOf(settings.Services[at].Name), $"[service {settings.Services[at].Name}] has {port}, and so has [service {other.Name}]: expected each port at one service"));
            }
        }
    }

    private static string? Missing(RingfenceConfig config)
    {
        var service = config.Perimeter.Services[^1];
        return Named.WrongLast([.. config.Perimeter.Services.Select(static one => one.Name)])
            ?? (ServiceDefaults.Names.Contains(service.Name, StringComparer.Ordinal) ? null
                : service.Ports is null ? $"has no ports: expected ports = such as 8443/tcp, or one of the known names {string.Join(", ", ServiceDefaults.Names)}"
                : service.Open is null ? "is open to nobody: expected open = and the names of zones, or open = nobody"
                : null);
    }

    private static RingfenceConfig With(RingfenceConfig config, Func<ServiceSettings, ServiceSettings> change) =>
        config with { Perimeter = config.Perimeter with { Services = config.Perimeter.Services.WithLast(change) } };

    private static Func<RingfenceConfig, IReadOnlyList<GivenValue>, List<ConfigMistake>, RingfenceConfig> Zones(string? nobody, Func<ServiceSettings, IReadOnlyList<string>, ServiceSettings> set) =>
        ConfigKeys.Each(
            static value => value.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') ? null : "names of zones",
            (config, zones) => With(config, service => set(service, [.. zones.Where(zone => zone != nobody)])));

    private static RingfenceConfig Ports(RingfenceConfig config, IReadOnlyList<GivenValue> values, List<ConfigMistake> mistakes)
    {
        var ports = new List<PortRange>();
        foreach (var value in values)
        {
            if (PortRange.Parse(value.Text) is not { } range)
            {
                mistakes.Add(value.Expected(PortRange.Expected));
            }
            else if (ports.Exists(range.Overlaps))
            {
                mistakes.Add(value.Expected("each port once"));
            }
            else
            {
                ports.Add(range);
            }
        }

        return With(config, service => service with { Ports = ports });
    }
}
