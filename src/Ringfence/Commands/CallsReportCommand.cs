using System.CommandLine;
using System.Globalization;
using System.Text.Json.Serialization;
using Ringfence.Api;
using Ringfence.Core.Calls;
using Ringfence.Core.Numbers;
using Ringfence.Core.Pbx;
using Ringfence.Output;
using Ringfence.Sources;

namespace Ringfence.Commands;

/// <summary><c>ringfence calls report</c>: what the calls of CDRs cost, and which stand out.</summary>
internal static class CallsReportCommand
{
    private const int MostShown = 10;

    public static Command Build()
    {
        var files = new Argument<string[]>("file") { Description = "CDRs as CSV: cdr_csv's Master.csv, or an export with a line of headings; also .gz and .xz, or - for the standard input.", HelpName = "FILE", Arity = ArgumentArity.OneOrMore };
        var zone = LogArguments.TimeZone();
        var country = CallsRateCommand.Country();
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var verb = new Verb("report", "What calls to outside cost: by class of risk, country and extension; the dearest and the longest.")
        {
            Examples =
            [
                ("ringfence calls report /var/log/asterisk/cdr-csv/Master.csv", "all that the file holds"),
                ("ringfence calls report --country DE cdr-2026-10.csv.gz --json", "an archive, for scripts"),
            ],
        };
        verb.Add(files);
        verb.Add(zone);
        verb.Add(country);
        verb.Add(json);
        verb.Add(config);
        return verb.Does((parsed, surroundings, stop) =>
        {
            var settings = surroundings.ReadConfigToAsk(parsed.GetValue(config));
            var calls = parsed.GetValue(country) is { } code ? settings.Calls with { Country = code.ToUpperInvariant() } : settings.Calls;
            var rules = calls.Rules ?? throw new MistakeException("the site's country is not known: set country = CODE in [calls] of ringfence.conf, or give --country CODE");
            var summary = new CallSummary(rules, new Tariff(DeckFile.Read(calls.Deck), rules.Home.Region), MostShown);
            var (unread, problems) = (0, new List<string>());
            foreach (var path in parsed.GetValue(files)!)
            {
                try
                {
                    var reader = CdrFiles.Read(path, LogArguments.Zone(parsed.GetValue(zone) ?? settings.TimeZone, surroundings.Clock), summary.Add, stop);
                    unread += reader.Unread;
                    if (reader.FirstMistake is { } mistake)
                    {
                        problems.Add($"{path}: {reader.Unread} of {reader.Unread + reader.Records} records could not be read, the first at {mistake}");
                    }
                }
                catch (LogFileException problem)
                {
                    throw new WorldFailedException(problem.Message, problem);
                }
            }

            var report = Report(summary, calls.Currency, unread, problems);
            var screen = new Screen(surroundings);
            if (parsed.GetValue(json))
            {
                screen.Json(report, CallsJson.Default.CallsReport);
            }
            else
            {
                Print(report, screen);
            }

            return Task.FromResult(ExitCode.Fine);
        });
    }

    private static CallsReport Report(CallSummary summary, string currency, int unread, IReadOnlyList<string> problems) => new(
        summary.First is { } first ? DateTimeOffset.FromUnixTimeSeconds(first) : null,
        summary.Last is { } last ? DateTimeOffset.FromUnixTimeSeconds(last) : null,
        currency.Length == 0 ? null : currency, summary.Records, unread,
        Sum("", summary.Outside), Sum("", summary.Invalid),
        [.. summary.ByRisk.Select(static one => Sum(one.Risk, one.Sum))],
        [.. summary.ByRegion.Select(static one => Sum(one.Region.Length == 0 ? "unknown" : one.Region, one.Sum))],
        [.. summary.BySource.Select(static one => Sum(one.Source, one.Sum))],
        [.. summary.Dearest.Select(Call)], [.. summary.Longest.Select(Call)], problems);

    private static CallsSum Sum(string name, CallSum sum) => new(name.Length == 0 ? null : name, sum.Calls, sum.Seconds, sum.Cost / (decimal)Rate.Unit);

    private static CallsCall Call(RatedCall one) => new(
        DateTimeOffset.FromUnixTimeSeconds(one.Call.Start), one.Call.Source, one.Number.ToString(), one.Number.Region.Length == 0 ? null : one.Number.Region, one.Risk, one.Call.Trunk, one.Call.Billed, one.Cost / (decimal)Rate.Unit);

    private static void Print(CallsReport report, Screen screen)
    {
        var currency = report.Currency is { } unit ? $" {Shown.Text(unit)}" : "";
        screen.Line(report.From is { } from && report.To is { } to
            ? $"{Words.Count(report.Records, "record")} from {screen.Time(from)} to {screen.Time(to)}: {Words.Count(report.Outside.Calls, "call")} to outside, {Minutes(report.Outside.Seconds)} minutes, {Money(report.Outside.Cost)}{currency}"
            : "No record.");
        if (report.Invalid.Calls > 0)
        {
            screen.Line(new Span($"{Words.Count(report.Invalid.Calls, "call")} to numbers that nobody can have: {Money(report.Invalid.Cost)}{currency}", Tone.Warning));
        }

        Table("Class", report.ByRisk);
        Table("Country", report.ByRegion);
        Table("Extension", report.BySource);
        Calls("The dearest", report.Dearest);
        Calls("The longest", report.Longest);
        foreach (var problem in report.Problems)
        {
            screen.Line(new Span(problem, Tone.Warning));
        }

        void Table(string heading, IReadOnlyList<CallsSum> sums)
        {
            if (sums.Count > 0)
            {
                screen.Line("");
                screen.Table([heading, "calls", "minutes", $"cost{currency}"], [.. sums.Take(MostShown).Select(one => new Span[] { Shown.Text(one.Name ?? "-"), one.Calls.ToString("N0", CultureInfo.InvariantCulture), Minutes(one.Seconds), Money(one.Cost) })]);
            }
        }

        void Calls(string heading, IReadOnlyList<CallsCall> calls)
        {
            if (calls.Count > 0)
            {
                screen.Line("");
                screen.Table([heading, "extension", "number", "country", "minutes", $"cost{currency}"], [.. calls.Select(one => new Span[]
                {
                    screen.Time(one.Start), Shown.Text(one.Source), one.Number, one.Region ?? "unknown", Minutes(one.Seconds), new(Money(one.Cost), one.Risk is RiskDeck.High or "premium" or "satellite" or "world-premium" ? Tone.Warning : Tone.Plain),
                })]);
            }
        }
    }

    private static string Minutes(long seconds) => (seconds / 60m).ToString("N1", CultureInfo.InvariantCulture);

    private static string Money(decimal amount) => amount.ToString("N2", CultureInfo.InvariantCulture);
}

/// <summary>What calls came to; docs/json.md.</summary>
internal sealed record CallsReport(
    DateTimeOffset? From, DateTimeOffset? To, string? Currency, int Records, int Unread, CallsSum Outside, CallsSum Invalid,
    IReadOnlyList<CallsSum> ByRisk, IReadOnlyList<CallsSum> ByRegion, IReadOnlyList<CallsSum> BySource, IReadOnlyList<CallsCall> Dearest, IReadOnlyList<CallsCall> Longest, IReadOnlyList<string> Problems);

internal sealed record CallsSum(string? Name, int Calls, long Seconds, decimal Cost);

internal sealed record CallsCall(DateTimeOffset Start, string Source, string Number, string? Region, string Risk, string Trunk, int Seconds, decimal Cost);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(UtcJson)])]
[JsonSerializable(typeof(CallsReport))]
internal sealed partial class CallsJson : JsonSerializerContext;
