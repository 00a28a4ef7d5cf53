using System.Globalization;
using Ringfence.Core.Fraud;

namespace Ringfence.Core.Configuration;

/// <summary>The keys of a section [limit NAME].</summary>
internal static class LimitKeys
{
    private const string Section = "limit NAME";

    private static readonly (string Name, LimitScope Scope)[] Scopes =
        [("extension", LimitScope.Extension), ("country", LimitScope.ExtensionCountry), ("trunk", LimitScope.Trunk), ("did", LimitScope.Did), ("account", LimitScope.Account), ("site", LimitScope.Site)];

    private static readonly (string Name, BrakeAction Action)[] Actions =
    [
        ("tell", BrakeAction.Tell), ("call", BrakeAction.Call), ("country", BrakeAction.Country), ("risky", BrakeAction.Risky), ("outside", BrakeAction.Outside), ("trunk", BrakeAction.Trunk),
        ("all-risky", BrakeAction.AllRisky),
    ];

    /// <summary>As the key for has it.</summary>
    public static string NameOf(LimitScope scope) => Array.Find(Scopes, one => one.Scope == scope).Name;

    /// <summary>As the key action has it.</summary>
    public static string NameOf(BrakeAction action) => Array.Find(Actions, one => one.Action == action).Name;

    private static IReadOnlyList<ConfigKey> All { get; } =
    [
        new()
        {
            Section = Section, Name = "enabled", Type = "yes or no", Default = "yes", IsUnset = true, Example = "no",
            Meaning = "no: the limit is not there.",
            Set = ConfigKeys.One(static (config, value) => Pbx.AsteriskBool.Parse(value) is { } yes ? With(config, limit => limit with { IsEnabled = yes }) : ConfigKeys.Expect("yes or no")),
        },
        new()
        {
            Section = Section, Name = "rule", Type = "id or name of a rule about calls", Default = "that of the default limit of this name", IsUnset = true, Example = "spend",
            Meaning = "What is counted, and in what: `ringfence rules`, RF3001 and on.",
            Set = ConfigKeys.One(static (config, value) => Find(value) is { } rule ? With(config, limit => limit with { Rule = rule.Id })
                : ConfigKeys.Expect(CallFilterKeys.OneOf(value, [.. CallRules.All.Select(static rule => rule.Name)]))),
        },
        new()
        {
            Section = Section, Name = "for", Type = "extension, country, trunk, did, account or site", Default = "extension", IsUnset = true, Example = "extension",
            Meaning = "Whose calls are counted together. country: one extension's to one country. A rule that hears of calls in has site alone, one that hears of registrations or PINs extension or site.",
            Set = ConfigKeys.One(static (config, value) => Array.Exists(Scopes, one => one.Name == value) ? With(config, limit => limit with { Scope = Array.Find(Scopes, one => one.Name == value).Scope })
                : ConfigKeys.Expect(CallFilterKeys.OneOf(value, [.. Scopes.Select(static one => one.Name)]))),
        },
        new()
        {
            Section = Section, Name = "window", Type = "duration, 1m to 60d", Default = "that of the rule's first limit", IsUnset = true, Example = "1h",
            Meaning = "Over how long it is counted, where the rule counts over a time.",
            Set = ConfigKeys.Time(TimeSpan.FromMinutes(1), TimeSpan.FromDays(60), static (config, value) => With(config, limit => limit with { Window = value }).Config!),
        },
        new()
        {
            Section = Section, Name = "warning", Type = "amount, number, duration or times, as the rule counts; or none", Default = "none", IsUnset = true, Example = "20",
            Meaning = "From here on people are told.",
            Set = ConfigKeys.One(static (config, value) => With(config, limit => limit with { Warning = value })),
        },
        new()
        {
            Section = Section, Name = "critical", Type = "amount, number, duration or times, as the rule counts; or none", Default = "none", IsUnset = true, Example = "50",
            Meaning = "From here on calls are stopped as action says. The gate lets no call out that reaches it, but where action is tell.",
            Set = ConfigKeys.One(static (config, value) => With(config, limit => limit with { Critical = value })),
        },
        new()
        {
            Section = Section, Name = "action", Type = "tell, call, country, risky, outside, trunk or all-risky", Default = "that of the rule's first limit", IsUnset = true, Example = "country",
            Meaning = "tell: nothing is stopped. call: that call alone. country: this extension's calls to that country. risky: its calls to risky destinations. outside: all its calls to outside. trunk: everybody's calls over that trunk. "
                + "all-risky: everybody's to risky destinations. Where for is did, country, risky and outside are of all calls that came in at that number. Emergency calls are never stopped.",
            Set = ConfigKeys.One(static (config, value) => Array.Exists(Actions, one => one.Name == value) ? With(config, limit => limit with { Action = Array.Find(Actions, one => one.Name == value).Action })
                : ConfigKeys.Expect(CallFilterKeys.OneOf(value, [.. Actions.Select(static one => one.Name)]))),
        },
        new()
        {
            Section = Section, Name = "stop_for", Type = "duration, 1m to 30d", Default = "1h", IsUnset = true, Example = "4h",
            Meaning = "For how long they stay stopped. Stopped again within a week it is twice as long, to a day.",
            Set = ConfigKeys.Time(TimeSpan.FromMinutes(1), TimeSpan.FromDays(30), static (config, value) => With(config, limit => limit with { For = value }).Config!),
        },
        new()
        {
            Section = Section, Name = "earn", Type = "times, 1 to 100, or 0", Default = "0", IsUnset = true, Example = "4",
            Meaning = "Where so many times what is usual is more than critical, that counts: the median of its days' greatest figures, from five days over two weeks on, and twice critical at most. Days on which the limit stopped something don't count.",
            Set = ConfigKeys.One(static (config, value) => decimal.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var times) && times is 0 or (>= 1 and <= 100)
                ? With(config, limit => limit with { Earns = (int)(times * 100) }) : ConfigKeys.Expect("how many times, from 1 to 100 such as 3 or 2.5, or 0 for never")),
        },
        new()
        {
            Section = Section, Name = "spare_known", Type = "yes or no", Default = "no", IsUnset = true, Example = "yes",
            Meaning = "What it stops leaves calls alone that go to countries which the calling extension calls as a rule.",
            Set = ConfigKeys.One(static (config, value) => Pbx.AsteriskBool.Parse(value) is { } yes ? With(config, limit => limit with { SparesKnown = yes }) : ConfigKeys.Expect("yes or no")),
        },
        new()
        {
            Section = Section, Name = "hours", Type = "always, work or off", Default = "always", IsUnset = true, Example = "off",
            Meaning = "When it looks: off is outside of [calls] hours, and on holidays.",
            Set = ConfigKeys.One(static (config, value) => CallFilterKeys.Hours(value) is { } hours ? With(config, limit => limit with { Hours = hours }) : ConfigKeys.Expect("always, work or off")),
        },
        .. CallFilterKeys.Of(Section, withHabits: true, static (config, change) => With(config, limit => limit with { Calls = limit.Calls is { } before ? filter => change(before(filter)) : change }).Config!),
    ];

    public static NamedSection Named { get; } = new(
        "limit",
        "What calls may come to. The default policy has limits of its own (" + string.Join(", ", CallRules.All.SelectMany(static rule => rule.Limits).Select(static limit => limit.Name))
            + "): a section of such a name changes of it what it says, any other adds one. One that is added looks at all calls to outside, whatever its rule is called, but for those that its lines leave out: "
            + "of rule = forwarded-outside too, so it needs origins = forwarded. `ringfence calls limits NAME` shows each as it is.",
        All,
        static (config, name) => config with { Calls = config.Calls with { Limits = [.. config.Calls.Limits, new LimitSettings { Name = name }] } },
        static config => Named!.WrongLast([.. config.Calls.Limits.Select(static limit => limit.Name)])
            ?? config.Calls.Limits[^1].Resolve(config.Calls.EuroInMoney).Wrong
            ?? (config.Calls.AllLimits.Count > CallPolicy.MaxLimits ? $"is one too many: expected {CallPolicy.MaxLimits} limits at most, with those of the default policy; enabled = no takes one of them away" : null))
    {
        Example = "boss",
    };

    private static CallRule? Find(string text) =>
        CallRules.All.FirstOrDefault(rule => string.Equals(rule.Id, text, StringComparison.OrdinalIgnoreCase) || string.Equals(rule.Name, text, StringComparison.OrdinalIgnoreCase));

    private static ConfigKeys.Reading With(RingfenceConfig config, Func<LimitSettings, LimitSettings> change) =>
        ConfigKeys.Ok(config with { Calls = config.Calls with { Limits = config.Calls.Limits.WithLast(change) } });
}
