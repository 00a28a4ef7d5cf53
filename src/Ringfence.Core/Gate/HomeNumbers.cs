using System.Globalization;
using Ringfence.Core.Numbers;

namespace Ringfence.Core.Gate;

/// <summary>Beginnings of the numbers that may be called while nobody watches: of the site's own country, and of those that share its calling code and cost little, without premium and personal ones.</summary>
/// <remarks>
/// A dialplan can't classify a number; it has patterns. A beginning is taken where no costly range of the plan begins so and a cheap one does, and longer ones are looked at where both do. Each is
/// held against what the gate itself makes of numbers that begin so, as they are dialled (<see cref="DiallingRules"/>): what it may take for a foreign or dear one is left out.
/// </remarks>
internal static class HomeNumbers
{
    // Ranges are told apart within so many digits; where not, the number is not called.
    private const int Deepest = 7;

    // Numbers that are looked at for a beginning: each of these goes behind it.
    private static readonly string[] Endings = ["0000000000000", "1111111111111", "2345678901234", "5551234567890", "9999999999999", "7300462118253", "4012345678901", "8888888888888", "3690312503690"];

    /// <summary>Patterns of a dialplan, "_0[1-9]X.", for numbers as people dial them and as trunks get them.</summary>
    public static IReadOnlyList<string> Patterns(DiallingRules rules, NumberPlans plans, Tariff tariff)
    {
        var home = rules.Home;
        var ranges = plans.All.Where(plan => plan.CallingCode == home.CallingCode && (plan == home || IsCheap(plan, home.Region)))
            .SelectMany(static plan => plan.Ranges).Where(static range => range.Kind is not null).ToList();
        var cheap = ranges.Where(static range => range.Kind is not (NumberKind.Premium or NumberKind.Personal)).Select(static range => range.Pattern).ToList();
        var dear = ranges.Where(static range => range.Kind is NumberKind.Premium or NumberKind.Personal).Select(static range => range.Pattern).ToList();
        var found = new List<string>();
        foreach (var (before, hidden) in Forms(rules))
        {
            Add(before, hidden, hidden);
        }

        return found;

        void Add(string before, string hidden, string prefix)
        {
            var taken = new List<char>();
            for (var digit = '0'; digit <= '9'; digit++)
            {
                var beginning = prefix + digit;
                if (!cheap.Exists(pattern => pattern.Begins(beginning)))
                {
                    continue;
                }

                if (!dear.Exists(pattern => pattern.Begins(beginning)) && IsSure(before + beginning[hidden.Length..], beginning.Length))
                {
                    taken.Add(digit);
                }
                else if (beginning.Length < Deepest)
                {
                    Add(before, hidden, beginning);
                }
            }

            if (taken.Count > 0)
            {
                found.Add(Pattern(before + prefix[hidden.Length..], taken));
            }
        }

        // Every number that begins so as it is dialled, and is one, is a cheap one at home.
        bool IsSure(string dialled, int known) =>
            Endings.SelectMany(ending => home.Lengths.Where(length => length > known).Select(length => dialled + ending[..Math.Min(ending.Length, length - known)]))
                .All(number => rules.Read(number, plans) is var read && (read.Kind != DialledKind.Outside || IsFine(read.Number)));

        bool IsFine(PhoneNumber number) =>
            number.CallingCode == home.CallingCode
            && (!number.IsValid || number.Region == home.Region || plans.Of(number.Region) is not { } plan || IsCheap(plan, home.Region))
            && tariff.For(number).Risk.Name is not ("premium" or "personal");
    }

    /// <summary>What is dialled before a national number, and the beginning of it that is not: "0" and "", "+49" and "", "9" and "415" for a local one.</summary>
    private static IEnumerable<(string Before, string Hidden)> Forms(DiallingRules rules)
    {
        var home = rules.Home;
        var code = home.CallingCode.ToString(CultureInfo.InvariantCulture);

        // The prefixes of the world's plans that are the same for all numbers.
        string[] abroad = [.. new[] { "00", "011" }.Where(prefix => prefix == "00" || home.InternationalPrefix?.Fits(prefix) == true)];
        string[] national = [.. new[] { "0", "1", "8", "06" }.Where(prefix => home.NationalPrefix?.Fits(prefix) == true)];
        yield return ($"+{code}", "");
        foreach (var line in rules.OutsideLines.Prepend("").Distinct(StringComparer.Ordinal))
        {
            foreach (var prefix in national.Concat(abroad.Select(prefix => prefix + code)).Append(""))
            {
                yield return (line + prefix, "");
            }

            if (rules.AreaCode.Length > 0)
            {
                yield return (line, rules.AreaCode);
            }
        }
    }

    private static bool IsCheap(NumberPlan plan, string home) =>
        RiskDeck.BuiltIn.For(new PhoneNumber("", plan.CallingCode, plan.Region, NumberKind.Fixed, NumberValidity.Valid), home).Class.Name is RiskDeck.Home or "low";

    private static string Pattern(string prefix, List<char> digits) => digits.Count switch
    {
        10 => $"_{prefix}X.",
        1 => $"_{prefix}{digits[0]}.",
        _ => $"_{prefix}[{string.Concat(digits)}].",
    };
}
