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
    // Beginnings that are not told apart by so many digits of the number are left out.
    private const int Deepest = 5;

    private const string NorthAmerican = "011";

    // Of the world's plans, as far as they are the same for all numbers.
    private static readonly string[] NationalPrefixes = ["0", "1", "8", "06", "02", "01"];

    private static readonly string[] InternationalPrefixes = ["00", NorthAmerican];

    private readonly List<(string Before, string Hidden)> _ways;
    private readonly List<string> _abroad;
    private readonly List<(string Begun, IReadOnlyList<int> Lengths)> _whole = [];
    private readonly List<DigitPattern> _cheap = [];
    private readonly List<DigitPattern> _dear = [];
    private readonly List<string> _patterns = [];

    private HomeNumbers(DiallingRules rules, NumberPlans plans)
    {
        var home = rules.Home;
        string[] lines = [.. rules.OutsideLines.Prepend("").Distinct(StringComparer.Ordinal)];
        string[] prefixes = ["", .. NationalPrefixes.Where(prefix => home.NationalPrefix?.Fits(prefix) == true)];
        _ways = [.. lines.SelectMany(line => prefixes.Select(prefix => (line + prefix, "")).Concat(rules.AreaCode.Length > 0 ? [(line, rules.AreaCode)] : []))];

        // As DiallingRules: carriers anywhere take 00 and 011; the plan's own may be another one (Asia, South America).
        _abroad = [.. lines.SelectMany(line => InternationalPrefixes.Concat(Enumerable.Range(0, 10_000).SelectMany(static number => (string[])[$"{number:D2}", $"{number:D3}", $"{number:D4}"]).Where(prefix => home.InternationalPrefix?.Fits(prefix) == true)).Distinct().Select(prefix => line + prefix))];
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

        // Where area codes begin so no carrier of the country takes it for a number abroad: Leeds 0113, Bristol 0117, Turin 011, Sapporo 011.
        if (home.InternationalPrefix?.Fits(NorthAmerican) != true)
        {
            bool LeadsTo(string prefix, string begun) => begun.StartsWith(prefix, StringComparison.Ordinal) && _cheap.Exists(range => range.Begins(begun[prefix.Length..]));
            string[] areas = [.. Enumerable.Range(0, 10).Select(static digit => $"{NorthAmerican}{digit}").Where(begun => prefixes.Any(prefix => LeadsTo(prefix, begun)))];
            foreach (var line in lines.Where(_ => areas.Length > 0))
            {
                _abroad.Remove(line + NorthAmerican);
                _abroad.AddRange(Enumerable.Range(0, 10).Select(static digit => $"{NorthAmerican}{digit}").Except(areas).Select(begun => line + begun));

                // A system that sends 011 for abroad all the same sends more digits.
                _whole.Add((line + NorthAmerican, [.. home.Ranges.Where(static range => range.Kind is NumberKind.Fixed or NumberKind.Mobile).SelectMany(static range => range.Lengths)
                    .SelectMany(length => prefixes.Where(prefix => LeadsTo(prefix, NorthAmerican)).Select(prefix => line.Length + prefix.Length + length)).Distinct().Order()]));
            }
        }
    }

    /// <summary>Patterns of a dialplan, "_0[1-9].", for numbers as people dial them and as trunks get them.</summary>
    public static IReadOnlyList<string> Patterns(DiallingRules rules, NumberPlans plans)
    {
        var numbers = new HomeNumbers(rules, plans);
        numbers.Look("", numbers.Ways);
        var dialled = numbers._patterns.ToList();

        // With its country's code a number is read in one way.
        var code = rules.Home.CallingCode.ToString(CultureInfo.InvariantCulture);
        numbers._ways.Clear();
        numbers._ways.Add(("", ""));
        numbers._abroad.Clear();
        numbers._whole.Clear();
        numbers._patterns.Clear();
        numbers.Look("", numbers.Ways);
        return [.. dialled, .. numbers._patterns.Select(pattern => $"_+{code}{pattern[1..]}")];
    }

    private IReadOnlyList<Way> Ways => [.. _ways.Select(way => new Way(way.Before, way.Hidden, _cheap, _dear))];

    private void Look(string known, IReadOnlyList<Way> ways)
    {
        var taken = new List<char>();
        for (var digit = '0'; digit <= '9'; digit++)
        {
            var dialled = known + digit;
            IReadOnlyList<Way> left = [.. ways.Select(way => way.With(dialled)).OfType<Way>()];
            var isOpen = left.Any(way => way.Before.Length > dialled.Length) || _abroad.Exists(prefix => prefix.StartsWith(dialled, StringComparison.Ordinal));
            var isCheap = left.Any(way => way.Before.Length <= dialled.Length && way.Cheap.Count > 0);
            if (_abroad.Exists(prefix => dialled.StartsWith(prefix, StringComparison.Ordinal)) || !(isCheap || isOpen))
            {
                continue;
            }

            if (isCheap && !isOpen && left.All(static way => way.Dear.Count == 0))
            {
                taken.Add(digit);
            }
            else if (isOpen || left.Any(way => way.Cheap.Count > 0 && dialled.Length - way.Before.Length < Deepest))
            {
                Look(dialled, left);
            }
        }

        if (taken.Count > 0)
        {
            var begun = taken.Count switch { 10 => $"_{known}X", 1 => $"_{known}{taken[0]}", _ => $"_{known}[{string.Concat(taken)}]" };
            var lengths = _whole.Find(one => known.StartsWith(one.Begun, StringComparison.Ordinal)).Lengths;
            _patterns.AddRange(lengths is null ? [$"{begun}."] : lengths.Where(length => length > known.Length + 1).Select(length => begun + new string('X', length - known.Length - 1)));
        }
    }

    /// <summary>A way to read what is dialled, and the ranges that may still be meant.</summary>
    /// <param name="Before">What stands before a national number: an outside line, a national prefix.</param>
    /// <param name="Hidden">What it begins with and nobody dials: an area code.</param>
    private sealed record Way(string Before, string Hidden, IReadOnlyList<DigitPattern> Cheap, IReadOnlyList<DigitPattern> Dear)
    {
        /// <returns>null: it leads nowhere.</returns>
        public Way? With(string dialled)
        {
            if (!dialled.StartsWith(Before, StringComparison.Ordinal))
            {
                return Before.StartsWith(dialled, StringComparison.Ordinal) ? this : null;
            }

            var national = Hidden + dialled[Before.Length..];
            var left = this with { Cheap = [.. Cheap.Where(pattern => pattern.Begins(national))], Dear = [.. Dear.Where(pattern => pattern.Begins(national))] };
            return left.Cheap.Count + left.Dear.Count == 0 ? null : left;
        }
    }
}
