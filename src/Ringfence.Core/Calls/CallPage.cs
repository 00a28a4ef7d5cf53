using System.Globalization;
using System.Net;
using System.Text;
using Ringfence.Core.Numbers;

namespace Ringfence.Core.Calls;

/// <summary>The report as one page of HTML: plots as SVG within it, no script, nothing that is fetched, light or dark as the reader likes.</summary>
internal static class CallPage
{
    private const int Width = 720;
    private const int Height = 180;
    private const int MostBars = 400;
    private const int MostRows = 10;

    // Nothing may be loaded or run, whatever a caller's name holds.
    private const string Head = """
        <!DOCTYPE html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <style>
        body { font: 15px/1.45 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: light-dark(#1c2024, #e8eaed); background: light-dark(#fff, #16181b) }
        h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin-top: 2rem }
        table { border-collapse: collapse; width: 100% } th { text-align: left; font-weight: 600 } td, th { padding: .25rem .5rem; border-bottom: 1px solid light-dark(#ddd, #333) }
        .n { text-align: right; font-variant-numeric: tabular-nums } .risky { color: light-dark(#b3261e, #ff8a80); font-weight: 600 }
        svg { width: 100%; height: auto } rect { fill: light-dark(#3367a8, #7aa7e0) } text { fill: currentColor; font-size: 11px } line { stroke: light-dark(#ccc, #444) }
        </style>
        """;

    /// <param name="title">"Calls of 2026-11-22".</param>
    /// <param name="currency">Behind amounts; "" for none.</param>
    /// <param name="zone">Of the times that it shows.</param>
    public static string Write(CallSummary summary, string title, string currency, TimeZoneInfo zone)
    {
        var page = new StringBuilder(Head);
        page.Append(CultureInfo.InvariantCulture, $"\n<title>{Safe(title)}</title>\n<h1>{Safe(title)}</h1>\n");
        var unit = currency.Length == 0 ? "" : $" {currency}";
        Table(page, ["", "calls", "minutes", $"cost{unit}"], [
            Row("To outside", summary.Outside),
            Row("International", summary.Abroad),
            Row("Premium numbers", summary.Premium),
            .. summary.Times is { } off ? [Row("Outside of work hours", off.Off)] : Array.Empty<string[]>(),
            Row("Numbers that nobody can have", summary.Invalid)]);
        if (summary.Times is { } times && summary.Outside.Calls > 0)
        {
            if (times.ByDay.Count > 1)
            {
                var first = times.ByDay.Keys.First();
                var days = Math.Min(MostBars, times.ByDay.Keys.Last().DayNumber - first.DayNumber + 1);
                Plot(page, $"Cost by day{unit}", [.. Enumerable.Range(0, days).Select(at => (first.AddDays(at).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), times.ByDay.GetValueOrDefault(first.AddDays(at))?.Cost ?? 0))]);
            }

            Plot(page, $"Cost by hour of the day{unit}", [.. times.ByHour.Select(static (sum, hour) => ($"{hour:00}:00", sum.Cost))]);
        }

        if (summary.Outside.Calls > 0)
        {
            Plot(page, $"Top countries{unit}", [.. summary.ByRegion.Take(12).Select(static one => (one.Region.Length == 0 ? "unknown" : one.Region, one.Sum.Cost))]);
        }

        Sums("Country", summary.ByRegion);
        Sums("Class", summary.ByRisk);
        Sums("Extension", summary.BySource);
        Calls("The dearest calls", summary.Dearest);
        Calls("The longest calls", summary.Longest);
        return page.Append("</html>\n").ToString();

        void Sums(string heading, IEnumerable<(string Name, CallSum Sum)> sums)
        {
            List<string[]> rows = [.. sums.Take(MostRows).Select(static one => Row(one.Name.Length == 0 ? "unknown" : one.Name, one.Sum))];
            if (rows.Count > 0)
            {
                page.Append(CultureInfo.InvariantCulture, $"<h2>{heading}</h2>\n");
                Table(page, ["", "calls", "minutes", $"cost{unit}"], rows);
            }
        }

        void Calls(string heading, IReadOnlyList<RatedCall> calls)
        {
            if (calls.Count > 0)
            {
                page.Append(CultureInfo.InvariantCulture, $"<h2>{heading}</h2>\n");
                Table(page, ["", "extension", "number", "country", "class", "minutes", $"cost{unit}"], [.. calls.Select(one => new[]
                {
                    TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeSeconds(one.Call.Start), zone).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                    one.Call.Source, one.Number.ToString(), one.Number.Region.Length == 0 ? "unknown" : one.Number.Region, one.Risk, Minutes(one.Call.Billed), Money(one.Cost),
                })]);
            }
        }
    }

    private static void Plot(StringBuilder page, string heading, IReadOnlyList<(string Name, long Cost)> bars)
    {
        var most = Math.Max(1, bars.Max(static bar => bar.Cost));
        var step = Width / (double)bars.Count;
        page.Append(CultureInfo.InvariantCulture, $"<h2>{Safe(heading)}</h2>\n<svg viewBox=\"0 0 {Width} {Height + 24}\" role=\"img\" aria-label=\"{Safe(heading)}\">\n<line x1=\"0\" y1=\"{Height}\" x2=\"{Width}\" y2=\"{Height}\"/><text x=\"0\" y=\"10\">{Money(most == 1 ? 0 : most)}</text>\n");
        var every = Math.Max(1, (int)Math.Ceiling(bars.Count / 12d));
        for (var at = 0; at < bars.Count; at++)
        {
            var (name, cost) = bars[at];
            var height = Math.Max(0, cost) * (Height - 16d) / most;
            page.Append(CultureInfo.InvariantCulture, $"<rect x=\"{(at * step) + (step * 0.1):0.##}\" y=\"{Height - height:0.##}\" width=\"{step * 0.8:0.##}\" height=\"{height:0.##}\"><title>{Safe(name)}: {Money(cost)}</title></rect>");
            if (at % every == 0)
            {
                page.Append(CultureInfo.InvariantCulture, $"<text x=\"{at * step:0.##}\" y=\"{Height + 16}\">{Safe(name)}</text>");
            }

            page.Append('\n');
        }

        page.Append("</svg>\n");
    }

    private static void Table(StringBuilder page, string[] headings, IEnumerable<string[]> rows)
    {
        // Numbers stand in the last columns: calls, minutes, cost.
        page.Append("<table><tr>");
        for (var at = 0; at < headings.Length; at++)
        {
            page.Append(CultureInfo.InvariantCulture, $"<th{Class(at, headings.Length)}>{Safe(headings[at])}</th>");
        }

        page.Append("</tr>\n");
        foreach (var row in rows)
        {
            var isRisky = row.Length > 5 && RiskClass.IsRiskyName(row[4]);
            page.Append(isRisky ? "<tr class=\"risky\">" : "<tr>");
            for (var at = 0; at < row.Length; at++)
            {
                page.Append(CultureInfo.InvariantCulture, $"<td{Class(at, row.Length)}>{Safe(row[at])}</td>");
            }

            page.Append("</tr>\n");
        }

        page.Append("</table>\n");
    }

    private static string Class(int column, int columns) => column >= columns - (columns == 4 ? 3 : 2) ? " class=\"n\"" : "";

    private static string[] Row(string name, CallSum sum) => [name, sum.Calls.ToString("N0", CultureInfo.InvariantCulture), Minutes(sum.Seconds), Money(sum.Cost)];

    private static string Minutes(long seconds) => (seconds / 60m).ToString("N1", CultureInfo.InvariantCulture);

    private static string Money(long millionths) => Rate.Amount(millionths).ToString("N2", CultureInfo.InvariantCulture);

    private static string Safe(string text) => WebUtility.HtmlEncode(Pbx.Shown.Text(text));
}
