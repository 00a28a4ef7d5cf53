using System.Globalization;
using Ringfence.Api;
using Ringfence.Core.Calls;
using Ringfence.Core.Configuration;
using Ringfence.Core.Fraud;
using Ringfence.Sources;

namespace Ringfence.Calls;

/// <summary>What calls came to before the guard began, from the site's records: limits over a day or a month know it, and what is usual for an extension.</summary>
/// <remarks>It is read once, beside the work: until then the brake knows what it has seen itself. Then what is written to them is followed.</remarks>
/// <param name="most">Records that are read.</param>
internal sealed partial class CallMemory(CallSettings settings, CallSite site, TimeZoneInfo zone, CallDesk desk, TimeProvider clock, ILogger log, long most = CallMemory.MostRecords)
{
    /// <summary>Half a minute of a core (bench/backtest). Of a site that has more than so many the last month is read, or the last week.</summary>
    public const long MostRecords = 10_000_000;

    private const long Day = 86_400_000;

    // Habits are of 64 days (ActiveDays), limits look back over 30. With three months there are half as many false stops as with nothing (bench/results/fraud.md).
    private static readonly int[] Days = [92, 31, 7, 1];

    // A database that answers a row a second is left alone in the end.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    // A machine that starts may have its guard before its database.
    private const int MostTries = 7;

    private readonly List<PastEvent> _since = [];
    private IReadOnlyList<ICallSource> _sources = [];
    private CallReading _reading = new(site.Rules, site.Tariff, site.IsTrunk);
    private bool _isKnown;

    /// <summary>A part for the supervisor. Started again it follows what is written: what it has learnt, and what was seen since, the desk has.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        if (!_isKnown)
        {
            await LearnAsync(stop);
        }

        var sources = _sources;
        _sources = [];
        await new CallFollower(sources, settings, zone, _reading, desk, clock, log).RunAsync(stop);
    }

    private async Task LearnAsync(CancellationToken stop)
    {
        var begun = clock.GetUtcNow();
        List<string> problems = [];
        var isRead = false;
        try
        {
            var (at, tries) = (0, 1);
            while (at < Days.Length && await ReadAsync(Days[at], begun, problems, isLast: tries == MostTries, stop) is var outcome && outcome != Outcome.Read)
            {
                if (outcome == Outcome.TooMuch)
                {
                    at++;
                    continue;
                }

                desk.Sight.MemoryProblem = problems[0];
                problems.Clear();
                await Task.Delay(CallFollower.Retry.After(tries++), clock, stop);
            }

            isRead = true;
        }
        finally
        {
            if (!isRead)
            {
                await CallSources.CloseAsync(_sources);
                _sources = [];
            }
        }

        foreach (var problem in problems)
        {
            LogProblem(log, problem);
        }

        desk.Sight.Learnt ??= new CallsLearnt(0, null);
        desk.Sight.MemoryProblem = problems.Count > 0 ? problems[0] : null;
        desk.Tell(_since);
        _since.Clear();
    }

    private enum Outcome
    {
        Read,
        TooMuch,

        /// <summary>A database can't be asked yet.</summary>
        Failed,
    }

    /// <param name="isLast">What can't be read now is done without.</param>
    private async Task<Outcome> ReadAsync(int days, DateTimeOffset begun, List<string> problems, bool isLast, CancellationToken stop)
    {
        var (engine, calls, first, now) = (new CallEngine(site.Policy) { IsLearning = true }, 0L, (long?)null, begun.ToUnixTimeMilliseconds());
        var replay = new CallReplay(engine, hasGate: false, static _ => { });
        var hours = new WorkHoursFit(site.Policy);
        using var late = new CancellationTokenSource(Longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
        (_sources, _reading) = (CallSources.Open(settings, zone, clock), new CallReading(site.Rules, site.Tariff, site.IsTrunk));
        _since.Clear();
        var outcome = Outcome.Read;
        try
        {
            var (unread, failed) = await CallHistory.ReadAsync(_sources, begun.AddDays(-days), _reading, Take, isEnd: false, either.Token, most);
            problems.AddRange(unread);
            outcome = !isLast && failed.Any(static source => source is CdrDatabase) ? Outcome.Failed : Outcome.Read;
        }
        catch (TooManyCallsException)
        {
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"there are more than {most:N0} records of the last {days} days: {Instead(days)}"));
            outcome = Outcome.TooMuch;
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"the records of the last {days} days could not be read within {Longest.TotalMinutes:0} minutes: {Instead(days)}"));
            outcome = Outcome.TooMuch;
        }

        if (outcome != Outcome.Read)
        {
            // Read anew: an engine takes calls in the order of their beginning.
            await CallSources.CloseAsync(_sources);
            _sources = [];
            return outcome;
        }

        replay.Finish();
        desk.Remember(engine);
        _isKnown = true;
        desk.Sight.HoursDoubt = settings.DoubtHours(hours);
        desk.Sight.Learnt = new CallsLearnt(calls, first is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null);
        LogRead(log, calls, days);
        if (desk.Sight.HoursDoubt is { } doubt)
        {
            LogHours(log, doubt);
        }

        return Outcome.Read;

        void Take(PastEvent one)
        {
            // What ended since the guard began it has seen itself, or is told like any other; a clock that was wrong for a while has written records of a time that is still to come.
            if (one.Written > now)
            {
                _since.Add(one);
                return;
            }

            if (one.Call.Id.Length > 0 && now - one.Written < Day && desk.HasSeen(one.Call.Id))
            {
                return;
            }

            if (one.Seen is { } seen)
            {
                replay.See(seen);
                return;
            }

            calls++;
            first ??= one.At;
            hours.Add(one.Call.Attempt);
            replay.Add(one.Call);
        }
    }

    private static string Instead(int days) =>
        Array.IndexOf(Days, days) + 1 is var next && next < Days.Length ? string.Create(CultureInfo.InvariantCulture, $"those of the last {Days[next]} are read in their place") : "nothing is known of the time before the guard";

    [LoggerMessage(2946, LogLevel.Information, "{Calls} calls of the last {Days} days are known from the site's records")]
    private static partial void LogRead(ILogger log, long calls, int days);

    [LoggerMessage(2952, LogLevel.Warning, "{Doubt}")]
    private static partial void LogHours(ILogger log, string doubt);

    [LoggerMessage(2947, LogLevel.Warning, "Records of calls: {Problem}")]
    private static partial void LogProblem(ILogger log, string problem);
}
