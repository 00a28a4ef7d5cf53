using System.CommandLine;
using Ringfence.Bench.Measuring;

namespace Ringfence.Bench.Verbs;

/// <summary>What the measuring verbs share: where the result goes, and under which name.</summary>
internal sealed class ResultOptions
{
    private readonly string _part;

    public ResultOptions(Command verb, string part)
    {
        _part = part;
        verb.Add(Program);
        verb.Add(Json);
    }

    private Option<string> Program { get; } = new("--program") { Description = "Who is measured, for the result.", DefaultValueFactory = _ => "ringfence" };

    private Option<string?> Json { get; } = new("--json") { Description = "Append the result to this file, as one line of JSON.", HelpName = "FILE" };

    /// <summary>How long each ban took; the first one, after the start, is told apart.</summary>
    /// <param name="milliseconds">Two at least.</param>
    public void ReportTimes(ParseResult parsed, IReadOnlyList<double> milliseconds, long missed)
    {
        var quantiles = new Quantiles(milliseconds.Skip(1));
        Report(
            parsed,
            ("bans", milliseconds.Count),
            ("missed", missed),
            ("first_ms", milliseconds[0]),
            ("min_ms", quantiles.Min),
            ("median_ms", quantiles.Median),
            ("p95_ms", quantiles.At(0.95)),
            ("p99_ms", quantiles.At(0.99)),
            ("max_ms", quantiles.Max));
    }

    public void Report(ParseResult parsed, params (string Name, double Value)[] figures) =>
        new Measuring.Measurement(_part, parsed.GetValue(Program)!, figures.ToDictionary(figure => figure.Name, figure => figure.Value)).Report(parsed.GetValue(Json));
}

/// <summary>Addresses that attack in the live measurements; all for documentation and benchmarks, none anybody's.</summary>
internal static class Blocks
{
    /// <summary>198.18.0.0/15 (RFC 2544): the crowd.</summary>
    public const uint Crowd = (198u << 24) | (18u << 16);

    /// <summary>100.64.0.0/10 (RFC 6598): single addresses that are waited for.</summary>
    public const uint Probes = (100u << 24) | (64u << 16);
}
