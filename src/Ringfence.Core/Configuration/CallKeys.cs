using Ringfence.Core.Numbers;

namespace Ringfence.Core.Configuration;

/// <summary>The keys of [calls].</summary>
internal static class CallKeys
{
    public const string Section = "calls";

    public static IReadOnlyList<ConfigKey> All { get; } =
    [
        new()
        {
            Section = Section, Name = "country", Type = "two letters (ISO 3166-1)", Default = "none", IsUnset = true, Example = "DE",
            Meaning = "The country that the site's trunks are in: what is dialled without a country code is a number of its plan.",
            Set = ConfigKeys.One(static (config, value) => NumberPlans.BuiltIn.Of(value.ToUpperInvariant()) is { } plan
                ? ConfigKeys.Ok(config with { Calls = config.Calls with { Country = plan.Region } })
                : ConfigKeys.Expect("two letters such as DE, GB or US")),
        },
        new()
        {
            Section = Section, Name = "outside", Type = "digits", Default = "none", IsUnset = true, Example = "9",
            Meaning = "What people dial for an outside line, where they do.",
            IsList = true,
            Set = ConfigKeys.Each(static value => value.Length is > 0 and <= 6 && value.All(char.IsAsciiDigit) ? null : "digits, six at most",
                static (config, values) => config with { Calls = config.Calls with { OutsideLines = values } }),
        },
        new()
        {
            Section = Section, Name = "area", Type = "digits", Default = "none", IsUnset = true, Example = "415",
            Meaning = "The area code of the site, without the prefix before it, where local numbers are dialled without it.",
            Set = ConfigKeys.One(static (config, value) => value.Length is > 0 and <= 8 && value.All(char.IsAsciiDigit)
                ? ConfigKeys.Ok(config with { Calls = config.Calls with { AreaCode = value } })
                : ConfigKeys.Expect("digits, eight at most")),
        },
        new()
        {
            Section = Section, Name = "extension_digits", Type = "number, 2 to 10", Default = "5", Example = "4",
            Meaning = "How many digits the longest extension has: what is no longer stays inside.",
            Set = ConfigKeys.Number(2, 10, static (config, value) => config with { Calls = config.Calls with { ExtensionDigits = value } }),
        },
        new()
        {
            Section = Section, Name = "deck", Type = "path", Default = "a risk deck that comes with the program", IsUnset = true, Example = "/etc/ringfence/rates.csv",
            Meaning = "The carrier's prices as CSV with a line of headings: prefix and rate (a minute), and if it has them destination, connect fee, first interval, interval. The longest prefix holds. Without it round figures stand for classes of countries: an order of damage, not a bill.",
            Set = ConfigKeys.Path(static (config, path) => config with { Calls = config.Calls with { Deck = path } }),
        },
        new()
        {
            Section = Section, Name = "currency", Type = "text", Default = "none", IsUnset = true, Example = "EUR",
            Meaning = "What stands behind amounts.",
            Set = ConfigKeys.One(static (config, value) => value.Length is > 0 and <= 8 && !value.Any(char.IsControl)
                ? ConfigKeys.Ok(config with { Calls = config.Calls with { Currency = value } })
                : ConfigKeys.Expect("a word of eight letters at most")),
        },
    ];
}
