using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;
using Xunit;

namespace Ringfence.Tests.Fraud;

public sealed class CallRulesTests
{
    public static TheoryData<string> Ids => [.. CallRules.All.Select(static rule => rule.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_rule_speaks_at_its_bad_example(string id)
    {
        Assert.Contains(Alarms(id, CallRules.All.Single(rule => rule.Id == id).Bad), static alarm => alarm.Level == AlarmLevel.Critical);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_rule_is_silent_at_its_good_example(string id)
    {
        Assert.Empty(Alarms(id, CallRules.All.Single(rule => rule.Id == id).Good));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void In_a_weak_currency_the_same_calls_reach_the_same_limits(string id)
    {
        const long rupees = 90 * Rate.Unit;
        var rule = CallRules.All.Single(rule => rule.Id == id);

        Assert.Equal(
            Alarms(id, rule.Bad + "\n" + rule.Good).Select(static alarm => (alarm.Limit.Name, alarm.Level, alarm.At / 1000)),
            Alarms(id, rule.Bad + "\n" + rule.Good, rupees).Select(static alarm => (alarm.Limit.Name, alarm.Level, alarm.At / 1000)));
    }

    private static List<CallAlarm> Alarms(string id, string script, long euro = Rate.Unit)
    {
        var rules = new DiallingRules(NumberPlans.BuiltIn.Of("DE")!, []);

        // Alone: other rules would have stopped most of it before.
        var policy = new CallPolicy([.. CallRules.All.Single(rule => rule.Id == id) is var one ? one.Limits.Select(limit => limit.In(euro, one.Unit)) : []], WorkHours.Usual(TimeZoneInfo.Utc), "DE") { Listed = NumberList.Read(("test", "+23279000001\n")).List };
        var alarms = new List<CallAlarm>();
        var replay = new CallReplay(new CallEngine(policy), hasGate: false, static _ => { }, alarms.Add);
        foreach (var (call, seen) in CallScript.Read(script, rules, new Tariff(null, "DE", euro)))
        {
            if (call is { } past)
            {
                replay.Add(past);
            }
            else if (seen is { } other)
            {
                replay.See(other);
            }
        }

        replay.Finish();
        return [.. alarms.Where(alarm => alarm.Limit.Rule == id)];
    }
}
