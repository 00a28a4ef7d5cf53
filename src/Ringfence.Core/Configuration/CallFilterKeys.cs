using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;

namespace Ringfence.Core.Configuration;

/// <summary>The keys by which [limit NAME] and [permission NAME] say which calls they mean.</summary>
internal static class CallFilterKeys
{
    private static readonly string[] Classes = [.. RiskDeck.BuiltIn.Names];
    private static readonly (string Name, Func<CallFilter, CallFilter> Set)[] Kinds =
    [
        ("risky", static filter => filter with { RiskyOnly = true }),
        ("abroad", static filter => filter with { AbroadOnly = true }),
        ("invalid", static filter => filter with { InvalidOnly = true }),
        ("listed", static filter => filter with { ListedOnly = true }),
        ("new", static filter => filter with { NewTo = Standing.NewToExtension }),
        ("new-to-site", static filter => filter with { NewTo = Standing.NewToSite }),
    ];

    /// <param name="section">As the page shows it.</param>
    /// <param name="withHabits">Whether what the engine has learned may be asked for: a permission knows nothing of it.</param>
    /// <param name="change">Changes the filter of the section that was begun last.</param>
    public static IEnumerable<ConfigKey> Of(string section, bool withHabits, Func<RingfenceConfig, Func<CallFilter, CallFilter>, RingfenceConfig> change)
    {
        var kinds = withHabits ? Kinds : Kinds[..3];
        ConfigKey List(string name, string type, string unset, string example, string meaning, Func<string, string?> wrong, Func<CallFilter, IReadOnlyList<string>, CallFilter> set) =>
            new() { Section = section, Name = name, Type = type, Default = unset, IsUnset = true, Example = example, IsList = true, Meaning = meaning, Set = ConfigKeys.Each(wrong, (config, names) => change(config, filter => set(filter, names))) };

        yield return List(
            "extensions", "extension, or its beginning with a star", "all", "2*, 301",
            "Whose calls.",
            Wrong, static (filter, names) => filter with { Extensions = names });
        yield return List(
            "not_extensions", "extension, or its beginning with a star", "none", "201, 3*",
            withHabits ? "Whose calls not: so a default limit is taken off an extension that needs more." : "Whose calls not.",
            Wrong, static (filter, names) => filter with { NotExtensions = names });
        yield return List(
            "trunks", "name of a trunk, or its beginning with a star", "all", "trunk-a",
            "Over which trunks. The gate may be asked before anybody knows which trunk it will be: " + (withHabits ? "then the brake alone looks." : "then the section holds no call."),
            Wrong, static (filter, names) => filter with { Trunks = names });
        yield return List(
            "classes", string.Join(", ", Classes[..^1]) + " or " + Classes[^1], "all", "premium, satellite",
            "To which classes of destinations; `ringfence calls rate NUMBER` says which one a number is of.",
            static value => Classes.Contains(value, StringComparer.Ordinal) ? null : OneOf(value, Classes), static (filter, names) => filter with { Classes = names });
        yield return List(
            "countries", "two letters (ISO 3166-1), 001 for networks of no country", "all", "SL, CU",
            "To which countries.",
            WrongCountry, static (filter, names) => filter with { Regions = [.. names.Select(static name => name.ToUpperInvariant())] });
        yield return List(
            "not_countries", "two letters (ISO 3166-1), 001 for networks of no country", "none", "DE, AT, CH",
            "To all countries but these.",
            WrongCountry, static (filter, names) => filter with { NotRegions = [.. names.Select(static name => name.ToUpperInvariant())] });
        yield return List(
            "origins", "phone, forwarded or dialled-on", "all", "forwarded, dialled-on",
            "How the calls came about: dialled at a phone; of a call from outside that was forwarded or transferred; dialled on by somebody outside (DISA, a voicemail's callback, an IVR).",
            static value => OriginText.Parse(value) is null ? OneOf(value, OriginText.Words) : null, static (filter, names) => filter with { Origins = [.. names.Select(static name => OriginText.Parse(name)!.Value)] });
        yield return List(
            "only", string.Join(", ", kinds[..^1].Select(static kind => kind.Name)) + " or " + kinds[^1].Name, "all", "risky",
            "risky: destinations that cost most (high, satellite, premium) and numbers abroad that nobody was given. abroad: outside of the site's country. invalid: numbers abroad that nobody can have."
                + (withHabits ? " listed: numbers of [calls] listed. new: countries that the extension does not call as a rule. new-to-site: that nobody does." : ""),
            value => Array.Exists(kinds, kind => kind.Name == value) ? null : OneOf(value, [.. kinds.Select(static kind => kind.Name)]),
            static (filter, names) => names.Aggregate(filter with { RiskyOnly = false, AbroadOnly = false, InvalidOnly = false, ListedOnly = false, NewTo = Standing.Known }, static (with, name) => Array.Find(Kinds, kind => kind.Name == name).Set(with)));
    }

    /// <summary>The filter as its keys say it; none for all calls.</summary>
    public static IEnumerable<(string Key, string Value)> Of(CallFilter filter)
    {
        (string Key, IEnumerable<string> Values)[] lists =
        [
            ("extensions", filter.Extensions), ("not_extensions", filter.NotExtensions), ("trunks", filter.Trunks), ("classes", filter.Classes), ("countries", filter.Regions), ("not_countries", filter.NotRegions),
            ("origins", filter.Origins.Select(OriginText.Of)),
            ("only", Kinds.Where(kind => kind.Set(filter) == filter).Select(static kind => kind.Name)),
        ];
        return from list in lists let value = string.Join(", ", list.Values) where value.Length > 0 select (list.Key, value);
    }

    /// <summary>"always", "work" and "off".</summary>
    public static LimitHours? Hours(string text) => text switch { "always" => LimitHours.Always, "work" => LimitHours.Work, "off" => LimitHours.Off, _ => null };

    public static string OneOf(string value, IReadOnlyList<string> known) =>
        $"one of {string.Join(", ", known)}{(NearestName.Of(value, known) is { } near ? $"; did you mean {near}?" : "")}";

    private static string? Wrong(string value) => value.Length is > 0 and <= 80 && !value.Any(static c => char.IsControl(c) || c == ' ') && value.IndexOf('*', StringComparison.Ordinal) is var star && (star < 0 || star == value.Length - 1)
        ? null : "a name of 80 characters at most, with a star at its end or none";

    private static string? WrongCountry(string value) => value == NumberPlans.World || NumberPlans.BuiltIn.Of(value.ToUpperInvariant()) is not null ? null : NumberPlans.Expected(value);
}
