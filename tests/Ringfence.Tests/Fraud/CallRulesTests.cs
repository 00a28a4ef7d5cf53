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

    private static List<CallAlarm> Alarms(string id, string script)
    {
        var rules = new DiallingRules(NumberPlans.BuiltIn.Of("DE")!, []);

        // Alone: other rules would have stopped most of it before.
        var policy = new CallPolicy([.. CallRules.All.Single(rule => rule.Id == id).Limits], WorkHours.Usual(TimeZoneInfo.Utc), "DE") { Listed = NumberList.Read(("test", "+23279000001\n")).List };
        var alarms = new List<CallAlarm>();
        var replay = new CallReplay(new CallEngine(policy), hasGate: false, static _ => { }, alarms.Add);
        foreach (var (call, seen) in CallScript.Read(script, rules, new Tariff(null, "DE")))
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
