using System.Globalization;
using System.Text;
using Ringfence.Bench.Measuring;

namespace Ringfence.Bench.Reporting;

/// <summary>Results as a Markdown table: medians of the runs beside each other, and what was promised.</summary>
internal static class ResultTable
{
    public static string Markdown(Results results)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in results.Machine)
        {
            text.Append(CultureInfo.InvariantCulture, $"* {name}: {value}\n");
        }

        text.Append("\n| What | Ringfence | Peer | Times better | Target | Met |\n|---|---|---|---|---|---|\n");
        foreach (var row in Rows.All)
        {
            // A row that vanished would pass for one that was never promised, and a peer that failed for one that nobody compares with.
            text.Append(Figures(results, row.Part, row.Program) is { } own
                ? Line(row, own, row.Peer is { } peer ? Figures(results, row.Part, peer) : null)
                : $"| {Named(row.What, [])} | not measured | | | {Target(row)} | |").Append('\n');
        }

        return text.ToString();
    }

    private static string Line(Row row, Dictionary<string, double> own, Dictionary<string, double>? peer)
    {
        var value = own.GetValueOrDefault(row.Figure, double.NaN);
        var what = Named(row.What, own);
        var scale = row.ScaleBy is { } amount && peer is not null ? own[amount] / peer[amount] : 1;
        var other = peer is null ? double.NaN : peer.GetValueOrDefault(row.Figure, double.NaN) * scale;
        var ratio = row.IsLessBetter ? other / value : value / other;
        var scaled = scale == 1 ? "" : $", scaled from {peer![row.ScaleBy!]:N0}";
        var shownPeer = row.Peer is null ? "" : double.IsNaN(other) ? $"not measured ({row.Peer})" : $"{Number(other)} {row.Unit} ({row.Peer}{scaled})";
        var isMet = (row.TargetRatio, row.Target) switch
        {
            ({ } times, _) => double.IsNaN(ratio) ? null : ratio >= times,
            (_, { } limit) when row.IsLessBetter => value >= 0 && value <= limit,
            (_, { } limit) => value >= limit,
            _ => (bool?)null,
        };
        var met = isMet switch { true => "yes", false => "**no**", null => "" };
        return $"| {what} | {Number(value)} {row.Unit} | {shownPeer} | {(double.IsFinite(ratio) && ratio >= 0 ? Number(ratio) : "")} | {Target(row)} | {met} |";
    }

    private static string Target(Row row) => ((row.TargetRatio, row.Target) switch
    {
        ({ } times, _) => $"{Number(times)} times",
        (_, { } limit) => $"{(row.IsLessBetter ? "at most" : "at least")} {Number(limit)} {row.Unit}",
        _ => "",
    }).TrimEnd();

    // An amount that was not measured: "replay, … lines".
    private static string Named(string what, Dictionary<string, double> figures) => figures
        .Aggregate(what, (text, figure) => text.Replace($"{{{figure.Key}}}", figure.Value.ToString("N0", CultureInfo.InvariantCulture), StringComparison.Ordinal))
        .Replace("{lines}", "…", StringComparison.Ordinal).Replace("{bans}", "…", StringComparison.Ordinal);

    // Three digits that count; more are noise.
    private static string Number(double value) => Math.Abs(value) switch
    {
        double.NaN => "?",
        >= 1000 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 100 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.#", CultureInfo.InvariantCulture),
        >= 1 => value.ToString("0.##", CultureInfo.InvariantCulture),
        _ => value.ToString("0.###", CultureInfo.InvariantCulture),
    };

    // null: nothing of it was measured.
    private static Dictionary<string, double>? Figures(Results results, string part, string program)
    {
        var runs = results.Measurements.Where(run => run.Part == part && run.Program == program).ToList();
        return runs.Count == 0
            ? null
            : runs.SelectMany(run => run.Figures).GroupBy(figure => figure.Key).ToDictionary(group => group.Key, group => new Quantiles(group.Select(figure => figure.Value)).Median);
    }
}
