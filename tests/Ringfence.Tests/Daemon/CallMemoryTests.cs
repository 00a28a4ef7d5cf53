using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Calls;
using Ringfence.Core.Configuration;
using Ringfence.Core.Fraud;
using Ringfence.Core.Notices;
using Ringfence.Core.Numbers;
using Ringfence.Daemon;
using Xunit;
using static Ringfence.Tests.Calls.LiveMessageTests;

namespace Ringfence.Tests.Daemon;

/// <summary>A guard that starts knows what the site's records tell, and what happened while it read them.</summary>
public sealed class CallMemoryTests : IDisposable
{
    private const long Unit = Rate.Unit;
    private const string SierraLeone = "0023279000001";

    private readonly string _directory = Directory.CreateTempSubdirectory("rf-memory-").FullName;
    private readonly ManualTime _time = new();
    private readonly Teller _teller = new();
    private readonly StringBuilder _csv = new();
    private int _channels;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Ninety_two_days_are_learnt_and_nobody_is_told_or_stopped_for_them()
    {
        foreach (var days in (double[])[100, 91.5, 50, 49.9, 1])
        {
            Record($"1.{days}", days, 3600);
        }

        var (desk, site) = Desk(120);
        Assert.Null(desk.Status().Learnt);

        await LearnAsync(desk, site);

        Assert.Equal((4, _time.Now.AddDays(-91.5)), (desk.Status().Learnt!.Calls, desk.Status().Learnt!.From));
        Assert.Equal((null, 0, 0), (desk.Status().Note, desk.Status().Stops, _teller.Told.Count));
    }

    [Fact]
    public async Task What_is_usual_is_known_at_once()
    {
        foreach (var days in (double[])[80, 60, 50, 30])
        {
            Record($"1.{days}", days, 60);
        }

        var (desk, site) = Desk(20, CallFilter.Risky with { NewTo = Standing.NewToSite });
        await LearnAsync(desk, site);

        // Usual for 201, and so for the site; to the Gambia nobody calls.
        Call(desk, "201", SierraLeone);
        Move(desk, 60_000);
        Assert.Equal(0, desk.Status().Stops);
        Call(desk, "201", "002203901234");
        Move(desk, 60_000);
        Assert.Equal("GM", Assert.Single(desk.Report().Stops).Region);
    }

    [Fact]
    public async Task Money_of_records_of_calls_that_ended_meanwhile_and_of_one_that_goes_on_is_counted_once_each()
    {
        // A unit a second: 60 of yesterday, 30 before and 10 while the records are read, and what goes on.
        Record("1.1", .5, 60);
        var (desk, site) = Desk(120);
        var before = Call(desk, "201", SierraLeone);
        Move(desk, 30_000);
        Hangup(desk, before);
        Record(before.Id, 30.0 / 86_400, 30);
        var going = Call(desk, "201", SierraLeone);
        Move(desk, 10_000);
        Assert.Equal(0, desk.Status().Stops);

        await LearnAsync(desk, site);

        Assert.Equal(1, desk.Status().Learnt!.Calls);
        Move(desk, 18_000);
        Assert.Equal(0, desk.Status().Stops);
        Move(desk, 3_000);
        Assert.InRange(Assert.Single(desk.Report().Stops).Lost, 120, 120.01m);
        Assert.Equal([going.Leg, going.Id], desk.TakeOrders().Where(static order => order.Action == "Hangup").Select(static order => order.Headers[0].Value).OrderDescending());
    }

    [Fact]
    public async Task What_a_call_that_goes_on_comes_to_together_with_the_records_is_stopped_when_they_are_known()
    {
        Record("1.1", .5, 110);
        var (desk, site) = Desk(120);
        Call(desk, "201", SierraLeone);
        Move(desk, 20_000);
        Assert.Equal(0, desk.Status().Stops);

        await LearnAsync(desk, site);

        Assert.Equal("SL", Assert.Single(desk.Report().Stops).Region);
    }

    [Fact]
    public async Task Of_more_records_than_can_be_read_the_last_ones_are_and_it_is_said()
    {
        foreach (var days in (double[])[80, 70, 60, 30, 20])
        {
            Record($"1.{days}", days, 60);
        }

        var (desk, site) = Desk(1000);

        await LearnAsync(desk, site, most: 2);

        Assert.Equal(2, desk.Status().Learnt!.Calls);
        Assert.Equal("there are more than 2 records of the last 92 days: those of the last 31 are read in their place", desk.Status().Note);
    }

    [Fact]
    public async Task Without_records_it_is_said_and_work_goes_on()
    {
        var (desk, site) = Desk(20);

        await LearnAsync(desk, site);

        Assert.Equal((0, null), (desk.Status().Learnt!.Calls, desk.Status().Learnt!.From));
        Assert.EndsWith("there is no such file", desk.MemoryProblem, StringComparison.Ordinal);
        Call(desk, "201", SierraLeone);
        Move(desk, 21_000);
        Assert.Equal(1, desk.Status().Stops);
    }

    private (CallDesk Desk, CallSite Site) Desk(int critical, CallFilter? calls = null)
    {
        var rules = new DiallingRules(NumberPlans.BuiltIn.Of("DE")!, []);
        var deck = new RateDeck();
        deck.Add(new Rate("232", "Sierra Leone", 60 * Unit));
        deck.Add(new Rate("220", "Gambia", 60 * Unit));
        deck.Add(new Rate("49", "Germany", Unit / 100));
        var limit = new CallLimit { Name = "spend-day", Rule = "RF3001", Scope = LimitScope.Extension, Window = 86_400_000, Critical = critical * Unit, Action = BrakeAction.Country, Calls = calls ?? CallFilter.Risky };
        var site = new CallSite(new CallPolicy([limit], WorkHours.Usual(TimeZoneInfo.Utc), "DE"), rules, new Tariff(deck, "DE"), static endpoint => endpoint.StartsWith("trunk", StringComparison.Ordinal), "EUR");
        var desk = new CallDesk(site, enforces: true, new StopFile(Path.Combine(_directory, "stops.json"), _time, NullLogger.Instance), _teller, _time, NullLogger.Instance);
        desk.Connected(static () => { });
        return (desk, site);
    }

    private async Task LearnAsync(CallDesk desk, CallSite site, long most = CallMemory.MostRecords)
    {
        var file = Path.Combine(_directory, "Master.csv");
        if (_csv.Length > 0)
        {
            await File.WriteAllTextAsync(file, _csv.ToString(), TestContext.Current.CancellationToken);
        }

        var settings = new CallSettings { Country = "DE", Cdr = [CdrPlace.Parse(file)!] };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var memory = new CallMemory(settings, site, TimeZoneInfo.Utc, desk, _time, NullLogger.Instance, most).RunAsync(stop.Token);
        while (desk.Status().Learnt is null || (most < CallMemory.MostRecords && desk.Status().Note is null))
        {
            Assert.False(memory.IsCompleted, memory.Exception?.ToString());
            await Task.Delay(1, stop.Token);
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => memory);
    }

    private void Record(string id, double days, int seconds)
    {
        var start = _time.Now.AddDays(-days).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        _csv.Append(CultureInfo.InvariantCulture, $"\"\",\"201\",\"{SierraLeone}\",\"from-internal\",\"\",\"PJSIP/201-0000001a\",\"PJSIP/trunk-a-0000001b\",\"Dial\",\"PJSIP/{SierraLeone}@trunk-a,300\",\"{start}\",\"{start}\",\"{start}\",{seconds},{seconds},\"ANSWERED\",\"DOCUMENTATION\",\"{id}\",\"\"\n");
    }

    private (string Phone, string Id, string Channel, string Leg) Call(CallDesk desk, string extension, string number)
    {
        var at = ++_channels;
        var (phone, id, channel, leg) = ($"PJSIP/{extension}-{at:x8}", $"1795219652.{at}1", $"PJSIP/trunk-a-{at:x8}", $"1795219652.{at}2");
        Tell(desk, Dial(phone, id, channel, leg, $"{number}@trunk-a") + Dial(phone, id, channel, leg, null));
        return (phone, id, channel, leg);
    }

    private static void Hangup(CallDesk desk, (string Phone, string Id, string Channel, string Leg) call) =>
        Tell(desk, Calls.LiveMessageTests.Hangup(call.Channel, call.Leg, call.Id) + Calls.LiveMessageTests.Hangup(call.Phone, call.Id));

    private static void Tell(CallDesk desk, string messages) => Assert.Equal(messages.Length, desk.Read(Encoding.Latin1.GetBytes(messages)));

    private void Move(CallDesk desk, int milliseconds)
    {
        for (var moved = 0; moved < milliseconds; moved += 100)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            desk.Tick();
        }
    }

    private sealed class Teller : ICallTeller
    {
        public List<Notice> Told { get; } = [];

        public void Tell(Notice notice, string line) => Told.Add(notice);
    }
}
