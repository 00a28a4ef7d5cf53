using Ringfence.Core.Knock;

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
    ];

    public static NamedSection Named { get; } = new(
        "knock",
        "Somebody who may open the door for the address that he is at, wherever that is: `ringfence knock --new NAME` makes the section and the file for his side.",
        [
            new()
            {
                Section = "knock NAME", Name = "secret", Type = "43 letters, digits, - and _", Default = "must be given", IsUnset = true, IsSecret = true, Example = "dGVzdC1zZWNyZXQtdGVzdC1zZWNyZXQtdGVzdC0wMDE",
                Meaning = "The secret that he shares with this machine, as `ringfence knock --new NAME` draws it. Only root may read this file then.",
                Set = ConfigKeys.One(static (config, value) => KnockKey.ParseSecret(value) is { } secret
                    ? ConfigKeys.Ok(config with
                    {
                        Roaming = config.Roaming with { Users = [.. config.Roaming.Users.SkipLast(1), config.Roaming.Users[^1] with { Key = new KnockKey(config.Roaming.Users[^1].Name, secret) }] },
                    })
                    : ConfigKeys.Expect("what `ringfence knock --new NAME` prints")),
            },
        ],
        static (config, name) => config with { Roaming = config.Roaming with { Users = [.. config.Roaming.Users, new KnockUser(name, null)] } },
        static config => Missing(config.Roaming.Users))
    {
        Example = "anna",
    };

    private static string? Missing(IReadOnlyList<KnockUser> users) =>
        Named.WrongName(users[^1].Name, users.SkipLast(1).Any(user => user.Name == users[^1].Name))
        ?? (users[^1].Key is null ? "has no secret: expected secret = what `ringfence knock --new NAME` prints"
            : users.Count > MostUsers ? $"is one too many: expected at most {MostUsers} who may knock" : null);
}
