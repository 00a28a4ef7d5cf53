using System.Globalization;
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
                : ConfigKeys.Expect(NumberPlans.Expected(value))),
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
            Section = Section, Name = "inside_trunks", Type = "name of a trunk", Default = "none", IsUnset = true, Example = "branch, warehouse", IsList = true,
            Meaning = "Trunks that lead to PBXs of your own, by the names of their endpoints as a channel has them (PJSIP/branch-0000001a is branch): calls to those stay inside, whatever is dialled. What that PBX sends on over another trunk of this one counts as before.",
            Set = ConfigKeys.Each(static value => value.AsSpan().IndexOfAny(" \t/@") < 0 ? null : "the name of an endpoint such as branch, without PJSIP/ before it", static (config, values) => config with { Calls = config.Calls with { InsideTrunks = values } }),
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
        new()
        {
            Section = Section, Name = "euro", Type = "amount, 0.01 to 100000", Default = "1", IsUnset = true, Example = "90",
            Meaning = "What a euro is in the money of deck, where that is of another kind: about 1.1 in US dollars, 90 in Indian rupees. The default limits and the classes of risk are in euros, and are taken times this; what [limit NAME] says is in the deck's money.",
            Set = ConfigKeys.One(static (config, value) => decimal.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var euro) && euro is >= 0.01m and <= 100_000
                ? ConfigKeys.Ok(config with { Calls = config.Calls with { Euro = (long)(euro * Rate.Unit) } })
                : ConfigKeys.Expect("an amount such as 90 or 1.08, from 0.01 to 100000")),
        },
        new()
        {
            Section = Section, Name = "hours", Type = "days and times", Default = "Mon-Fri 07:00-19:00", IsUnset = true, Example = "Mon-Sat 08:00-18:30",
            Meaning = "When people work, in the site's own time: what is outside of it, and on holidays, is off hours. Single days stand with a plus: Mon+Wed 09:00-17:00. Over midnight: Mon-Sun 18:00-02:00.",
            Set = ConfigKeys.One(static (config, value) => WorkHoursText.Parse(value) is { } hours ? ConfigKeys.Ok(config with { Calls = config.Calls with { Hours = hours } }) : ConfigKeys.Expect("days and times such as Mon-Fri 07:00-19:00")),
        },
        new()
        {
            Section = Section, Name = "holidays", Type = "date, YYYY-MM-DD", Default = "none", IsUnset = true, Example = "2026-12-25, 2026-12-26", IsList = true,
            Meaning = "Days on which nobody works.",
            Set = ConfigKeys.Each(static value => WorkHoursText.Date(value) is null ? "a date such as 2026-12-25" : null,
                static (config, dates) => config with { Calls = config.Calls with { Holidays = [.. dates.Select(static date => WorkHoursText.Date(date)!.Value)] } }),
        },
        new()
        {
            Section = Section, Name = "listed", Type = "path", Default = "none", IsUnset = true, Example = "/etc/ringfence/fraud-numbers.txt", IsList = true,
            Meaning = "Files of numbers that nobody has a reason to call: those that fraudsters test with, and numbers of your own that are nobody's. A number with its country code to a line, or a beginning with a star: 23279*.",
            Set = ConfigKeys.Each(static value => value.StartsWith('/') ? null : "an absolute path, beginning with /", static (config, values) => config with { Calls = config.Calls with { Listed = values } }),
        },
        new()
        {
            Section = Section, Name = "learn", Type = "duration, 0s to 90d", Default = "14d", IsUnset = true, Example = "30d",
            Meaning = "How long an extension or the site is watched until a country counts as new to it. CDRs of the past count.",
            Set = ConfigKeys.Time(TimeSpan.Zero, TimeSpan.FromDays(90), static (config, value) => config with { Calls = config.Calls with { Learning = value } }),
        },
    ];

    /// <param name="add">Takes section, key and the words of a mistake.</param>
    public static void CheckTogether(RingfenceConfig config, Action<string, string, string> add)
    {
        // Italy's area codes begin with a 0 that belongs to them, Russia's with the 8 that is also the prefix; nobody's with a 0 that is one.
        var area = config.Calls.AreaCode;
        if (area.StartsWith('0') && config.Calls.Country is { } country && NumberPlans.BuiltIn.Of(country)?.NationalPrefix?.AtStartOf(area) is { Length: > 0 and var length })
        {
            add(Section, "area", $"area is \"{area}\": expected the area code without the prefix before it{(length < area.Length ? $", {area[length..]}" : "")}");
        }
    }
}
