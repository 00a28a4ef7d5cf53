using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Calls;
using Ringfence.Core.Calls;
using Ringfence.Core.Configuration;
using Ringfence.Core.Fraud;
using Ringfence.Core.Notices;
using Ringfence.Core.Numbers;
using Ringfence.Sources;
using Xunit;
using static Ringfence.Tests.Calls.LiveMessageTests;

namespace Ringfence.Tests.Calls;

/// <summary>A desk of calls, its clock and its files: of a site in Germany, from which Sierra Leone and the Gambia cost a unit a second.</summary>
public abstract class CallDeskFixture : IAsyncDisposable
{
    private protected const long Unit = Rate.Unit;
    private protected const string SierraLeone = "0023279000001";

    private static readonly DiallingRules Rules = new(NumberPlans.BuiltIn.Of("DE")!, []);

    private int _channels;
    private int _sent;

    private protected string Root { get; } = Directory.CreateTempSubdirectory("rf-desk-").FullName;

    private protected string Csv => Path.Combine(Root, "Master.csv");

    private protected ManualTime Time { get; } = new();

    private protected List<Notice> Told { get; } = [];

    /// <summary>Of the last desk that was made.</summary>
    private protected StopFile? Stops { get; private set; }

    private protected static Price Dear => Prices().For(Rules.Read(SierraLeone, NumberPlans.BuiltIn));

    /// <summary>Of what was sent last: <see cref="Send"/>.</summary>
    private protected string LastId => $"list-{_sent}";

    public virtual ValueTask DisposeAsync()
    {
        Directory.Delete(Root, recursive: true);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private protected static CallPolicy Policy(params CallLimit[] limits) => new(limits, WorkHours.Usual(TimeZoneInfo.Utc), "DE");

    private protected static CallLimit SpendDay(int critical) =>
        new() { Name = "spend-day", Rule = "RF3001", Scope = LimitScope.Extension, Window = 86_400_000, Critical = critical * Unit, Action = BrakeAction.Country, Calls = CallFilter.Risky };

    private protected static CallSite Site(CallPolicy policy) => new(policy, Rules, Prices(), static endpoint => endpoint.StartsWith("trunk", StringComparison.Ordinal), "EUR");

    private protected static CallSettings Settings(params string[] cdr) => new() { Country = "DE", Cdr = [.. cdr.Select(static path => CdrPlace.Parse(path)!)] };

    /// <summary>As a guard has it that starts after the last one ended, and wrote what it knows.</summary>
    private protected CallDesk Desk(CallSite site, bool enforces = true, bool hasManager = true, bool hasGate = false, ILogger? log = null)
    {
        Stops?.Write();
        Stops = new StopFile(Path.Combine(Root, "stops.json"), Time, log ?? NullLogger.Instance);
        return new CallDesk(site, enforces, Stops, (notice, _) => Told.Add(notice), Time, NullLogger.Instance, hasGate) { Sight = { HasManager = hasManager } };
    }

    /// <summary>As a gate asks about it: by classes of risk, not by the deck.</summary>
    private protected CallAttempt Attempt(string extension, string number)
    {
        var dialled = Rules.Read(number, NumberPlans.BuiltIn);
        return new CallAttempt(Time.Now.ToUnixTimeMilliseconds(), extension, extension, "trunk-a", "", "", dialled, new Tariff(null, "DE").For(dialled.Number));
    }

    /// <summary>Answered at once.</summary>
    private protected (string Phone, string Id, string Channel, string Leg) Call(CallDesk desk, string extension, string number)
    {
        var at = ++_channels;
        var (phone, id, channel, leg) = ($"PJSIP/{extension}-{at:x8}", $"1795219652.{at}1", $"PJSIP/trunk-a-{at:x8}", $"1795219652.{at}2");
        Tell(desk, Dial(phone, id, channel, leg, $"{number}@trunk-a") + Dial(phone, id, channel, leg, null));
        return (phone, id, channel, leg);
    }

    private protected static void End(CallDesk desk, (string Phone, string Id, string Channel, string Leg) call) =>
        Tell(desk, Hangup(call.Channel, call.Leg, call.Id) + Hangup(call.Phone, call.Id));

    /// <summary>201's to Sierra Leone, in cdr_csv's file.</summary>
    private protected void Record(string id, double secondsAgo, int seconds)
    {
        var start = Time.Now.AddSeconds(-secondsAgo).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        File.AppendAllText(Csv, string.Create(CultureInfo.InvariantCulture, $"\"\",\"201\",\"{SierraLeone}\",\"from-internal\",\"\",\"PJSIP/201-0000001a\",\"PJSIP/trunk-a-0000001b\",\"Dial\",\"PJSIP/{SierraLeone}@trunk-a,300\",\"{start}\",\"{start}\",\"{start}\",{seconds},{seconds},\"ANSWERED\",\"DOCUMENTATION\",\"{id}\",\"\"\n"));
    }

    /// <summary>By the manager interface.</summary>
    private protected static void Tell(CallDesk desk, string messages)
    {
        var bytes = Encoding.Latin1.GetBytes(messages);
        Assert.Equal(bytes.Length, desk.Read(bytes));
    }

    private protected void Move(CallDesk desk, int milliseconds)
    {
        for (var moved = 0; moved < milliseconds; moved += 100)
        {
            Time.Advance(TimeSpan.FromMilliseconds(100));
            desk.Tick();
        }
    }

    /// <summary>Takes what is to be sent.</summary>
    private protected List<(AmiOrder Order, string Id)> Send(CallDesk desk)
    {
        List<(AmiOrder Order, string Id)> sent = [];
        foreach (var order in desk.TakeOrders())
        {
            _sent++;
            sent.Add((order, LastId));
            desk.Sent(order, LastId);
        }

        return sent;
    }

    private protected List<string> Hangups(CallDesk desk) => [.. Send(desk).Where(static sent => sent.Order.Action == "Hangup").Select(static sent => sent.Order.Headers[0].Value)];

    private static Tariff Prices()
    {
        var deck = new RateDeck();
        deck.Add(new Rate("232", "Sierra Leone", 60 * Unit));
        deck.Add(new Rate("220", "Gambia", 60 * Unit));
        deck.Add(new Rate("49", "Germany", Unit / 100));
        return new Tariff(deck, "DE");
    }
}
