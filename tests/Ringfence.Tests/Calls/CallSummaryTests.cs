using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Calls;
using Ringfence.Core.Numbers;
using Xunit;

namespace Ringfence.Tests.Calls;

public sealed class CallSummaryTests
{
    private static readonly DiallingRules Rules = new(NumberPlans.BuiltIn.Of("DE")!, ["0"]);

    [Fact]
    public void Only_what_was_sent_to_a_trunk_and_is_a_number_of_the_world_costs()
    {
        var summary = Summary();
        summary.Add(Call("201", "0023276123456", 600));
        summary.Add(Call("201", "", 600));
        summary.Add(Call("201", "112", 600));
        summary.Add(Call("201", "1001", 600));
        summary.Add(Call("202", "0023276123456", 0));

        Assert.Equal((5, 2, 600, 12 * Rate.Unit), (summary.Records, summary.Outside.Calls, summary.Outside.Seconds, summary.Outside.Cost));
        Assert.Equal([("high", 2)], summary.ByRisk.Select(static one => (one.Risk, one.Sum.Calls)));
        Assert.Equal(["201", "202"], summary.BySource.Select(static one => one.Source));
    }

    [Theory]
    [InlineData("Asia/Kathmandu", "2026-11-20T18:05:00Z", "2026-11-20T18:20:00Z")]
    [InlineData("Pacific/Chatham", "2026-11-20T10:05:00Z", "2026-11-20T10:20:00Z")]
    public void Days_and_hours_are_those_of_a_site_whose_clock_is_three_quarters_of_an_hour_off(string zone, string before, string after)
    {
        var times = new CallTimes(TimeZoneInfo.FindSystemTimeZoneById(zone), Core.Fraud.WorkHours.Usual(TimeZoneInfo.Utc));

        // One before midnight there, one behind it.
        foreach (var start in (string[])[before, after])
        {
            times.Add(DateTimeOffset.Parse(start, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeSeconds(), 60, 1);
        }

        Assert.Equal([1, 1], times.ByDay.Values.Select(static day => day.Calls));
        Assert.Equal((1, 1), (times.ByHour[23].Calls, times.ByHour[0].Calls));
    }

    [Fact]
    public void Short_numbers_of_the_carrier_are_summed_apart()
    {
        var summary = Summary();
        summary.Add(Call("201", "116117", 600));
        summary.Add(Call("201", "0023276123456", 600));

        Assert.Equal((1, 1, 600), (summary.Outside.Calls, summary.Short.Calls, summary.Short.Seconds));
        Assert.Equal(new Tariff(null, "DE").For(Rules.Read("116117", NumberPlans.BuiltIn)).Rate.Cost(600), summary.Short.Cost);
    }

    [Fact]
    public void What_stands_out_is_what_sorting_all_of_them_finds_and_each_sum_is_the_sum_of_its_parts() =>
        Prop.ForAll(Gen.Choose(0, 5000).ListOf().ToArbitrary(), seconds =>
        {
            string[] numbers = ["0023276123456", "00442079460000", "030123456", "00881612345678", "0900123456"];
            List<CallRecord> calls = [.. seconds.Select((length, at) => Call($"20{at % 7}", numbers[at % numbers.Length], length))];
            var summary = Summary();
            calls.ForEach(summary.Add);
            var tariff = new Tariff(null, "DE");
            long Cost(CallRecord call) => tariff.For(Rules.Read(call.Sent, NumberPlans.BuiltIn).Number).Rate.Cost(call.Billed);
            return summary.Dearest.Select(static one => one.Cost).SequenceEqual(calls.Select(Cost).Where(static cost => cost > 0).OrderDescending().Take(5))
                && summary.Longest.Select(static one => one.Call.Billed).SequenceEqual(calls.Select(static call => call.Billed).Where(static length => length > 0).OrderDescending().Take(5))
                && summary.Outside.Cost == calls.Sum(Cost)
                && summary.ByRegion.Sum(static one => one.Sum.Cost) == summary.Outside.Cost && summary.ByRisk.Sum(static one => one.Sum.Seconds) == summary.Outside.Seconds && summary.BySource.Sum(static one => one.Sum.Calls) == summary.Outside.Calls;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_a_call_costs_after_a_transfer_is_his_who_made_it_and_a_call_in_of_that_number_is_not()
    {
        // As Asterisk 22 wrote them: 1001 calls, asks 1002 and leaves; and a call that he puts into a conference at once, where two are with it.
        CallRecord first = new(1_795_489_025, 2, 2, true, "1001", "1001", "90023279000703", "0023279000703", "phones", "trunk-ip", "", "1795489025.16");
        CallRecord rest = new(1_795_489_027, 5, 5, true, "trunk-ip", "90023279000703", "", "", "trunks", "1002", "", "1795489025.17");
        var other = first with { Start = 1_795_489_106, Seconds = 0, Billed = 0, Dialled = "90023279000701", Sent = "0023279000701", Id = "1795489006.0" };
        CallRecord conference = new(1_795_489_106, 4, 4, true, "trunk-ip", "90023279000701", "640", "", "phones", "trunk-ip", "", "1795489006.1");
        var callIn = rest with { Start = 1_795_489_040, Seconds = 60, Billed = 60, Id = "1795489040.30" };
        List<RatedCall> rated = [];
        var summary = new CallSummary(Rules, new Tariff(null, "DE"), 5) { Rated = rated.Add };

        foreach (var record in (CallRecord[])[first, rest, rest, callIn, other, conference, conference with { Trunk = "1001" }])
        {
            summary.Add(record);
        }

        Assert.Equal((2, 11, 11 * Rate.Unit / 50), (summary.Outside.Calls, summary.Outside.Seconds, summary.Outside.Cost));
        Assert.Equal([("1001", 2, 11)], summary.BySource.Select(static one => (one.Source, one.Sum.Calls, one.Sum.Seconds)));
        Assert.Equal([2, 5, 0, 4], rated.Select(static one => one.Call.Billed));
        Assert.All(rated, static one => Assert.Equal(("1001", "trunk-ip"), (one.Call.Source, one.Call.Trunk)));
    }

    [Fact]
    public void What_goes_to_a_trunk_between_own_sites_costs_nothing()
    {
        var summary = new CallSummary(Rules with { InsideTrunks = ["trunk"] }, new Tariff(null, "DE"), 5);
        summary.Add(Call("201", "0023276123456", 600));
        summary.Add(Call("201", "0023276123456", 600) with { Trunk = "trunk-a" });

        Assert.Equal((2, 1), (summary.Records, summary.Outside.Calls));
    }

    [Theory]
    [InlineData("00023276123456", "081500023276123456", 1)]
    [InlineData("s", "08150023276123456", 1)]
    [InlineData("201", "081500023276123456", 1)]
    [InlineData("s", "0815030123456", 0)]
    public void What_goes_out_behind_a_trunks_prefix_costs_what_the_number_behind_it_does(string dialled, string sent, int dear)
    {
        var summary = Summary();
        summary.Add(Call("201", sent, 600) with { Dialled = dialled });

        Assert.Equal(dear, summary.ByRisk.Count(static one => one.Risk == "high"));
    }

    [Fact]
    public void What_a_phone_registered_as_its_address_costs_nothing()
    {
        var summary = Summary();
        summary.Add(Call("202", "0023276123456", 600) with { Dialled = "201", Trunk = "201", IsAddress = true });

        Assert.Equal(0, summary.Outside.Calls);
    }

    private static CallSummary Summary() => new(Rules, new Tariff(null, "DE"), 5);

    private static CallRecord Call(string source, string sent, int billed) => new(1_795_219_652, billed, billed, billed > 0, source, source, sent, sent, "outbound", "trunk", "", "");
}
