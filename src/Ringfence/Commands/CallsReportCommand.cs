using System.CommandLine;
using System.Globalization;
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

/// <summary><c>ringfence calls report</c>: what the calls of CDRs cost, and which stand out.</summary>
internal static class CallsReportCommand
{
    private const int MostShown = 10;

    public static Command Build()
    {
        var files = new Argument<string[]>("file") { Description = "CDRs as CSV: cdr_csv's Master.csv, or an export with a line of headings; also .gz and .xz, or - for the standard input. None: what cdr of [calls] names.", HelpName = "FILE", Arity = ArgumentArity.ZeroOrMore };
        var day = Date("--day", "Only this day.", "DATE", CallPeriod.Day);
        var month = Date("--month", "Only this month, such as 2026-11.", "MONTH", CallPeriod.Month);
        var from = Date("--from", "Only from this day on.", "DATE", CallPeriod.Day);
        var to = Date("--to", "Only up to this day, with it.", "DATE", CallPeriod.Day);
        var html = new Option<string?>("--html") { Description = "Also write it as one page with plots.", HelpName = "FILE" };
        var csv = new Option<string?>("--csv") { Description = "Also write each call to outside with what it cost.", HelpName = "FILE" };
        var zone = LogArguments.TimeZone();
        var country = SiteArguments.Country();
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var verb = new Verb("report", "What calls to outside cost: abroad, premium, outside of work hours; by class of risk, country and extension; the dearest and the longest.")
        {
            Examples =
            [
                ("ringfence calls report /var/log/asterisk/cdr-csv/Master.csv", "all that the file holds"),
                ("ringfence calls report --month 2026-10 --html october.html", "a month of what cdr of [calls] names, as a page with plots"),
                ("ringfence calls report --country DE cdr-2026-10.csv.gz --json", "an archive, for scripts"),
            ],
        };
        foreach (var argument in (Symbol[])[files, day, month, from, to, html, csv, zone, country, json, config])
        {
            if (argument is Option option)
            {
                verb.Add(option);
            }
            else
            {
                verb.Add((Argument)argument);
            }
        }

        verb.Checks(result =>
        {
            var hasRange = result.GetResult(from) is not null || result.GetResult(to) is not null;
            if ((result.GetResult(day) is not null ? 1 : 0) + (result.GetResult(month) is not null ? 1 : 0) + (hasRange ? 1 : 0) > 1)
            {
                result.AddError("two periods at once: expected one of --day, --month, or --from with --to");
            }
            else if (result.GetValue(from) is { } first && result.GetValue(to) is { } last && last < first)
            {
                result.AddError("--to is a day before --from: expected the first day in --from and the last in --to");
            }
        });
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var settings = surroundings.ReadConfigToAsk(parsed.GetValue(config));
            var calls = SiteArguments.In(settings.Calls, parsed.GetValue(country));
            var rules = SiteArguments.RulesOf(calls);
            var times = LogArguments.Zone(parsed.GetValue(zone) ?? settings.TimeZone, surroundings.Clock);
            var period = parsed.GetValue(day) is { } one ? CallPeriod.OfDay(one, times)
                : parsed.GetValue(month) is { } all ? CallPeriod.OfMonth(all, times)
                : CallPeriod.Between(parsed.GetValue(from), parsed.GetValue(to), times);
            using var rows = parsed.GetValue(csv) is { } path ? new Rows(path) : null;
            rows?.Add(RatedCsv.Headings);
            var (deck, badRows) = DeckFile.ReadAll(calls.Deck);
            var summary = new CallSummary(rules, calls.Tariff(deck, rules.Home.Region), MostShown, new CallTimes(times, calls.Policy(times, NumberList.Empty, rules.Home.Region).Hours), period.From, period.To)
            {
                Rated = rows is null ? null : rated => rows.Add(RatedCsv.Line(rated, times)),
            };
            var (unread, problems) = await ReadAsync(parsed.GetValue(files)!, calls, times, period, summary.Add, stop);
            problems.AddRange(badRows is null ? [] : [badRows]);
            if (summary.Doubled > 0)
            {
                problems.Add($"{Words.Count(summary.Doubled, "record")} {(summary.Doubled == 1 ? "stands there twice, and counts" : "stand there twice, and count")} once");
            }

            var report = Report(summary, calls.Currency, unread, problems);
            var screen = new Screen(surroundings);
            if (parsed.GetValue(json))
            {
                screen.Json(report, CallsJson.Default.CallsReport);
            }
            else
            {
                Print(report, screen, times);
            }

            Write(parsed.GetValue(html), () => CallPage.Write(summary, period.Name.Length == 0 ? "Calls" : $"Calls of {period.Name}", calls.Currency, times));
            rows?.Keep();
            return ExitCode.Fine;
        });
    }

    private static Option<DateOnly?> Date(string name, string description, string help, Func<string, DateOnly?> read) => new(name)
    {
        Description = description,
        HelpName = help,
        CustomParser = result =>
        {
            if (result.Tokens.Count == 0)
            {
                return null;
            }

            if (read(result.Tokens[0].Value) is { } date)
            {
                return date;
            }

            result.AddError($"{name} {result.Tokens[0].Value}: expected a {(help == "MONTH" ? "month such as 2026-11" : "day such as 2026-11-22")}");
            return null;
        },
    };

    private static async Task<(int Unread, List<string> Problems)> ReadAsync(string[] paths, CallSettings calls, TimeZoneInfo zone, CallPeriod period, Action<CallRecord> take, CancellationToken stop)
    {
        var (unread, records, problems) = (0, 0L, new List<string>());
        if (paths.Length == 0)
        {
            SiteArguments.NeedRecords(calls);
            problems.AddRange(await CallHistory.ReadRecordsAsync(calls, zone, period.From == long.MinValue ? DateTimeOffset.UnixEpoch : DateTimeOffset.FromUnixTimeSeconds(period.From), Count, stop));
        }

        foreach (var path in paths)
        {
            try
            {
                var reader = CdrFiles.Read(path, zone, take, stop, calls.CdrMapping);
                unread += reader.Unread;
                records += reader.Records;
                if (reader.FirstMistake is { } mistake)
                {
                    problems.Add(UnreadCdrs.Of(path, reader.Unread, reader.Records, mistake));
                }
            }
            catch (LogFileException problem)
            {
                throw NamedFile.Trouble(problem, "calls report");
            }
        }

        UnreadCdrs.RefuseNone(records, problems);
        return (unread, problems);

        void Count(CallRecord call)
        {
            records++;
            take(call);
        }
    }

    private static void Write(string? path, Func<string> text)
    {
        if (path is null)
        {
            return;
        }

        try
        {
            AtomicFile.WriteAllText(path, text());
        }
        catch (DirectoryNotFoundException problem)
        {
            throw new WorldFailedException($"{path}: there is no such directory", problem);
        }
        catch (Exception problem) when (FileTrouble.Is(problem))
        {
            throw new WorldFailedException($"{path}: {problem.Message}", problem);
        }
    }

    /// <summary>Ten million calls are more than one text can hold: they are written as they come, beside the file, and take its place in the end.</summary>
    private sealed class Rows : IDisposable
    {
        private readonly string _path;
        private readonly StreamWriter _file;

        /// <exception cref="WorldFailedException">Nothing can be written there.</exception>
        public Rows(string path)
        {
            _path = path;
            var full = Path.GetFullPath(path);
            _file = Try(() => new StreamWriter(new FileStream(Path.Combine(Path.GetDirectoryName(full) ?? full, $".{Path.GetFileName(full)}.{Path.GetRandomFileName()}"), new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Options = FileOptions.DeleteOnClose,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            })));
        }

        public void Add(string line) => Try(() =>
        {
            _file.WriteLine(line);
            return true;
        });

        public void Keep() => Try(() =>
        {
            _file.Flush();
            _file.BaseStream.Position = 0;
            AtomicFile.Write(_path, _file.BaseStream.CopyTo);
            return true;
        });

        public void Dispose()
        {
            try
            {
                _file.Dispose();
            }
            catch (IOException)
            {
                // What is left in its buffer has no room on the disk: that was said.
            }
        }

        private T Try<T>(Func<T> work)
        {
            try
            {
                return work();
            }
            catch (DirectoryNotFoundException problem)
            {
                throw new WorldFailedException($"{_path}: there is no such directory", problem);
            }
            catch (Exception problem) when (FileTrouble.Is(problem))
            {
                throw new WorldFailedException($"{_path}: {problem.Message}", problem);
            }
        }
    }

    private static CallsReport Report(CallSummary summary, string currency, int unread, IReadOnlyList<string> problems) => new(
        summary.First is { } first ? DateTimeOffset.FromUnixTimeSeconds(first) : null,
        summary.Last is { } last ? DateTimeOffset.FromUnixTimeSeconds(last) : null,
        currency.Length == 0 ? null : currency, summary.Records, unread,
        Sum("", summary.Outside), Sum("", summary.Abroad), Sum("", summary.Premium), Sum("", summary.Times!.Off), Sum("", summary.Invalid), Sum("", summary.Short),
        [.. summary.ByRisk.Select(static one => Sum(one.Risk, one.Sum))],
        [.. summary.ByRegion.Select(static one => Sum(one.Region.Length == 0 ? "unknown" : one.Region, one.Sum))],
        [.. summary.BySource.Select(static one => Sum(one.Source, one.Sum))],
        [.. summary.Times!.ByDay.Select(static one => Sum(one.Key.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), one.Value))], [.. summary.Times.ByHour.Select(static (sum, hour) => Sum($"{hour:00}:00", sum))],
        [.. summary.Dearest.Select(Call)], [.. summary.Longest.Select(Call)], problems);

    private static CallsSum Sum(string name, CallSum sum) => new(name.Length == 0 ? null : name, sum.Calls, sum.Seconds, Rate.Amount(sum.Cost));

    private static CallsCall Call(RatedCall one) => new(
        DateTimeOffset.FromUnixTimeSeconds(one.Call.Start), one.Call.Source, one.Number.ToString(), one.Number.Region.Length == 0 ? null : one.Number.Region, one.Risk, one.Call.Trunk, one.Call.Billed, Rate.Amount(one.Cost));

    // By the clock that also says what is outside of work hours.
    private static void Print(CallsReport report, Screen screen, TimeZoneInfo zone)
    {
        var currency = report.Currency is { } unit ? $" {Shown.Text(unit)}" : "";
        screen.Line(report.From is { } from && report.To is { } to
            ? $"{Words.Count(report.Records, "record")} from {Screen.Time(from, zone)} to {Screen.Time(to, zone)}: {Words.Count(report.Outside.Calls, "call")} to outside, {Minutes(report.Outside.Seconds)} minutes, {Money(report.Outside.Cost)}{currency}"
            : "No record.");
        foreach (var (sum, what) in ((CallsSum, string)[])[(report.Abroad, "abroad"), (report.Premium, "to premium numbers"), (report.OffHours, "while nobody works")])
        {
            if (sum.Calls > 0)
            {
                screen.Line($"{Words.Count(sum.Calls, "call")} {what}: {Money(sum.Cost)}{currency}");
            }
        }

        if (report.Invalid.Calls > 0)
        {
            screen.Line(new Span($"{Words.Count(report.Invalid.Calls, "call")} to numbers that nobody can have: {Money(report.Invalid.Cost)}{currency}", Tone.Warning));
        }

        if (report.Short.Calls > 0)
        {
            screen.Line($"Besides {Words.Count(report.Short.Calls, "call")} to short numbers of the carrier's network, whose price is in no plan: the brake and the backtest count {Money(report.Short.Cost)}{currency}");
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
                screen.Table([heading, "calls", "minutes", $"cost{currency}"], [.. sums.Take(MostShown).Select(one => new Span[] { Shown.Text(one.Name ?? "-"), one.Calls.ToString("N0", CultureInfo.InvariantCulture), Minutes(one.Seconds), Money(one.Cost) })], isNamed: true);
            }
        }

        void Calls(string heading, IReadOnlyList<CallsCall> calls)
        {
            if (calls.Count > 0)
            {
                screen.Line("");
                screen.Table([heading, "extension", "number", "country", "minutes", $"cost{currency}"], [.. calls.Select(one => new Span[]
                {
                    Screen.Time(one.Start, zone), Shown.Text(one.Source), one.Number, one.Region ?? "unknown", Minutes(one.Seconds), new(Money(one.Cost), RiskClass.IsRiskyName(one.Risk) ? Tone.Warning : Tone.Plain),
                })], isNamed: true);
            }
        }
    }

    private static string Minutes(long seconds) => (seconds / 60m).ToString("N1", CultureInfo.InvariantCulture);

    private static string Money(decimal amount) => amount.ToString("N2", CultureInfo.InvariantCulture);
}

/// <summary>What calls came to; docs/json.md.</summary>
internal sealed record CallsReport(
    DateTimeOffset? From, DateTimeOffset? To, string? Currency, int Records, int Unread, CallsSum Outside, CallsSum Abroad, CallsSum Premium, CallsSum OffHours, CallsSum Invalid, CallsSum Short,
    IReadOnlyList<CallsSum> ByRisk, IReadOnlyList<CallsSum> ByRegion, IReadOnlyList<CallsSum> BySource, IReadOnlyList<CallsSum> ByDay, IReadOnlyList<CallsSum> ByHour, IReadOnlyList<CallsCall> Dearest, IReadOnlyList<CallsCall> Longest, IReadOnlyList<string> Problems);

internal sealed record CallsSum(string? Name, int Calls, long Seconds, decimal Cost);

internal sealed record CallsCall(DateTimeOffset Start, string Source, string Number, string? Region, string Risk, string Trunk, int Seconds, decimal Cost);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(UtcJson)])]
[JsonSerializable(typeof(CallsReport))]
internal sealed partial class CallsJson : JsonSerializerContext;
