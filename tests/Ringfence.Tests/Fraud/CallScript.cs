using System.Globalization;
using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;

namespace Ringfence.Tests.Fraud;

/// <summary>Calls as a person writes them down, for the examples of rules and for tests: a line each, "DATE TIME EXTENSION DIALLED SECONDS [WORDS]", in order. SECONDS of talk, after 5 of
/// ringing; 0: nobody answered. WORDS: "via TRUNK", "did NUMBER", "account CODE", "forwarded", "dialled-on"; "x20": the same again on 20 days, one after the other. Other events: "DATE TIME in NUMBER rang SECONDS", "DATE TIME in NUMBER talked SECONDS",
/// "DATE TIME new-place EXTENSION", "DATE TIME wrong-pin EXTENSION".</summary>
internal static class CallScript
{
    private const long Ring = 5000;

    /// <returns>In order of time: calls of the past or events. Lines that begin with # are left out.</returns>
    /// <exception cref="FormatException">A line is none.</exception>
    public static IEnumerable<(PastCall? Call, SiteEvent? Event)> Read(string text, DiallingRules rules, Tariff tariff)
    {
        var all = new List<(long At, PastCall? Call, SiteEvent? Event)>();
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(static line => !line.StartsWith('#')))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var again = words[^1] is ['x', .. var times] && int.TryParse(times, CultureInfo.InvariantCulture, out var days) ? days : 1;
            for (var day = 0; day < again; day++)
            {
                all.Add(One(line, words, day, $"call-{all.Count}", rules, tariff));
            }
        }

        return all.OrderBy(static one => one.At).Select(static one => (one.Call, one.Event));
    }

    private static (long At, PastCall? Call, SiteEvent? Event) One(string line, string[] words, int day, string id, DiallingRules rules, Tariff tariff)
    {
        if (words.Length < 4 || !DateTime.TryParseExact($"{words[0]} {words[1]}", "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
        {
            throw new FormatException($"{line}: expected DATE TIME EXTENSION DIALLED SECONDS");
        }

        var at = new DateTimeOffset(time.AddDays(day)).ToUnixTimeMilliseconds();
        var seen = (words[2], words[4..]) switch
        {
            ("in", ["rang", var seconds, ..]) => new SiteEvent(SiteEventKind.CallIn, at, "", words[3], int.Parse(seconds, CultureInfo.InvariantCulture)),
            ("in", ["talked", ..]) => new SiteEvent(SiteEventKind.CallIn, at, "", words[3]),
            ("new-place", _) => new SiteEvent(SiteEventKind.NewPlace, at, words[3], ""),
            ("wrong-pin", _) => new SiteEvent(SiteEventKind.PinRefused, at, words[3], ""),
            _ => null,
        };
        if (seen is not null)
        {
            return (at, null, seen);
        }

        if (words.Length < 5 || !long.TryParse(words[4], CultureInfo.InvariantCulture, out var talk))
        {
            throw new FormatException($"{line}: expected DATE TIME EXTENSION DIALLED SECONDS");
        }

        var dialled = rules.Read(words[3], NumberPlans.BuiltIn);
        var price = dialled.Kind == DialledKind.Outside ? tariff.For(dialled.Number) : new Price(new Rate("", "", 0), new RiskClass("", 0, 0, 0), IsOfDeck: false);
        var origin = words.Contains("forwarded") ? CallOrigin.Forwarded : words.Contains("dialled-on") ? CallOrigin.DialledOn : CallOrigin.Phone;
        return (at, new PastCall(id, new CallAttempt(at, words[2], "", After("via"), After("did"), After("account"), dialled, price, origin), Ring, talk * 1000), null);

        string After(string word) => Array.IndexOf(words, word) is > 4 and var before && before + 1 < words.Length ? words[before + 1] : "";
    }
}
