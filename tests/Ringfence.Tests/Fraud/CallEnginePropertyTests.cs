using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;
using Xunit;
using static Ringfence.Tests.Fraud.TestCalls;

namespace Ringfence.Tests.Fraud;

public sealed class CallEnginePropertyTests
{
    private static readonly string[] Dialled = [SierraLeone, "005378301234", France, Berlin, "112", "0112", "09001234567", "00232111", "00881612345678", "205", "x&y", "118330", "+97912345678"];

    [Fact]
    public void Money_over_a_window_is_the_plain_sum_to_one_bucket()
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Steps(), static steps =>
        {
            const long window = 10 * Minute;
            var meter = new SpendMeter(window);
            var calls = new List<(long From, long? To, LiveCall Call)>();
            var at = Noon;
            foreach (var (kind, number, passed) in steps)
            {
                at += passed;
                var going = calls.FindLastIndex(static one => one.To is null);
                if (kind % 2 == 0)
                {
                    var call = new LiveCall("", To(SierraLeone, at), at);
                    meter.Begin(call, at);
                    call.AnsweredAt = at;
                    meter.Answer(call, at);
                    calls.Add((at, null, call));
                }
                else if (going >= 0)
                {
                    meter.End(calls[going].Call, at);
                    calls[going] = calls[going] with { To = at };
                }

                // Within the window less a bucket and within the whole: 1.20 a minute, and a second that is paid whole for each that ended.
                var whole = calls.Sum(call => Within(call.From, call.To ?? at, at - window, at));
                var less = calls.Sum(call => Within(call.From, call.To ?? at, at - window + (window / SlidingSum.Buckets), at));
                var slack = (calls.Count + steps.Count + 1) * 20_000L;
                Assert.InRange(meter.Figure(at), less - slack, whole + slack);
            }
        }));

        static long Within(long from, long to, long start, long end) => Math.Max(0, Math.Min(to, end) - Math.Max(from, start)) * 1_200_000 / Minute;
    }

    [Fact]
    public void Whatever_comes_in_whatever_order_emergencies_leave_nothing_throws_and_the_end_of_all_calls_leaves_none()
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Steps(), static steps =>
        {
            var engine = new CallEngine(Default);
            var at = Noon;
            foreach (var (kind, number, passed) in steps)
            {
                // Clocks go back by minutes, and by days.
                at = Math.Max(0, at + (kind == 7 ? -passed : kind == 8 ? -passed * 1000 : passed));
                var attempt = To(Dialled[number % Dialled.Length], at, $"20{number % 3}", number % 2 == 0 ? "trunk-a" : "", (CallOrigin)(number % 3));
                var id = $"{number % 11}";
                switch (kind)
                {
                    case 0 or 1:
                        var answer = engine.Ask(id, attempt);
                        Assert.True(attempt.Dialled.Kind is not (DialledKind.Emergency or DialledKind.Internal) || answer == GateAnswer.Fine);
                        Assert.True(answer.Seconds is null or >= 30);
                        break;
                    case 2 or 3:
                        engine.Begin(id, attempt);
                        break;
                    case 4:
                        engine.Answer(id, at);
                        break;
                    case 5:
                        engine.End(id, at);
                        break;
                    case 6:
                        engine.See(new SiteEvent((SiteEventKind)(number % 3), at, $"20{number % 3}", SierraLeone, number % 9));
                        break;
                    case 9 when engine.Stops.Count > 0:
                        engine.Lift(engine.Stops[0].Number);
                        break;
                    default:
                        engine.Advance(at);
                        break;
                }

                Assert.DoesNotContain(engine.TakeCuts(), static call => call.Attempt.Dialled.Kind is DialledKind.Emergency or DialledKind.Internal);
                Assert.All(engine.TakeAlarms(), static alarm => Assert.True(alarm.Figure >= alarm.Threshold || (alarm.Last is { HasBegun: false } && CallRules.Of(alarm.Limit).Unit == LimitUnit.Money)));
                Assert.Equal(engine.Stops.Count, engine.Stops.Select(static stop => stop.Number).Distinct().Count());
            }

            foreach (var call in engine.Live.ToArray())
            {
                engine.End(call.Id, at);
            }

            Assert.Empty(engine.Live);
        }));
    }

    [Fact]
    public void A_filter_and_its_mask_agree()
    {
        CallFilter[] filters =
        [
            CallFilter.All, CallFilter.Risky, CallFilter.All with { AbroadOnly = true }, CallFilter.All with { InvalidOnly = true }, CallFilter.All with { Extensions = ["201", "3*"] },
            CallFilter.All with { Trunks = ["trunk-a"] }, CallFilter.All with { Classes = ["premium", "high"] }, CallFilter.All with { Regions = ["SL"] }, CallFilter.All with { NotRegions = ["SL", "DE"] },
            CallFilter.All with { Origins = [CallOrigin.Forwarded] }, CallFilter.All with { NotExtensions = ["201", "3*"] },
        ];
        var masks = new LimitMasks(Policy([.. filters.Select(static filter => new CallLimit { Name = "x", Rule = "RF3001", Scope = LimitScope.Site, Calls = filter })]));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Steps(), steps =>
        {
            foreach (var (kind, number, _) in steps)
            {
                var attempt = To(Dialled[number % Dialled.Length], Noon, $"{(kind % 3) + 1}01", kind % 2 == 0 ? "trunk-a" : "", (CallOrigin)(number % 3));
                if (attempt.Dialled.Kind is DialledKind.Emergency or DialledKind.Internal)
                {
                    continue;
                }

                var mask = masks.Of(attempt, masks.OfExtension(attempt.Extension), Noon, Standing.Known);
                Assert.All(filters.Index(), one => Assert.Equal(one.Item.Holds(attempt, "DE"), (mask & (1UL << one.Index)) != 0));
            }
        }));
    }

    private static Arbitrary<List<(int Kind, int Number, int Passed)>> Steps() =>
        (from kind in Gen.Choose(0, 9)
         from number in Gen.Choose(0, 1000)
         from passed in Gen.Frequency((8, Gen.Choose(0, 20_000)), (2, Gen.Choose(0, 900_000)))
         select (kind, number, passed)).ListOf().ToArbitrary();
}
