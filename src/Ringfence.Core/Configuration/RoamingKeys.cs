using Ringfence.Core.Knock;
using Ringfence.Core.Pbx;
using Ringfence.Core.Perimeter;

namespace Ringfence.Core.Configuration;

/// <summary>The keys of [roaming] and of the sections [knock NAME].</summary>
internal static class RoamingKeys
{
    public const string Section = "roaming";

    /// <summary>Each knock is looked up among all of them, and their numbers are made anew every minute.</summary>
    private const int MostUsers = 1000;

    public static IReadOnlyList<ConfigKey> All { get; } =
    [
        new()
        {
            Section = Section, Name = "knock_port", Type = "number, 1 to 65535", Default = "62201", Example = "40000",
            Meaning = "The UDP port that knocks are sent to. Leave it closed in every firewall of this machine: they are read from a copy of the packets, and never answered. A router before it has to forward it.",
            Set = ConfigKeys.Number(1, 65_535, static (config, value) => config with { Roaming = config.Roaming with { Port = (ushort)value } }),
        },
        new()
        {
            Section = Section, Name = "window", Type = "duration, 10s to 10m", Default = "1m", Example = "30s",
            Meaning = "How far the clock of whoever knocks may be from this machine's. What is older is refused, and so is each copy of a knock.",
            Set = ConfigKeys.Time(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(10), static (config, value) => config with { Roaming = config.Roaming with { Window = value } }),
        },
        new()
        {
            Section = Section, Name = "open", Type = "duration, 10m to 30d", Default = "8h", Example = "1d",
            Meaning = "How long the door is open for the address; knock again to have it open for longer. A phone that is registered by then keeps its own.",
            Set = ConfigKeys.Time(TimeSpan.FromMinutes(10), TimeSpan.FromDays(30), static (config, value) => config with { Roaming = config.Roaming with { Open = value } }),
        },
        new()
        {
            Section = Section, Name = "zone", Type = "name of a zone", Default = "phones", IsUnset = true, Example = "phones, admin", IsList = true,
            Meaning = "Whoever has opened the door may reach what these zones may. Behind a change: `ringfence firewall apply`.",
            Set = ConfigKeys.Each(static value => value is ZoneSettings.World or ZoneSettings.Trusted ? "a zone such as phones or admin: trusted reaches every port, and world nothing that others do not" : null,
                static (config, values) => config with { Perimeter = config.Perimeter with { RoamingZones = values } }),
        },
        new()
        {
            Section = Section, Name = "sequence", Type = "2 to 8 ports", Default = "nobody opens by ports", IsUnset = true, Example = "47000/tcp, 49000/udp, 48000/tcp", IsList = true,
            Meaning = "Ports in order, for phones on which no program runs: who sends a packet to each, one after the other, has the door open. The weaker way: who sees the packets can send the same, and everybody uses the same ports. "
                + "They stay closed, and may be no service's. It is part of the policy: `ringfence firewall apply`.",
            Set = Sequence,
        },
        new()
        {
            Section = Section, Name = "sequence_step", Type = "duration, 2s to 1m", Default = "10s", Example = "5s",
            Meaning = "How much time there is for each next port.",
            Set = ConfigKeys.Time(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1), static (config, value) => config with { Roaming = config.Roaming with { SequenceStep = value } }),
        },
        new()
        {
            Section = Section, Name = "sequence_open", Type = "duration, 1m to 30d", Default = "as open says", IsUnset = true, Example = "1h",
            Meaning = "How long ports in order open.",
            Set = ConfigKeys.Time(TimeSpan.FromMinutes(1), TimeSpan.FromDays(30), static (config, value) => config with { Roaming = config.Roaming with { SequenceOpen = value } }),
        },
    ];

    public static NamedSection Named { get; } = new(
        "knock",
        "Somebody who may open the door for the address that he is at, wherever that is: with a key (`ringfence knock --new NAME` makes the section and the file for his side), with a password at the page of [page], or both.",
        [
            new()
            {
                Section = "knock NAME", Name = "secret", Type = "43 letters, digits, - and _", Default = "he does not knock", IsUnset = true, IsSecret = true, Example = "dGVzdC1zZWNyZXQtdGVzdC1zZWNyZXQtdGVzdC0wMDE",
                Meaning = "The secret that he shares with this machine, as `ringfence knock --new NAME` draws it. Only root may read this file then.",
                Set = ConfigKeys.One(static (config, value) => KnockKey.ParseSecret(value) is { } secret
                    ? ConfigKeys.Ok(config with
                    {
                        Roaming = config.Roaming with { Users = [.. config.Roaming.Users.SkipLast(1), config.Roaming.Users[^1] with { Key = new KnockKey(config.Roaming.Users[^1].Name, secret) }] },
                    })
                    : ConfigKeys.Expect("what `ringfence knock --new NAME` prints")),
            },
            new()
            {
                Section = "knock NAME", Name = "password", Type = "hash of a password", Default = "the page does not know him", IsUnset = true, IsSecret = true,
                Example = "pbkdf2-sha256:100000:dGVzdC1zYWx0LXRlc3QtMQ:dGVzdC1oYXNoLXRlc3QtaGFzaC10ZXN0LWhhc2gtMDE",
                Meaning = "The hash of his password for the page, as `ringfence knock --password NAME` draws it. Who reads it can't find the password.",
                Set = ConfigKeys.One(static (config, value) => PagePassword.Parse(value) is { } password
                    ? ConfigKeys.Ok(config with { Roaming = config.Roaming with { Users = [.. config.Roaming.Users.SkipLast(1), config.Roaming.Users[^1] with { Password = password }] } })
                    : ConfigKeys.Expect("what `ringfence knock --password NAME` prints, never a password itself")),
            },
        ],
        static (config, name) => config with { Roaming = config.Roaming with { Users = [.. config.Roaming.Users, new KnockUser(name, null)] } },
        static config => Missing(config.Roaming.Users))
    {
        Example = "anna",
    };

    private static RingfenceConfig Sequence(RingfenceConfig config, IReadOnlyList<GivenValue> values, List<ConfigMistake> mistakes)
    {
        var ports = new List<PortRange>();
        foreach (var value in values)
        {
            if (PortRange.Parse(value.Text) is { } port)
            {
                ports.Add(port);
            }
            else
            {
                mistakes.Add(value.Expected("a port and its protocol such as 7000/tcp"));
                return config;
            }
        }

        if (ports.Count > 0 && KnockSequence.Expected(ports) is { } expected)
        {
            mistakes.Add(values[^1].Expected(expected));
            return config;
        }

        return config with { Roaming = config.Roaming with { SequencePorts = ports } };
    }

    /// <summary>What no key alone can tell.</summary>
    /// <param name="placeOf">Where a key stands; null: nowhere.</param>
    public static void CheckTogether(RingfenceConfig config, Func<string, string, ConfigSetting?> placeOf, List<ConfigMistake> mistakes)
    {
        var zones = config.Perimeter.Zones.Select(static zone => zone.Name).Concat(ZoneSettings.Known).ToList();
        foreach (var zone in config.Perimeter.RoamingZones.Except(zones, StringComparer.Ordinal))
        {
            Add(Section, "zone", $"zone names {Shown.Text(zone)}, which is not there: " + (NearestName.Of(zone, zones) is { } near ? $"did you mean {near}?" : $"expected one of {string.Join(", ", zones)}, or a section [zone {Shown.Text(zone)}]"));
        }

        foreach (var port in config.Roaming.SequencePorts)
        {
            var own = config.Perimeter.Services.FirstOrDefault(service => service.Ports?.Any(port.Overlaps) == true)?.Name
                ?? ServiceDefaults.Of(MachinePorts.Usual).FirstOrDefault(service => service.Ports.Any(port.Overlaps) && !config.Perimeter.Services.Any(given => given.Name == service.Name && given.Ports is not null)).Name;
            if (own is not null)
            {
                Add(Section, "sequence", $"sequence has {port}, which is the service {own}'s: expected ports of no service");
            }
        }

        PageKeys.CheckTogether(config.Roaming, Add);

        void Add(string section, string key, string words)
        {
            if (placeOf(section, key) is { } setting)
            {
                mistakes.Add(new ConfigMistake(setting.Place, words));
            }
        }
    }

    private static string? Missing(IReadOnlyList<KnockUser> users) =>
        Named.WrongName(users[^1].Name, users.SkipLast(1).Any(user => user.Name == users[^1].Name))
        ?? (users[^1] is { Key: null, Password: null } ? "has neither secret nor password: expected secret = what `ringfence knock --new NAME` prints, or password = what `ringfence knock --password NAME` does"
            : users.Count > MostUsers ? $"is one too many: expected at most {MostUsers} who may knock" : null);
}
