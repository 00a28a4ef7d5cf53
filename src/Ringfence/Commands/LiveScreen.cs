using System.Globalization;
using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Core.Numbers;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary>Calls in progress as lines of a terminal, as many as it has.</summary>
internal static class LiveScreen
{
    private const int WidestText = 20;

    public static readonly IReadOnlyList<string> Headings = ["Extension", "Number", "", "Class", "Trunk", "Talks", "A minute", "Cost"];

    // In a narrow terminal whose call it is, where to and what it costs stay.
    private static readonly int[] FirstToGo = [4, 6, 3, 5, 2];

    /// <summary>A row for each call, the dearest first.</summary>
    public static IReadOnlyList<Span[]> Rows(LiveCallsReport report) => [.. report.Calls.Select(call => new Span[]
    {
        Short(call.Extension),
        Short(call.Number),
        call.Region ?? "?",
        new(call.Class, RiskClass.IsRiskyName(call.Class) ? Tone.Warning : Tone.Plain),
        Short(call.Trunk),
        call.Cut ? new Span("hung up", Tone.Bad) : call.Seconds is { } seconds ? Clock(seconds) : new Span("rings", Tone.Faint),
        Money(call.PerMinute),
        Money(call.Cost),
    })];

    /// <summary>"7 calls, 3.20 EUR so far, 1.40 EUR a minute".</summary>
    public static string Sums(LiveCallsReport report)
    {
        var currency = report.Currency is { } unit ? $" {unit}" : "";
        return report.Source != "live" && report.Calls.Count == 0
            ? $"what calls go on is not known{(report.Mode == "observe" ? "; OBSERVING: nothing is hung up" : "")}"
            : $"{Words.Count(report.Calls.Count, "call")} to outside, {Money(report.Cost)}{currency} so far, {Money(report.PerMinute)}{currency} a minute{(report.Mode == "observe" ? "; OBSERVING: nothing is hung up" : "")}";
    }

    /// <summary>"stop 3: 1009's calls to SL, 52 min left: spend: spend-5m".</summary>
    public static string Stop(StopReport stop, DateTimeOffset now) => $"stop {stop.Number}: {Subject(stop)}, {Duration.Words(stop.Until - now)} left: {stop.Why}";

    /// <summary>"records of /var/log/asterisk/cdr-csv/Master.csv: read 3 s ago, 7 calls known by them alone".</summary>
    public static Span Records(CallRecordsStatus place, DateTimeOffset now)
    {
        var read = place.ReadAt is { } at ? $"read {Duration.Words(now - at)} ago" : "not read yet";
        if (place.Problem is { } problem)
        {
            // Mostly it begins with the place, which stands there already.
            var why = problem.StartsWith($"{place.Place}: ", StringComparison.Ordinal) ? problem[(place.Place.Length + 2)..] : problem;
            read += place.ReadAt is null ? $": {why}" : $", and now not: {why}";
        }

        var unread = place.FirstMistake is { } mistake ? $", {Words.Count(place.Unread, "record")} could not be read, the first at {mistake}" : "";
        return new Span($"records of {place.Place}: {read}, {Words.Count(place.Calls, "call")} known by them alone{unread}", place.Problem is null ? Tone.Plain : Tone.Warning);
    }

    public static string Subject(StopReport stop) => StopFrom.Stop(stop).Subject;

    public static bool Holds(StopReport stop) => stop.State is "enforced" or "observed";

    /// <summary>All of it, in lines of at most <paramref name="width"/> characters; no byte of it moves the cursor.</summary>
    public static IReadOnlyList<string> Lines(LiveCallsReport report, int width, int height)
    {
        List<string> lines = [.. Folded($"{report.Now.UtcDateTime:HH:mm:ss} UTC  {Sums(report)}", width)];
        if (report.Problem is { } problem)
        {
            lines.Add($"! {problem}");
        }

        if (report.Note is { } note)
        {
            lines.Add(note);
        }

        lines.AddRange(report.Stops.Where(Holds).Take(5).Select(stop => Stop(stop, report.Now)));
        lines.Add("");
        var rows = Rows(report);
        var widths = Enumerable.Range(0, Headings.Count).Select(column => Math.Max(Headings[column].Length, rows.Select(row => Terminal.Safe(row[column].Text).Length).DefaultIfEmpty().Max())).ToArray();
        var columns = Enumerable.Range(0, Headings.Count).ToList();
        foreach (var column in FirstToGo.TakeWhile(_ => columns.Sum(at => widths[at] + 2) - 2 > width))
        {
            columns.Remove(column);
        }

        lines.Add(Row(Headings, columns, widths));

        // The last line says how to leave, the one before how many are not shown.
        var room = Math.Max(1, height - lines.Count - 2);
        lines.AddRange(rows.Take(room).Select(row => Row([.. row.Select(static cell => Terminal.Safe(cell.Text))], columns, widths)));
        if (rows.Count > room)
        {
            lines.Add($"... and {rows.Count - room} more that cost less");
        }

        lines.Add("q: leave");
        return [.. lines.Select(line => Fit(Terminal.Safe(line), width))];
    }

    private static string Row(IReadOnlyList<string> cells, List<int> columns, int[] widths) => string.Join("  ", columns.Select(column => column >= 5 ? cells[column].PadLeft(widths[column]) : cells[column].PadRight(widths[column])));

    // At commas: "2 calls to outside", "0.50 EUR so far".
    private static IEnumerable<string> Folded(string text, int width)
    {
        while (text.Length > width && text.LastIndexOf(", ", width - 1, StringComparison.Ordinal) is > 0 and var comma)
        {
            yield return text[..(comma + 1)];
            text = text[(comma + 2)..];
        }

        yield return text;
    }

    private static string Fit(string line, int width) => line.Length <= width ? line : line[..Math.Max(0, width - 1)] + "…";

    private static string Short(string text) => text.Length <= WidestText ? text : text[..(WidestText - 1)] + "…";

    private static string Clock(long seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600}:{seconds / 60 % 60:00}:{seconds % 60:00}");

    public static string Money(decimal amount) => amount.ToString("0.00", CultureInfo.InvariantCulture);
}
