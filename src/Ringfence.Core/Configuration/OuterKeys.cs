using Ringfence.Core.Outer;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Configuration;

/// <summary>The keys of a section [outer NAME]. Each sets the last of the configuration, which the reader adds for the section.</summary>
internal static class OuterKeys
{
    private const string Section = "outer NAME";

    private const int MostDevices = 32;

    private const string ActionType = "absolute path and arguments, or METHOD URL BODY";

    // A token of RFC 9110 section 5.6.2.
    private static readonly System.Buffers.SearchValues<char> NameCharacters = System.Buffers.SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    private static readonly string Places = string.Join(", ", OuterTemplate.OfBan);

    private static IReadOnlyList<ConfigKey> All { get; } =
    [
        new()
        {
            Section = Section, Name = "ban", Type = ActionType, Default = "none", IsUnset = true, Example = "/usr/local/bin/block <network> <seconds>", IsSecret = true,
            Meaning = $"Tells the device of a ban: a program, without a shell, arguments apart by blanks; or a request such as `PUT https://192.0.2.1/block {{\"address\":\"<network>\"}}`. Filled in are {Places}: addresses and numbers, nothing that an attacker wrote. "
                + "Exit code 0 or an answer 2xx is success; else it is told again, after 1s at first and each 10m at last. With <seconds> or <until> the device ends it by itself.",
            Set = Action(OuterTemplate.OfBan, needsSubject: true, static (outer, action) => outer with { Ban = action }),
        },
        new()
        {
            Section = Section, Name = "unban", Type = ActionType, Default = "none", IsUnset = true, Example = "/usr/local/bin/unblock <network>", IsSecret = true,
            Meaning = "Tells it that a ban is over. <id> in it is what find found. An answer 404 or 410 is success: it has none.",
            Set = Action([.. OuterTemplate.OfBan, OuterTemplate.Id], needsSubject: true, static (outer, action) => outer with { Unban = action }),
        },
        new()
        {
            Section = Section, Name = "find", Type = "GET URL", Default = "none", IsUnset = true, Example = "GET https://192.0.2.1/blocks?address=<network>", IsSecret = true,
            Meaning = "Asked before unban, for the device's own name of the entry: JSON, and in it what id says.",
            Set = Action(OuterTemplate.OfBan, needsSubject: true, static (outer, action) => outer with { Find = action }),
        },
        new()
        {
            Section = Section, Name = "id", Type = "names of members, apart by slashes", Default = "id", IsUnset = true, Example = "result/id",
            Meaning = "Where in the answer to find the names are; arrays on the way are gone through.",
            Set = ConfigKeys.One(static (config, value) => value.Length <= 100 ? With(config, outer => outer with { Id = value }) : ConfigKeys.Expect("names of members such as result/id")),
        },
        new()
        {
            Section = Section, Name = "all", Type = ActionType, Default = "none", IsUnset = true, Example = "PUT https://192.0.2.1/blocked <json>", IsSecret = true,
            Meaning = "Replaces what the device has by the whole list: a program gets a network to a line on its standard input; in a body <json> is an array, <items> what stands in it, <lines> a network to a line. Told each `every`, and without ban also after each change, at most every 10s.",
            Set = Action(OuterTemplate.OfAll, needsSubject: false, static (outer, action) => outer with { All = action }),
        },
        new()
        {
            Section = Section, Name = "item", Type = "text", Default = "\"<network>\"", IsUnset = true, Example = "{\"ip\":\"<network>\"}",
            Meaning = "How a ban is written in <json> and <items>.",
            Set = ConfigKeys.One(static (config, value) => value.Length <= 1000 && OuterTemplate.NamesSubject(value) && OuterTemplate.Unknown(value, OuterTemplate.OfBan) is null
                ? With(config, outer => outer with { Item = value })
                : ConfigKeys.Expect($"a text with <network> or <address> in it, and no other place than {Places}")),
        },
        new()
        {
            Section = Section, Name = "every", Type = "duration, 1m to 30d", Default = "1h with all, else never", IsUnset = true, Example = "1d",
            Meaning = "How often all is told; without all: how often each ban is told again, for devices that forget them when they restart. `ringfence outer sync NAME` does it at once.",
            Set = ConfigKeys.Time(TimeSpan.FromMinutes(1), TimeSpan.FromDays(30), static (config, value) => With(config, outer => outer with { Every = value }).Config!),
        },
        new()
        {
            Section = Section, Name = "already", Type = "text", Default = "none", IsUnset = true, Example = "already have such entry", IsList = true, KeepsCommas = true,
            Meaning = "Words in a refusal by which the device says that it is so already: success.",
            Set = ConfigKeys.Each(static value => value.Length is > 2 and <= 200 ? null : "3 to 200 characters", static (config, values) => With(config, outer => outer with { Already = values }).Config!),
        },
        new()
        {
            Section = Section, Name = "header", Type = "Name: value", Default = "none", IsUnset = true, Example = "Authorization: Bearer test-token", IsList = true, KeepsCommas = true, IsSecret = true,
            Meaning = "A header of each request. Only root and the group ringfence may read this file then.",
            Set = ConfigKeys.Each(static value => IsHeader(value) ? null : "Name: value, printable ASCII, at most 4000 characters", static (config, values) => With(config, outer => outer with { Headers = values }).Config!),
        },
        new()
        {
            Section = Section, Name = "ca", Type = "path", Default = "the system's authorities", IsUnset = true, Example = "/etc/ssl/router.pem",
            Meaning = "A PEM file: the device's certificate must be in it, or come from an authority in it. Certificate and name are checked always.",
            Set = ConfigKeys.One(static (config, value) => value.StartsWith('/') ? With(config, outer => outer with { CaFile = value }) : ConfigKeys.Expect("an absolute path, beginning with /")),
        },
        new()
        {
            Section = Section, Name = "most", Type = "number, 1 to 100000", Default = "5000", IsUnset = true, Example = "1000",
            Meaning = "Devices are small: of more bans it is told those that end last, and `ringfence status` says how many were left out.",
            Set = ConfigKeys.Number(1, 100_000, static (config, value) => With(config, outer => outer with { Most = value }).Config!),
        },
        new()
        {
            Section = Section, Name = "rate", Type = "number, 1 to 100", Default = "10", IsUnset = true, Example = "2",
            Meaning = "Calls a second; at most four at once.",
            Set = ConfigKeys.Number(1, 100, static (config, value) => With(config, outer => outer with { Rate = value }).Config!),
        },
        new()
        {
            Section = Section, Name = "longest", Type = "duration, 10m to 365d", Default = "30d", IsUnset = true, Example = "7d",
            Meaning = "With <seconds> or <until>: a ban that lasts longer is told for so long, and again when half of that is over.",
            Set = ConfigKeys.Time(TimeSpan.FromMinutes(10), TimeSpan.FromDays(365), static (config, value) => With(config, outer => outer with { Longest = value }).Config!),
        },
        new()
        {
            Section = Section, Name = "family", Type = "4, 6 or both", Default = "both", IsUnset = true, Example = "4",
            Meaning = "The bans it is told of: IPv4, IPv6.",
            Set = ConfigKeys.One(static (config, value) => value switch
            {
                "4" => With(config, outer => outer with { Family = 4 }),
                "6" => With(config, outer => outer with { Family = 6 }),
                "both" => With(config, outer => outer with { Family = null }),
                _ => ConfigKeys.Expect("4, 6 or both"),
            }),
        },
    ];

    public static NamedSection Named { get; } = new(
        "outer",
        "A firewall outside this machine that is told of each ban and its end, or of the whole list; one section for each. Nobody is told without a section, nor by a guard that observes. A device that is down holds up nothing: it is told of the difference when it is back. "
            + "Recipes for MikroTik, pfSense, OPNsense, Cisco and Cloudflare are in docs/outer.md; try one with `ringfence outer test NAME`.",
        All,
        static (config, name) => config with { Outer = [.. config.Outer, new OuterSettings { Name = name }] },
        static config => Missing(config.Outer[^1], [.. config.Outer.SkipLast(1)]))
    {
        Example = "router",
    };

    private static string? Missing(OuterSettings outer, IReadOnlyList<OuterSettings> others) =>
        Named.WrongName(outer.Name, others.Any(other => other.Name == outer.Name)) ?? outer switch
        {
            _ when others.Count >= MostDevices => $"is one too many: expected at most {MostDevices}",
            { Ban: null, Unban: null, All: null } => "has neither ban and unban nor all: expected how the firewall is told",
            { Ban: not null, Unban: null } => "has ban and no unban: expected both, or whoever is unbanned here stays banned there",
            { Ban: null, Unban: not null } => "has unban and no ban: expected both",
            { Find: not OuterRequest { Method: "GET" } and not null } => "has a find that is no request: expected find = GET URL",
            { Unban: { } unban, Find: var find } when unban.Text.Contains(OuterTemplate.Id, StringComparison.Ordinal) != find is not null =>
                find is null ? "has <id> in unban and no find: expected find = GET URL, which finds it" : "has find and no <id> in unban: expected both",
            { All: OuterRequest { Body: var body } } when body is null || !OuterTemplate.OfAll.Any(place => body.Contains(place, StringComparison.Ordinal)) =>
                $"has all without a body that holds the list: expected one of {string.Join(", ", OuterTemplate.OfAll)} in it",
            _ => null,
        };

    // A line end would begin another header.
    private static bool IsHeader(string value) => value.Length <= 4000 && value.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon
        && value.AsSpan(0, colon).IndexOfAnyExcept(NameCharacters) < 0
        && value.AsSpan(colon).IndexOfAnyExceptInRange(' ', '~') < 0;

    private static Func<RingfenceConfig, IReadOnlyList<GivenValue>, List<ConfigMistake>, RingfenceConfig> Action(
        IReadOnlyList<string> places, bool needsSubject, Func<OuterSettings, OuterAction, OuterSettings> set) => ConfigKeys.One((config, value) =>
        OuterAction.Parse(value) is not { } action ? ConfigKeys.Expect("an absolute path with arguments, or GET, POST, PUT, PATCH or DELETE, an http or https URL without a user and with no place such as <address> before its path, and perhaps a body")
        : OuterTemplate.Unknown(action.Text, places) is { } unknown ? ConfigKeys.Expect($"no {Shown.Text(unknown)} in it: there is {string.Join(", ", places)}")
        : needsSubject && !OuterTemplate.NamesSubject(action.Text) && !action.Text.Contains(OuterTemplate.Id, StringComparison.Ordinal) ? ConfigKeys.Expect("<network>, <cidr> or <address> in it: who is meant")
        : With(config, outer => set(outer, action)));

    private static ConfigKeys.Reading With(RingfenceConfig config, Func<OuterSettings, OuterSettings> change) =>
        ConfigKeys.Ok(config with { Outer = config.Outer.WithLast(change) });
}
