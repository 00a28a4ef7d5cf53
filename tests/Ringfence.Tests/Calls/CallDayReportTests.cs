using Ringfence.Calls;
using Ringfence.Core.Calls;
using Ringfence.Core.Configuration;
using Ringfence.Core.Notices;
using Xunit;

namespace Ringfence.Tests.Calls;

public sealed class CallDayReportTests : IDisposable
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    private readonly string _cdr = Path.GetTempFileName();

    public void Dispose() => File.Delete(_cdr);

    [Theory]
    [InlineData("2026-11-22T05:59:59Z", "2026-11-22T06:00:00Z")]
    [InlineData("2026-11-22T06:00:00Z", "2026-11-23T06:00:00Z")]
    [InlineData("2026-07-01T04:00:00Z", "2026-07-01T05:00:00Z")]
    public void It_is_due_once_a_day_by_the_sites_own_clock(string now, string next) =>
        Assert.Equal(Time(next), Report("07:00").Next(Time(now)));

    [Theory]
    [InlineData("2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z")]
    [InlineData("2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z")]
    public void A_day_whose_hour_is_left_out_has_its_report_all_the_same(string now, string next) =>
        Assert.Equal(Time(next), Report("02:30").Next(Time(now)));

    [Fact]
    public async Task It_says_what_that_days_calls_came_to_and_names_what_could_not_be_read()
    {
        await File.WriteAllTextAsync(_cdr, Cdr("0023276123456", "2026-11-21 23:59:59") + Cdr("0030123456", "2026-11-22 00:00:00") + "\"broken\n", TestContext.Current.CancellationToken);

        var notice = await Report("07:00").OfAsync(new DateOnly(2026, 11, 21), TestContext.Current.CancellationToken);

        Assert.Equal((NoticeKind.Report, "calls-2026-11-21", "calls of 2026-11-21: 1 to outside for 12.00 EUR, 1 abroad, 1 outside of work hours"), (notice.Kind, notice.Id, notice.Headline));
        var body = NoticeText.Body(NoticeMessage.Of("pbx", notice));
        Assert.Contains("+23276123456", body, StringComparison.Ordinal);
        Assert.Contains($"Not read: {_cdr}: 1 records could not be read, the first at line 3", body, StringComparison.Ordinal);
        Assert.DoesNotContain("What to do", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clock_that_is_put_back_meanwhile_makes_no_second_report_of_that_day()
    {
        var (time, told) = (new ManualTime(), new List<Notice>());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = Report("07:00", told.Add, time).RunAsync(stop.Token);
        var first = await time.NextTimerAsync();

        time.SetClock(TimeSpan.FromSeconds(-5));
        time.Advance(first);

        Assert.Equal(TimeSpan.FromSeconds(86_405), await time.NextTimerAsync());
        Assert.Equal(["calls-2026-11-20"], told.Select(static notice => notice.Id));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private CallDayReport Report(string at, Action<Notice>? post = null, TimeProvider? clock = null) => new(
        new CallSettings { Country = "DE", Currency = "EUR", Cdr = [CdrPlace.Parse(_cdr)!], DailyReport = TimeOnly.Parse(at, System.Globalization.CultureInfo.InvariantCulture) }, Berlin, post ?? (static _ => { }), clock ?? new ManualTime());

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static string Cdr(string number, string start) =>
        $"\"\",\"201\",\"{number}\",\"from-internal\",\"x\",\"PJSIP/201-0000001a\",\"PJSIP/trunk-0000001b\",\"Dial\",\"PJSIP/{number}@trunk,300\",\"{start}\",\"{start}\",\"{start}\",600,600,\"ANSWERED\",\"DOCUMENTATION\",\"{number}\",\"\"\n";
}
