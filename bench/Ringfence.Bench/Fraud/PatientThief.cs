using System.Globalization;
using Ringfence.Bench.Logs;
using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;

namespace Ringfence.Bench.Fraud;

/// <summary>The worst of all: whoever has an office phone's password and all the time in the world, has read the policy, knows what is left of each limit, and never reaches one.</summary>
/// <remarks>He calls one country, on workdays from nine to five, one call after the other, and ends each a minute before it would be ended. Whatever people do about the warnings that they get is not in it.</remarks>
internal static class PatientThief
{
    private const long Second = 1000;
    private const long Minute = 60 * Second;
    private const int LongestCall = 5000;
    private const int MostCalls = 14;

    /// <returns>Millionths that he took by the end of each of these days, and how often he was stopped all the same.</returns>
    public static (IReadOnlyList<long> Taken, int Stops) Steal(CallPolicy policy, string range, IReadOnlyList<int> days)
    {
        var book = new PhoneBook();
        var engine = new CallEngine(policy) { IsLearning = true };
        var day = new DateOnly(2026, 1, 5);
        var random = new SplitMix(1);
        var (own, number) = (book.New("DE", random), book.New(range, random));

        // The owner's own month.
        for (var before = 1; before <= 30; before++)
        {
            Call(engine, book, $"own {before}", own, SiteCalendar.At(day.AddDays(before - 31), 10), _ => 180);
        }

        engine.IsLearning = false;
        List<long> taken = [];
        var (sum, stops) = (0L, 0);
        for (var at = 0; at < days[^1]; at++, day = day.AddDays(1))
        {
            var now = SiteCalendar.At(day, 9);
            for (var call = 0; SiteCalendar.IsWorkday(day) && call < MostCalls && now < SiteCalendar.At(day, 17); call++)
            {
                var (cost, until) = Call(engine, book, string.Create(CultureInfo.InvariantCulture, $"{at} {call}"), number, now, static left => left is null ? LongestCall : Math.Min(LongestCall, left.Value - 60));
                sum += cost;
                now = cost == 0 ? until + (60 * Minute) : until + Minute;
            }

            stops += engine.TakeAlarms().Count(static alarm => alarm.Stop is not null);
            engine.TakeCuts();
            if (days.Contains(at + 1))
            {
                taken.Add(sum);
            }
        }

        return (taken, stops);
    }

    // How long he talks is decided by how long he may.
    private static (long Cost, long Until) Call(CallEngine engine, PhoneBook book, string id, string number, long at, Func<int?, int> length)
    {
        var call = book.Call(id, at, "201", number, 5 * Second, 0, CallOrigin.Phone, "", "");
        var answer = engine.Ask(id, call.Attempt);
        var seconds = answer.Verdict == GateVerdict.Allow ? length(answer.Seconds) : 0;
        if (seconds < 60)
        {
            engine.End(id, at);
            return (0, at);
        }

        engine.Begin(id, call.Attempt);
        engine.Answer(id, at + (5 * Second));
        var until = at + ((5 + seconds) * Second);
        engine.End(id, until);
        return (call.Attempt.Price.Rate.Cost(seconds), until);
    }

    public static string Write()
    {
        int[] days = [30, 60, 180, 365];
        var policy = FraudTable.Policy();
        var fixedLevels = policy with { Limits = [.. policy.Limits.Select(static limit => limit with { Earns = 0 })] };
        var text = $"| country | levels | {string.Join(" | ", days.Select(static day => $"{day} days"))} | stopped |\n|---|---|{string.Concat(days.Select(static _ => "---|"))}---|\n";
        foreach (var range in (string[])["SL", "LV"])
        {
            foreach (var (name, one) in ((string, CallPolicy)[])[("as they are", policy), ("that nobody earns", fixedLevels)])
            {
                var (taken, stops) = Steal(one, range, days);
                text += $"| {range} | {name} | {string.Join(" | ", taken.Select(static much => (much / Rate.Unit).ToString("N0", CultureInfo.InvariantCulture)))} | {stops} |\n";
            }
        }

        return text;
    }
}
