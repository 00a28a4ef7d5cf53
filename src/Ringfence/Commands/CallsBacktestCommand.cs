using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using Ringfence.Api;
using Ringfence.Core.Calls;
using Ringfence.Core.Configuration;
using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;
using Ringfence.Core.Pbx;
using Ringfence.Output;
using Ringfence.Sources;

namespace Ringfence.Commands;

/// <summary><c>ringfence calls backtest</c>: what a policy would have stopped in the past, when, and what that would have saved. Changes nothing.</summary>
internal static class CallsBacktestCommand
{
    private const int MostShown = 20;
    private const int MostKept = 1000;

    public static Command Build()
    {
        var files = new Argument<string[]>("file") { Description = "CDRs as CSV: cdr_csv's Master.csv, or an export with a line of headings; also .gz and .xz; in each the oldest record first, the files in any order; or - for the standard input. None: what cdr of [calls] names.", HelpName = "FILE", Arity = ArgumentArity.ZeroOrMore };
        var policy = new Option<string?>("--policy") { Description = "Another ringfence.conf, whose limits and way to dial hold in place of the configuration's.", HelpName = "FILE" };
        var noGate = new Option<bool>("--no-gate") { Description = "As if calls were not asked about before they leave: the brake alone hangs them up." };
        var fraud = new Option<string?>("--fraud") { Description = "A file with the unique ids of calls that were fraud, one a line: says what of them would have been saved, and which good calls would have been stopped.", HelpName = "FILE" };
        var failOn = new Option<string?>("--fail-on") { Description = "Exit with 1 if something would have been stopped: stop.", HelpName = "stop" };
        failOn.AcceptOnlyFromAmong("stop");
        var zone = LogArguments.TimeZone();
        var country = SiteArguments.Country();
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var verb = new Verb("backtest", "What the limits on calls would have stopped in the past, when, by which limit, and what it would have saved.")
        {
            Examples =
            [
                ("ringfence calls backtest /var/log/asterisk/cdr-csv/Master.csv*", "the policy of ringfence.conf on everything that was kept"),
                ("ringfence calls backtest --policy strict.conf --no-gate Master.csv", "other limits, with the brake alone"),
                ("ringfence calls backtest --fraud known.txt --json cdr-2026-10.csv.gz", "what of a known attack would have been saved, for scripts"),
            ],
        };
        verb.Add(files);
        verb.Add(policy);
        verb.Add(noGate);
        verb.Add(fraud);
        verb.Add(failOn);
        verb.Add(zone);
        verb.Add(country);
        verb.Add(json);
        verb.Add(config);
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            // Half a policy would have stopped something else.
            var settings = parsed.GetValue(policy) is { } other ? ConfigOption.Read(other) : surroundings.ReadConfig(parsed.GetValue(config));
            var calls = SiteArguments.In(settings.Calls, parsed.GetValue(country));
            var rules = SiteArguments.RulesOf(calls);
            var times = LogArguments.Zone(parsed.GetValue(zone) ?? settings.TimeZone, surroundings.Clock);
            var (deck, badRows) = DeckFile.ReadAll(calls.Deck);
            var reading = new CallReading(rules, calls.Tariff(deck, rules.Home.Region));
            var test = new Backtest(calls.Policy(times, NumberFiles.Read(calls.Listed), rules.Home.Region), !parsed.GetValue(noGate), FraudIds(parsed.GetValue(fraud)), MostKept);
            var read = parsed.GetValue(files) is { Length: > 0 } paths
                ? Files(paths, calls, times, reading, test, surroundings, stop)
                : await ConfiguredAsync(calls, times, reading, test, stop);
            UnreadCdrs.RefuseNone(read.Records, read.Problems);
            read = badRows is null ? read : read with { Problems = [.. read.Problems, badRows] };
            test.Finish();
            var report = Report(test, reading, read, calls, calls.DoubtEuro(deck, rules.Home.Region), !parsed.GetValue(noGate), parsed.GetValue(fraud) is not null);
            var screen = new Screen(surroundings);
            if (parsed.GetValue(json))
            {
                screen.Json(report, BacktestJson.Default.BacktestReport);
            }
            else
            {
                Print(report, screen, times);
            }

            return parsed.GetValue(failOn) is not null && test.StopsTotal > 0 ? ExitCode.Found : ExitCode.Fine;
        });
    }

    private static ReadCdrs Files(string[] paths, CallSettings calls, TimeZoneInfo zone, CallReading reading, Backtest test, Surroundings surroundings, CancellationToken stop)
    {
        try
        {
            using var cdrs = new CdrReplay(paths, zone, calls.CdrMapping, reading);
            using var progress = new Progress(surroundings, "calls", cdrs.TotalBytes);
            using var ahead = new CallsAhead(cdrs);
            foreach (var batch in ahead.Read(stop))
            {
                progress.Report(cdrs.DoneBytes);
                GarbageRoom.Renew(cdrs.TotalBytes);
                foreach (ref readonly var one in CollectionsMarshal.AsSpan(batch.Events))
                {
                    test.Add(one);
                }

                if (batch.EndsPast)
                {
                    test.Finish();
                }
            }

            return new ReadCdrs(
                ahead.Order,
                cdrs.Files.Sum(static file => (long)file.Reader.Records), cdrs.Files.Sum(static file => (long)file.Reader.Unread),
                [.. cdrs.Files.Where(static file => file.Reader.FirstMistake is not null).Select(static file =>
                    UnreadCdrs.Of(file.Path, file.Reader.Unread, file.Reader.Records, file.Reader.FirstMistake!))]);
        }
        catch (LogFileException problem)
        {
            throw NamedFile.Trouble(problem, "calls backtest");
        }
    }

    private static async Task<ReadCdrs> ConfiguredAsync(CallSettings calls, TimeZoneInfo zone, CallReading reading, Backtest test, CancellationToken stop)
    {
        SiteArguments.NeedRecords(calls);
        var records = 0L;
        var order = new CallOrder(test.Add, test.Finish);
        var problems = await CallHistory.ReadRecordsAsync(
            calls, zone, DateTimeOffset.UnixEpoch,
            call =>
            {
                records++;
                if (reading.Read(call) is { } seen)
                {
                    order.Add(seen);
                }
            },
            stop);
        order.Finish();
        return new ReadCdrs(order, records, 0, problems);
    }

    private sealed record ReadCdrs(CallOrder Order, long Records, long Unread, IReadOnlyList<string> Problems);

    private static HashSet<string>? FraudIds(string? path)
    {
        try
        {
            return path is null ? null : [.. File.ReadLines(path).Select(static line => line.Trim()).Where(static line => line.Length > 0 && line[0] != '#')];
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new MistakeException($"{path}: there is no such file");
        }
        catch (Exception problem) when (FileTrouble.Is(problem))
        {
            throw new WorldFailedException($"{path}: {problem.Message}", problem);
        }
    }

    private static BacktestReport Report(Backtest test, CallReading reading, ReadCdrs read, CallSettings calls, string? deckDoubt, bool hasGate, bool isTold)
    {
        List<string> problems = [.. read.Problems];
        var order = read.Order;
        Tell(order.Doubled, "stand there twice, and count once");
        Tell(order.Odd, "lie days from those around them, and nothing was made of them");
        Tell(order.Late, "are of calls that lasted longer than 36 hours, and count from their last 36 on");
        if (order.Restarts > 0)
        {
            problems.Add($"records went back by days {Words.Count(order.Restarts, "time")}: what limits had counted until then was forgotten there");
        }

        if (order.Odd > 0 || order.Restarts > 0)
        {
            problems.Add("records have to stand as they were written, the oldest first: ORDER BY end (or calldate) in a query, tac FILE where the newest stands first; if they do, the PBX's clock was wrong for a while");
        }

        List<string> doubts = [.. new[] { deckDoubt, calls.DoubtHours(test.Hours) }.OfType<string>()];
        var userDays = (long)reading.Users * test.Days;
        return new BacktestReport(
            Time(test.First), Time(test.Last), calls.Currency.Length == 0 ? null : calls.Currency, hasGate,
            read.Records, read.Unread, reading.Users, test.Days,
            test.All.Calls, Rate.Amount(test.All.Cost), test.Short.Calls, Rate.Amount(test.Short.Cost), Rate.Amount(test.Spent), Rate.Amount(test.All.Cost - test.Spent),
            isTold ? new BacktestFraud(test.Fraud.Calls, Rate.Amount(test.Fraud.Cost), Rate.Amount(test.FraudLeft.Cost), test.Fraud.Cost == 0 ? null : Math.Round(100m * (test.Fraud.Cost - test.FraudLeft.Cost) / test.Fraud.Cost, 2)) : null,
            test.Stopped, test.GoodStopped, userDays == 0 ? null : Math.Round(1000m * test.GoodStopped / userDays, 3),
            [.. test.Limits.OrderByDescending(static one => one.Value.Saved).ThenBy(static one => one.Key, StringComparer.Ordinal).Select(static one =>
                new BacktestLimitReport(one.Key, one.Value.Warned, one.Value.Reached, one.Value.Stopped, one.Value.Good, Rate.Amount(one.Value.Saved)))],
            test.StopsTotal, [.. test.Stops.Select(Stop)], doubts.Count == 0 ? null : string.Join("; ", doubts), problems);

        void Tell(int count, string what)
        {
            if (count > 0)
            {
                problems.Add($"{Words.Count(count, "record")} {what}");
            }
        }
    }

    private static BacktestStopReport Stop(BacktestStop one)
    {
        var alarm = one.Alarm;
        var last = alarm.Last ?? (alarm.Calls.Count > 0 ? alarm.Calls[^1] : null);
        return new BacktestStopReport(
            DateTimeOffset.FromUnixTimeMilliseconds(alarm.At), alarm.Limit.Name, alarm.Limit.Rule, CallRules.Of(alarm.Limit).Name, LimitKeys.NameOf(alarm.Limit.Scope), alarm.Key.Name,
            Figure(alarm.Figure), Figure(alarm.Threshold), last?.Attempt.Extension ?? "", last?.Attempt.Dialled.ToString() ?? "", last?.Attempt.Number.Region is { Length: > 0 } region ? region : null,
            last?.Id ?? "", alarm.Calls.Count, Rate.Amount(alarm.Lost), alarm.Stop is { } stop ? DateTimeOffset.FromUnixTimeMilliseconds(stop.Until) : null, one.IsFraud);

        decimal Figure(long value) => CallRules.Of(alarm.Limit).Unit switch
        {
            LimitUnit.Money => Rate.Amount(value),
            LimitUnit.Time => value / 1000m,
            LimitUnit.Ratio => value / 100m,
            _ => value,
        };
    }

    private static DateTimeOffset? Time(long? at) => at is { } time ? DateTimeOffset.FromUnixTimeMilliseconds(time) : null;

    private static void Print(BacktestReport report, Screen screen, TimeZoneInfo zone)
    {
        var currency = report.Currency is { } unit ? $" {Shown.Text(unit)}" : "";
        screen.Line(report.From is { } from && report.To is { } to
            ? $"{Words.Count(report.Records, "record")} from {Screen.Time(from, zone)} to {Screen.Time(to, zone)}: {Words.Count(report.Calls, "call")} to outside for {Text(report.Cost)}{currency}"
            : "No call to outside, and none from there.");
        if (report.ShortCalls > 0)
        {
            screen.Line($"Of them {Words.Count(report.ShortCalls, "call")} went to short numbers of the carrier's network, whose price is in no plan and here a guess: {Text(report.ShortCost)}{currency}");
        }

        screen.Line(report.Stopped == 0
            ? new Span("Nothing would have been stopped.", Tone.Good)
            : $"{(report.HasGate ? "Gate and brake" : "The brake alone")} would have stopped {Words.Count(report.Stopped, "call")} and saved {Text(report.Saved)}{currency}.");
        if (report.Fraud is { } fraud)
        {
            screen.Line($"Of {Words.Count(fraud.Calls, "fraud call")} for {Text(fraud.Cost)}{currency}, {Text(fraud.Left)}{currency} would have been lost{(fraud.SavedPercent is { } saved ? $": {saved.ToString("0.##", CultureInfo.InvariantCulture)} % saved" : "")}.");
        }

        if (report.GoodStoppedPer1000UserDays is { } rate)
        {
            screen.Line(
                $"{Words.Count(report.GoodStopped, "good call")} stopped: {rate.ToString("0.###", CultureInfo.InvariantCulture)} for 1,000 user-days ({Words.Count(report.Users, "user")}, {Words.Count(report.Days, "day")}){(report.Fraud is null ? ", if none of them was fraud" : "")}.");
        }

        if (report.Limits.Count > 0)
        {
            screen.Line("");
            screen.Table(["Limit", "warned", "reached", "calls stopped", "good ones", $"saved{currency}"], [.. report.Limits.Select(static one => new Span[]
            {
                one.Name, Number(one.Warned), Number(one.Reached), Number(one.Stopped), new(Number(one.Good), one.Good > 0 ? Tone.Warning : Tone.Plain), Text(one.Saved),
            })], isNamed: true);
        }

        if (report.Stops.Count > 0)
        {
            screen.Line("");
            screen.Table(["Stopped", "limit", "for", "figure", "last number", "country", $"lost{currency}"], [.. report.Stops.Take(MostShown).Select(one => new Span[]
            {
                Screen.Time(one.Time, zone), one.Limit, Shown.Text(one.Key.Length == 0 ? "site" : one.Key), Figure(one), Shown.Text(one.Number), one.Region ?? "unknown", Text(one.Lost),
            })], isNamed: true);
            if (report.StopsTotal > MostShown)
            {
                screen.Line(new Span($"and {report.StopsTotal - MostShown:N0} more{(report.StopsTotal > report.Stops.Count ? $", of which --json tells {report.Stops.Count - MostShown:N0}" : ": --json tells them")}", Tone.Faint));
            }
        }

        if (report.Note is { } note)
        {
            screen.Line(new Span(note, Tone.Warning));
        }

        foreach (var problem in report.Problems)
        {
            screen.Line(new Span(problem, Tone.Warning));
        }
    }

    // As its rule counts, and as limits are written.
    private static string Figure(BacktestStopReport one) => CallRules.All.First(rule => rule.Id == one.Rule).Unit switch
    {
        LimitUnit.Calls => Words.Count((long)one.Figure, "call"),
        LimitUnit.Time => Duration.Words(TimeSpan.FromSeconds((double)one.Figure)),
        LimitUnit.Ratio => $"{one.Figure:0.##} times the usual",
        _ => Text(one.Figure),
    };

    private static string Number(int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Text(decimal amount) => amount.ToString("N2", CultureInfo.InvariantCulture);
}

/// <summary>What a policy would have done; docs/json.md.</summary>
internal sealed record BacktestReport(
    DateTimeOffset? From, DateTimeOffset? To, string? Currency, bool HasGate, long Records, long Unread, int Users, int Days,
    int Calls, decimal Cost, int ShortCalls, decimal ShortCost, decimal Spent, decimal Saved, BacktestFraud? Fraud, int Stopped, int GoodStopped, [property: JsonPropertyName("good_stopped_per_1000_user_days")] decimal? GoodStoppedPer1000UserDays,
    IReadOnlyList<BacktestLimitReport> Limits, int StopsTotal, IReadOnlyList<BacktestStopReport> Stops, string? Note, IReadOnlyList<string> Problems);

internal sealed record BacktestFraud(int Calls, decimal Cost, decimal Left, decimal? SavedPercent);

internal sealed record BacktestLimitReport(string Name, int Warned, int Reached, int Stopped, int Good, decimal Saved);

internal sealed record BacktestStopReport(
    DateTimeOffset Time, string Limit, string Rule, string RuleName, string Scope, string Key, decimal Figure, decimal Threshold, string Extension, string Number, string? Region,
    string Id, int Calls, decimal Lost, DateTimeOffset? Until, bool? IsFraud);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(UtcJson)])]
[JsonSerializable(typeof(BacktestReport))]
internal sealed partial class BacktestJson : JsonSerializerContext;
