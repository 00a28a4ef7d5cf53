using Ringfence.Core.Calls;
using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;
using Xunit;

namespace Ringfence.Tests.Calls;

public sealed class CallReadingTests
{
    private const long Start = 1_795_219_652;

    private readonly CallReading _reading = new(new DiallingRules(NumberPlans.BuiltIn.Of("DE")!, ["0"]), new Tariff(null, "DE"));

    [Fact]
    public void A_call_to_outside_is_one_of_its_extension_with_its_price()
    {
        var seen = Outside();
        Assert.Equal((Start * 1000, (Start + 70) * 1000, "201", "trunk", "+23276123456", CallOrigin.Phone, 10_000L, 60_000L),
            (seen.At, seen.Written, seen.Call.Attempt.Extension, seen.Call.Attempt.Trunk, seen.Call.Attempt.Number.ToString(), seen.Call.Attempt.Origin, seen.Call.Ring, seen.Call.Talk));
        Assert.True(seen.Call.Cost > 0);
    }

    [Fact]
    public void Calls_inside_are_nothing_to_the_engine_and_their_callers_are_users()
    {
        Assert.Null(_reading.Read(Record("203", "203", "204", "", "from-internal", "204")));
        Assert.Null(_reading.Read(Record("204", "204", "203", "203", "from-internal", "203")));
        Assert.Equal(2, _reading.Users);
    }

    [Fact]
    public void A_call_in_that_nobody_took_says_how_long_it_rang()
    {
        Outside();
        var seen = _reading.Read(Record("trunk", "0023276999999", "4930123456", "", "from-trunk", "201") with { IsAnswered = false, Seconds = 2, Billed = 0 });
        Assert.Equal(new SiteEvent(SiteEventKind.CallIn, (Start + 2) * 1000, "", "0023276999999", 2), seen!.Value.Seen);
        Assert.Equal(1, _reading.Users);
    }

    [Fact]
    public void A_call_that_came_from_a_trunk_and_went_out_again_was_forwarded_or_dialled_on()
    {
        Outside();
        var forwarded = _reading.Read(Record("trunk", "0301234567", "4930123456", "0023276123456", "from-trunk", "trunk-b") with { AccountCode = "205" })!.Value.Call.Attempt;
        var dialledOn = _reading.Read(Record("trunk", "0301234567", "0023276123456", "0023276123456", "app-disa", "trunk-b"))!.Value.Call.Attempt;
        Assert.Equal((CallOrigin.Forwarded, "205", "4930123456"), (forwarded.Origin, forwarded.Extension, forwarded.Did));
        Assert.Equal(CallOrigin.DialledOn, dialledOn.Origin);
    }

    [Fact]
    public void A_number_behind_a_trunks_own_prefix_is_the_one_that_was_dialled() =>
        Assert.Equal("+23276123456", _reading.Read(Record("201", "201", "00023276123456", "081500023276123456", "phones", "trunk"))!.Value.Call.Attempt.Number.ToString());

    [Fact]
    public void A_call_that_comes_in_and_leaves_over_one_trunk_is_a_call_to_outside_though_nobody_said_what_is_a_trunk()
    {
        var seen = _reading.Read(Record("trunk", "0301234567", "0023276123456", "0023276123456", "app-disa", "trunk"))!.Value.Call.Attempt;
        Assert.Equal((CallOrigin.DialledOn, "trunk", "+23276123456"), (seen.Origin, seen.Trunk, seen.Number.ToString()));
        Assert.Null(_reading.Read(Record("203", "203", "203", "203", "from-internal", "203")));
        Assert.Contains("trunk", _reading.Trunks);
    }

    [Theory]
    [InlineData("0301234567")]
    [InlineData("202")]
    public void A_forwarded_call_that_goes_through_the_dialplan_counts_once_and_for_whoever_forwarded_whatever_number_the_caller_shows(string caller)
    {
        Outside();
        var first = _reading.Read(Record("trunk", caller, "205", "", "from-trunk", "FMPR-205@from-internal"));
        var second = _reading.Read(Record("FMPR-205@from-internal", caller, "0023276123456", "0023276123456", "from-internal", "trunk") with { IsLocal = true });
        Assert.Null(first!.Value.Call.Attempt.Extension);
        Assert.Equal((CallOrigin.Forwarded, "205"), (second!.Value.Call.Attempt.Origin, second.Value.Call.Attempt.Extension));
    }

    [Theory]
    [InlineData("Local/0023276123456@from-internal/n,30", "", "")]
    [InlineData("PJSIP/201&PJSIP/0023276123456@trunk,30", "trunk", "0023276123456")]
    [InlineData("PJSIP/201&PJSIP/0023276123456@trunk,30", "201", "")]
    public void Of_several_channels_the_one_that_took_the_call_says_what_was_sent(string data, string target, string number) =>
        Assert.Equal(number, ChannelName.SentNumber(data, target).ToString());

    [Fact]
    public void A_call_whose_dialplan_went_on_behind_Dial_is_known_by_its_trunk()
    {
        Outside();
        var seen = _reading.Read(Record("202", "202", "00023276123456", "", "from-internal", "trunk"));
        Assert.Equal("+23276123456", seen!.Value.Call.Attempt.Number.ToString());
    }

    [Fact]
    public void What_goes_to_a_trunk_between_own_sites_stays_inside_and_what_that_site_sends_on_does_not()
    {
        var reading = new CallReading(new DiallingRules(NumberPlans.BuiltIn.Of("DE")!, ["0"]) { InsideTrunks = ["Branch"] }, new Tariff(null, "DE"));

        Assert.Null(reading.Read(Record("201", "201", "201", "201", "from-internal", "branch")));
        Assert.Null(reading.Read(Record("201", "201", "00023276123456", "0023276123456", "from-internal", "branch")));
        Assert.NotNull(reading.Read(Record("201", "201", "00023276123456", "0023276123456", "from-internal", "branch2")));
        var further = reading.Read(Record("branch", "301", "00023276123456", "0023276123456", "from-branch", "trunk"))!.Value.Call.Attempt;
        Assert.Equal((CallOrigin.Phone, "branch/301", ""), (further.Origin, further.Extension, further.Did));
        Assert.Equal(SiteEventKind.CallIn, reading.Read(Record("branch", "0301234567", "205", "", "from-branch", "205"))!.Value.Seen!.Kind);
    }

    [Theory]
    [InlineData("201", null, "201")]
    [InlineData("201", null, "4930123456")]
    [InlineData("alice", null, "201")]
    [InlineData("alice", false, "4930123456")]
    public void What_a_phone_registered_as_its_address_is_no_number_and_makes_it_no_trunk(string phone, bool? isTrunk, string dialled)
    {
        var reading = new CallReading(new DiallingRules(NumberPlans.BuiltIn.Of("DE")!, ["0"]), new Tariff(null, "DE"), endpoint => endpoint == phone ? isTrunk : null);
        Assert.Null(reading.Read(Record("203", "203", dialled, "0023276123456", "phones", phone) with { IsAddress = true }));
        Assert.DoesNotContain(phone, reading.Trunks);

        var own = reading.Read(Record(phone, "201", "00023276123456", "0023276123456", "phones", "trunk"))!.Value.Call.Attempt;
        Assert.Equal((phone, CallOrigin.Phone), (own.Extension, own.Origin));
    }

    [Fact]
    public void A_trunk_that_is_dialled_at_its_address_is_a_trunk()
    {
        var seen = _reading.Read(Record("203", "203", "00023276123456", "0023276123456", "phones", "carrier") with { IsAddress = true });
        Assert.Equal("+23276123456", seen!.Value.Call.Attempt.Number.ToString());
        Assert.Contains("carrier", _reading.Trunks);
    }

    [Fact]
    public void Who_is_a_trunk_the_configuration_says_before_any_record_does()
    {
        var reading = new CallReading(new DiallingRules(NumberPlans.BuiltIn.Of("DE")!, ["0"]), new Tariff(null, "DE"), static endpoint => endpoint == "trunk" ? true : null);
        foreach (var line in (string[])["trunk", "i1"])
        {
            var seen = reading.Read(Record(line, "0301234567", "0023276123456", "0023276123456", "app-disa", "trunk-b"))!.Value.Call.Attempt;
            Assert.Equal((line, CallOrigin.DialledOn), (seen.Extension, seen.Origin));
        }
    }

    [Fact]
    public void What_a_stranger_says_his_number_is_makes_nobody_pay()
    {
        Outside();
        var seen = _reading.Read(Record("trunk", "202", "4930123456", "0023276123456", "from-trunk", "trunk-b"))!.Value.Call.Attempt;
        Assert.Equal(("trunk", CallOrigin.Forwarded), (seen.Extension, seen.Origin));
    }

    private PastEvent Outside() => _reading.Read(Record("201", "201", "00023276123456", "0023276123456", "from-internal", "trunk"))!.Value;

    private static CallRecord Record(string source, string caller, string dialled, string sent, string context, string trunk) => new(Start, 70, 60, true, source, caller, dialled, sent, context, trunk, "", $"{Start}.{dialled}");
}
