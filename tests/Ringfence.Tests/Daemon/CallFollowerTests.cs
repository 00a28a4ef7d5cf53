using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Calls;
using Ringfence.Core.Configuration;
using Ringfence.Core.Fraud;
using Ringfence.Core.Notices;
using Ringfence.Core.Numbers;
using Ringfence.Daemon;
using Ringfence.Sources;
using Xunit;
using static Ringfence.Tests.Calls.LiveMessageTests;

namespace Ringfence.Tests.Daemon;

/// <summary>Where nobody tells of calls while they go on, their records do; and no call counts twice.</summary>
public sealed class CallFollowerTests : IAsyncDisposable
{
    private const long Unit = Rate.Unit;
    private const string SierraLeone = "0023279000001";

    private readonly string _directory = Directory.CreateTempSubdirectory("rf-follow-").FullName;
    private readonly ManualTime _time = new();
    private readonly Teller _teller = new();
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private Task _running = Task.CompletedTask;
    private CallFollower? _follower;
    private int _channels;

    private string Csv => Path.Combine(_directory, "Master.csv");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ContinueWith(static _ => { }, TaskScheduler.Default);
        _stop.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Without_a_manager_calls_are_stopped_when_their_records_are_written_and_it_is_said_what_that_is_worth()
    {
        var desk = Desk(100, hasManager: false, hasGate: true);
        Move(desk, 90_000);
        Record("1.1", 60, 60);
        await ReadAsync();
        Assert.Equal(("records", 0), (desk.Status().Source, desk.Status().Stops));
        Assert.Equal(GateVerdict.Allow, Ask(desk, "2.1"));
        desk.Drop("2.1", _time.Now.ToUnixTimeMilliseconds());

        Record("1.2", 45, 45);
        await ReadAsync();

        var stop = Assert.Single(desk.Report().Stops);
        Assert.Equal(("SL", 105m, 0, "enforced"), (stop.Region, stop.Lost, stop.Hung, stop.State));
        Assert.Contains("45 s, 45.00 EUR", Assert.Single(stop.Evidence), StringComparison.Ordinal);
        Assert.Equal(GateVerdict.Deny, Ask(desk, "2.2"));
        var told = Assert.Single(_teller.Told).Reason;
        Assert.Contains("1 call over, as the records say, 0 on, 105.00 EUR so far; stopped 201's calls to SL", told, StringComparison.Ordinal);
        Assert.EndsWith("; the gate holds it, and nothing can be hung up without the manager interface", told, StringComparison.Ordinal);
        Assert.Null(desk.Report().Problem);
        Assert.Equal("[ami] names no user: of calls only their records tell, when they are over, and nothing can be hung up", desk.Status().Note);
        Assert.Equal(_time.Now, desk.Status().LastEvent);
        Assert.Equal((Csv, 2L, null), (Assert.Single(desk.Status().Records).Place, desk.Status().Records[0].Calls, desk.Status().Records[0].Problem));
    }

    [Fact]
    public async Task Without_a_gate_and_a_manager_nobody_is_told_that_anything_holds()
    {
        var desk = Desk(100, hasManager: false);
        Move(desk, 200_000);
        Record("1.1", 150, 150);
        await ReadAsync();

        Assert.EndsWith("; nobody can hold it: no gate is asked, and without the manager interface nothing can be hung up", Assert.Single(_teller.Told).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_that_were_heard_count_once_whenever_their_records_come()
    {
        var desk = Desk(100);
        Connect(desk);
        Move(desk, 5_000);
        var call = Call(desk, SierraLeone);
        Move(desk, 60_000);
        Hangup(desk, call);
        Record(call.Id, 60, 60);
        await ReadAsync();

        // Its record comes late: nobody listens any more.
        var other = Call(desk, SierraLeone);
        Move(desk, 30_000);
        Hangup(desk, other);
        desk.Lost();
        Record(other.Id, 30, 30);
        await ReadAsync();

        Assert.Equal((0, 0L), (desk.Status().Stops, desk.Status().Records[0].Calls));
        Record("9.9", 15, 15);
        await ReadAsync();
        Assert.Equal((1, 105m), (desk.Status().Stops, desk.Report().Stops[0].Lost));
    }

    [Fact]
    public async Task Calls_that_began_and_ended_while_the_session_was_lost_are_counted_once_and_one_that_was_heard_ends()
    {
        var desk = Desk(400);
        Connect(desk);
        Move(desk, 5_000);
        var heard = Call(desk, SierraLeone);
        var goesOn = Call(desk, SierraLeone);
        Move(desk, 10_000);
        desk.Lost();

        // Three minutes: the first ends ten seconds in, another comes and goes, the second goes on.
        Move(desk, 10_000);
        Record(heard.Id, 20, 20);
        await ReadAsync();
        Move(desk, 100_000);
        Record("9.9", 80, 80);
        await ReadAsync();
        Move(desk, 70_000);
        desk.Connected(static () => { });
        List(desk, goesOn);
        await ReadAsync();
        Hangup(desk, goesOn);
        Record(goesOn.Id, 190, 190);
        await ReadAsync();

        // 20 + 80 + 190, and four seconds in which records were read: nothing is over the limit before some 106 more.
        Assert.Equal((0, 1L), (desk.Status().Stops, desk.Status().Records[0].Calls));
        var last = Call(desk, SierraLeone);
        Move(desk, 103_000);
        Assert.Equal(0, desk.Status().Stops);
        Move(desk, 8_000);
        Assert.Equal(1, desk.Status().Stops);
        Assert.Equal("live", desk.Status().Source);
        Hangup(desk, last);
    }

    [Fact]
    public async Task What_a_gate_let_out_counts_as_one_call_and_its_money_when_its_record_comes()
    {
        var desk = Desk(100, hasManager: false, hasGate: true, new CallLimit { Name = "rate", Rule = "RF3009", Scope = LimitScope.Extension, Window = 3_600_000, Critical = 4, Action = BrakeAction.Country });
        for (var call = 0; call < 3; call++)
        {
            Assert.Equal(GateVerdict.Allow, Ask(desk, $"3.{call}"));
            Move(desk, 10_000);
            Record($"3.{call}", 10, 10);
            await ReadAsync();
        }

        Assert.Equal(0, desk.Status().Stops);
        Record("4.1", 10, 10);
        await ReadAsync();
        Assert.Equal(1, desk.Status().Stops);
    }

    [Fact]
    public async Task Where_records_have_no_id_calls_are_known_by_who_called_whom_and_when()
    {
        // cdr.conf without loguniqueid: the channel's name stands for it.
        var desk = Desk(100, hasGate: true);
        Connect(desk);
        Move(desk, 5_000);
        Call(desk, SierraLeone);
        Move(desk, 30_000);
        desk.Lost();
        Record("", 31, 31);
        await ReadAsync();
        Assert.Equal(GateVerdict.Allow, Ask(desk, "5.1"));
        Move(desk, 30_000);
        Record("", 30, 30);
        await ReadAsync();

        // It ended; the gate's is one call. 61 and what was said meanwhile.
        Move(desk, 20_000);
        Assert.Equal((0, 1L, 0), (desk.Status().Stops, desk.Status().Records[0].Calls, desk.Tracked));
        Record("", 45, 40);
        await ReadAsync();
        Assert.Equal(1, desk.Status().Stops);
    }

    [Fact]
    public async Task The_same_call_in_two_places_and_in_a_copied_file_is_one()
    {
        var second = Path.Combine(_directory, "copy.csv");
        var desk = Desk(100, hasManager: false, cdr: [Csv, second]);
        Move(desk, 100_000);
        Record("1.1", 60, 60);
        var text = await File.ReadAllTextAsync(Csv, _stop.Token);
        await File.WriteAllTextAsync(second, text, _stop.Token);
        await ReadAsync();
        await File.WriteAllTextAsync(Csv, "", _stop.Token);
        await ReadAsync();
        await File.WriteAllTextAsync(Csv, text, _stop.Token);
        await ReadAsync();

        Assert.Equal((0, 1L), (desk.Status().Stops, desk.Status().Records.Sum(static place => place.Calls)));
    }

    [Fact]
    public async Task What_ended_before_the_guard_began_is_the_past_and_stops_nobody()
    {
        var desk = Desk(100, hasManager: false);
        Record("1.1", 200, 199);
        Move(desk, 100);

        await ReadAsync();

        Assert.Equal((0, 0L), (desk.Status().Stops, desk.Status().Records[0].Calls));
    }

    [Fact]
    public async Task Records_that_come_after_the_guard_are_no_problem_any_more_once_they_are_read()
    {
        var missing = $"{Csv}: there is no such file";
        File.Delete(Csv);
        var desk = Desk(100, hasManager: false, hasGate: true, cdr: [Csv]);
        File.Delete(Csv);
        (desk.Learnt, desk.MemoryProblem) = (new Ringfence.Api.CallsLearnt(0, null), missing);
        await ReadAsync();
        Assert.Equal((missing, null), (desk.Status().Records[0].Problem, desk.Status().Note));
        Assert.Equal("[ami] names no user: of calls is known only what a gate asks about, not what they come to, and nothing can be hung up", desk.Report().Problem);

        Move(desk, 200_000);
        Record("1.1", 10, 10);
        await ReadAsync();

        Assert.Equal((null, null, null), (desk.Report().Problem, desk.MemoryProblem, desk.Status().Records[0].Problem));
        Assert.Equal("[ami] names no user: of calls only their records tell, when they are over, and nothing can be hung up", desk.Report().Note);
    }

    [Fact]
    public async Task A_file_that_is_gone_is_said_once_and_read_on_when_it_is_back()
    {
        File.Delete(Csv);
        var desk = Desk(100, hasManager: false, cdr: [Csv]);
        File.Delete(Csv);
        await ReadAsync();
        Assert.Equal(("none", $"{Csv}: there is no such file"), (desk.Status().Source, desk.Status().Records[0].Problem));
        Assert.Equal("[ami] names no user: calls are not known, and nothing can be hung up", desk.Report().Problem);

        Move(desk, 200_000);
        Record("1.1", 150, 150);
        await ReadAsync();

        Assert.Equal(("records", null, 1), (desk.Status().Source, desk.Status().Records[0].Problem, desk.Status().Stops));
    }

    [Fact]
    public async Task What_ends_while_the_past_is_read_is_told_and_followed_by_the_same_part()
    {
        Record("1.0", 86_400, 60);
        var (site, desk) = (Site(100, []), default(CallDesk));
        desk = new CallDesk(site, enforces: true, new StopFile(Path.Combine(_directory, "stops.json"), _time, NullLogger.Instance), _teller, _time, NullLogger.Instance) { HasManager = false };
        _running = new CallMemory(Settings([Csv]), site, TimeZoneInfo.Utc, desk, _time, NullLogger.Instance).RunAsync(_stop.Token);
        await UntilAsync(() => desk.Status() is { Learnt.Calls: 1, Records.Count: 1 });

        Move(desk, 150_000);
        Record("1.1", 120, 120);
        await UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return desk.Status().Stops == 1;
        });

        Assert.Equal(1, desk.Status().Records[0].Calls);
    }

    private async Task UntilAsync(Func<bool> holds)
    {
        while (!holds())
        {
            Assert.False(_running.IsCompleted, _running.Exception?.ToString());
            await Task.Delay(1, _stop.Token);
        }
    }

    private static CallSettings Settings(string[] cdr) => new() { Country = "DE", Cdr = [.. cdr.Select(static path => CdrPlace.Parse(path)!)] };

    private CallDesk Desk(int critical, bool hasManager = true, bool hasGate = false, CallLimit? more = null, string[]? cdr = null)
    {
        File.AppendAllText(Csv, "");
        var site = Site(critical, more is null ? [] : [more]);
        var desk = new CallDesk(site, enforces: true, new StopFile(Path.Combine(_directory, "stops.json"), _time, NullLogger.Instance), _teller, _time, NullLogger.Instance, hasGate) { HasManager = hasManager };
        var settings = Settings(cdr ?? [Csv]);
        _follower = new CallFollower(CallSources.Open(settings, TimeZoneInfo.Utc, _time), settings, TimeZoneInfo.Utc, new CallReading(site.Rules, site.Tariff), desk, _time, NullLogger.Instance);
        return desk;
    }

    // A unit a second to Sierra Leone.
    private static CallSite Site(int critical, CallLimit[] more)
    {
        var deck = new RateDeck();
        deck.Add(new Rate("232", "Sierra Leone", 60 * Unit));
        deck.Add(new Rate("49", "Germany", Unit / 100));
        var limit = new CallLimit { Name = "spend-day", Rule = "RF3001", Scope = LimitScope.Extension, Window = 86_400_000, Critical = critical * Unit, Action = BrakeAction.Country };
        return new CallSite(
            new CallPolicy([limit, .. more], WorkHours.Usual(TimeZoneInfo.Utc), "DE"), new DiallingRules(NumberPlans.BuiltIn.Of("DE")!, []), new Tariff(deck, "DE"),
            static endpoint => endpoint.StartsWith("trunk", StringComparison.Ordinal), "EUR");
    }

    private async Task ReadAsync()
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        await _follower!.ReadAsync(_stop.Token);
    }

    private GateVerdict Ask(CallDesk desk, string id)
    {
        var rules = new DiallingRules(NumberPlans.BuiltIn.Of("DE")!, []);
        var read = rules.Read(SierraLeone, NumberPlans.BuiltIn);
        var deck = new RateDeck();
        deck.Add(new Rate("232", "Sierra Leone", 60 * Unit));
        return desk.Ask(id, new CallAttempt(_time.Now.ToUnixTimeMilliseconds(), "201", "201", "", "", "", read, new Tariff(deck, "DE").For(read)), hasPin: false).Verdict;
    }

    private void Record(string id, int secondsAgo, int seconds)
    {
        var start = _time.Now.AddSeconds(-secondsAgo).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        File.AppendAllText(Csv, string.Create(CultureInfo.InvariantCulture, $"\"\",\"201\",\"{SierraLeone}\",\"from-internal\",\"\",\"PJSIP/201-0000001a\",\"PJSIP/trunk-a-0000001b\",\"Dial\",\"PJSIP/{SierraLeone}@trunk-a,300\",\"{start}\",\"{start}\",\"{start}\",{seconds},{seconds},\"ANSWERED\",\"DOCUMENTATION\",\"{id}\",\"\"\n"));
    }

    private (string Phone, string Id, string Channel, string Leg) Call(CallDesk desk, string number)
    {
        var at = ++_channels;
        var (phone, id, channel, leg) = ($"PJSIP/201-{at:x8}", $"1795219652.{at}1", $"PJSIP/trunk-a-{at:x8}", $"1795219652.{at}2");
        Tell(desk, Dial(phone, id, channel, leg, $"{number}@trunk-a") + Dial(phone, id, channel, leg, null));
        return (phone, id, channel, leg);
    }

    private static void Hangup(CallDesk desk, (string Phone, string Id, string Channel, string Leg) call) =>
        Tell(desk, Calls.LiveMessageTests.Hangup(call.Channel, call.Leg, call.Id) + Calls.LiveMessageTests.Hangup(call.Phone, call.Id));

    private static void Connect(CallDesk desk)
    {
        desk.Connected(static () => { });
        List(desk);
    }

    private static void List(CallDesk desk, params (string Phone, string Id, string Channel, string Leg)[] calls)
    {
        foreach (var order in desk.TakeOrders())
        {
            desk.Sent(order, "list");
        }

        Tell(desk, string.Concat(calls.Select(static call => Listed(call.Phone, call.Id, "Dial", $"PJSIP/{SierraLeone}@trunk-a,30", 190, "list") + Listed(call.Channel, call.Leg, "AppDial", "(Outgoing Line)", 190, "list", linked: call.Id)))
            + $"Event: StatusComplete\r\nActionID: list\r\nItems: {calls.Length * 2}\r\n\r\n");
    }

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
