using Ringfence.Core.Calls;
using Ringfence.Core.Configuration;
using Ringfence.Core.Fraud;
using Ringfence.Core.Notices;
using Ringfence.Core.Rules;
using Ringfence.Sources;

namespace Ringfence.Calls;

/// <summary>Tells once a day what the calls of the day before came to: [calls] daily_report.</summary>
internal sealed class CallDayReport(CallSettings settings, TimeZoneInfo zone, Action<Notice> post, TimeProvider clock)
{
    private const int MostShown = 5;

    /// <summary>A part for the supervisor.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var last = DateTimeOffset.MinValue;
        while (true)
        {
            // A clock that was put back by some seconds has not come to that time yet: it was told of.
            var now = clock.GetUtcNow();
            var next = Next(last > now && last - now < TimeSpan.FromHours(12) ? last : now);
            last = next;
            await Task.Delay(next - now, clock, stop);
            post(await OfAsync(DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(next, zone).DateTime).AddDays(-1), stop));
        }
    }

    /// <summary>The next time at which one is due, by the site's own clock.</summary>
    public DateTimeOffset Next(DateTimeOffset now)
    {
        var at = settings.DailyReport!.Value.ToTimeSpan();
        var today = TimeZoneInfo.ConvertTime(now, zone).Date;
        var next = today + at;
        for (var day = 0; day < 3; day++)
        {
            // The hour that a day of spring lacks is told in the next one.
            var local = zone.IsInvalidTime(next) ? next.AddHours(1) : next;
            var time = new DateTimeOffset(local, zone.GetUtcOffset(local));
            if (time > now)
            {
                return time;
            }

            next = next.AddDays(1);
        }

        return now.AddDays(1);
    }

    public async Task<Notice> OfAsync(DateOnly day, CancellationToken stop)
    {
        var rules = settings.Rules!;
        var period = CallPeriod.OfDay(day, zone);
        var (deck, unread) = DeckFile.Try(settings.Deck);
        var summary = new CallSummary(rules, settings.Tariff(deck, rules.Home.Region), MostShown, new CallTimes(zone, settings.Policy(zone, NumberList.Empty, rules.Home.Region).Hours), period.From, period.To);
        var problems = await CallHistory.ReadRecordsAsync(settings, zone, DateTimeOffset.FromUnixTimeSeconds(period.From), summary.Add, stop);
        return new Notice
        {
            Id = $"calls-{period.Name}",
            Time = clock.GetUtcNow(),
            Kind = NoticeKind.Report,
            Severity = Severity.Low,
            Headline = PlainAscii.Of(CallDayText.Headline(summary, period.Name, settings.Currency), 140),
            Detail = CallDayText.Body(summary, settings.Currency, zone, unread is null ? problems : [.. problems, unread]),
        };
    }
}
