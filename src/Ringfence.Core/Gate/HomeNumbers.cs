using System.Globalization;
using Ringfence.Core.Numbers;

namespace Ringfence.Core.Gate;

/// <summary>Beginnings of the numbers that may be called while nobody watches: of the site's own country, and of those that share its calling code and cost little, without premium and personal ones.</summary>
/// <remarks>
/// A dialplan can't classify a number; it has patterns. What is dialled may be read in several ways (with a prefix or without, with an outside line or without, as a foreign number), and the carrier
/// takes one of them: a beginning is taken where at least one way leads to cheap numbers at home and none to others. Where that is not known yet, longer ones are looked at.
/// </remarks>
internal sealed class HomeNumbers
{
    // Beginnings that are not told apart by then are left out.
    private const int Deepest = 9;

    private readonly List<(string Before, string Hidden)> _ways;
    private readonly List<string> _abroad;
    private readonly List<DigitPattern> _cheap = [];
    private readonly List<DigitPattern> _dear = [];
    private readonly List<string> _patterns = [];

    private HomeNumbers(DiallingRules rules, NumberPlans plans)
    {
        var home = rules.Home;
        string[] lines = [.. rules.OutsideLines.Prepend("").Distinct(StringComparer.Ordinal)];
        string[] prefixes = ["", .. new[] { "0", "1", "8", "06", "02", "01" }.Where(prefix => home.NationalPrefix?.Fits(prefix) == true)];
        _ways = [.. lines.SelectMany(line => prefixes.Select(prefix => (line + prefix, "")).Concat(rules.AreaCode.Length > 0 ? [(line, rules.AreaCode)] : []))];

        // As DiallingRules: carriers anywhere take 00 and 011; the plan's own may be another one (Asia, South America).
        _abroad = [.. lines.SelectMany(line => new[] { "00", "011" }.Concat(Enumerable.Range(0, 10_000).SelectMany(static number => (string[])[$"{number:D2}", $"{number:D3}", $"{number:D4}"]).Where(prefix => home.InternationalPrefix?.Fits(prefix) == true)).Distinct().Select(prefix => line + prefix))];
        foreach (var plan in plans.All.Where(plan => plan.CallingCode == home.CallingCode))
        {
            var isCheap = plan.Region == home.Region || RiskDeck.BuiltIn.For(new PhoneNumber("", plan.CallingCode, plan.Region, NumberKind.Fixed, NumberValidity.Valid), home.Region).Class.Name is RiskDeck.Home or "low";
            foreach (var range in plan.Ranges)
            {
                // Toll-free ranges are the same in all plans of a calling code.
                if (range.Kind is { } kind && (isCheap || kind != NumberKind.TollFree))
                {
                    (isCheap && kind is not (NumberKind.Premium or NumberKind.Personal) ? _cheap : _dear).Add(range.Pattern);
                }
            }
        }
    }

    /// <summary>Patterns of a dialplan, "_0[1-9].", for numbers as people dial them and as trunks get them.</summary>
    public static IReadOnlyList<string> Patterns(DiallingRules rules, NumberPlans plans)
    {
        var numbers = new HomeNumbers(rules, plans);
        numbers.Look("");
        var dialled = numbers._patterns.ToList();

        // With its country's code a number is read in one way.
        var code = rules.Home.CallingCode.ToString(CultureInfo.InvariantCulture);
        numbers._ways.Clear();
        numbers._ways.Add(("", ""));
        numbers._abroad.Clear();
        numbers._patterns.Clear();
        numbers.Look("");
        return [.. dialled, .. numbers._patterns.Select(pattern => $"_+{code}{pattern[1..]}")];
    }

    private void Look(string known)
    {
        var taken = new List<char>();
        for (var digit = '0'; digit <= '9'; digit++)
        {
            var dialled = known + digit;
            var rests = _ways.Where(way => dialled.StartsWith(way.Before, StringComparison.Ordinal)).Select(way => way.Hidden + dialled[way.Before.Length..]).ToList();
            var isOpen = _ways.Exists(way => way.Before.Length > dialled.Length && way.Before.StartsWith(dialled, StringComparison.Ordinal)) || _abroad.Exists(prefix => prefix.StartsWith(dialled, StringComparison.Ordinal));
            var isCheap = rests.Exists(rest => _cheap.Exists(pattern => pattern.Begins(rest)));
            if (_abroad.Exists(prefix => dialled.StartsWith(prefix, StringComparison.Ordinal)) || !(isCheap || isOpen))
            {
                continue;
            }

            if (isCheap && !isOpen && !rests.Exists(rest => _dear.Exists(pattern => pattern.Begins(rest))))
            {
                taken.Add(digit);
            }
            else if (dialled.Length < Deepest)
            {
                Look(dialled);
            }
        }

        if (taken.Count > 0)
        {
            _patterns.Add(taken.Count switch { 10 => $"_{known}X.", 1 => $"_{known}{taken[0]}.", _ => $"_{known}[{string.Concat(taken)}]." });
        }
    }
}
