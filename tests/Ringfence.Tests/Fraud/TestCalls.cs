using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;

namespace Ringfence.Tests.Fraud;

/// <summary>Calls from a site in Germany, for tests of the engine.</summary>
internal static class TestCalls
{
    public const long Second = 1000;
    public const long Minute = 60 * Second;
    public const long Hour = 60 * Minute;
    public const long Day = 24 * Hour;

    public const string SierraLeone = "0023279000001";
    public const string France = "0033123456789";
    public const string Berlin = "030123456";

    private static readonly Tariff Prices = new(null, "DE");

    /// <summary>Tuesday, 3 March 2026, 11:00 UTC.</summary>
    public static readonly long Noon = new DateTimeOffset(2026, 3, 3, 11, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();

    public static DiallingRules Rules { get; } = new(NumberPlans.BuiltIn.Of("DE")!, ["0"]) { MoreEmergency = ["116117"] };

    public static CallAttempt To(string dialled, long at, string extension = "201", string trunk = "", CallOrigin origin = CallOrigin.Phone)
    {
        var read = Rules.Read(dialled, NumberPlans.BuiltIn);
        return new CallAttempt(at, extension, "", trunk, "", "", read, read.Kind == DialledKind.Outside ? Prices.For(read.Number) : new Price(new Rate("", "", 0), new RiskClass("", 0, 0, 0), IsOfDeck: false), origin);
    }

    public static CallPolicy Policy(params CallLimit[] limits) => new(limits, WorkHours.Usual(TimeZoneInfo.Utc), "DE");

    public static CallPolicy Default { get; } = CallPolicy.Default(WorkHours.Usual(TimeZoneInfo.Utc), "DE");

    /// <summary>Three talks a week apart and more, two weeks before <see cref="Noon"/> at the latest.</summary>
    public static void Teach(CallEngine engine, string dialled, string extension = "201")
    {
        engine.IsLearning = true;
        for (var day = 40; day >= 14; day--)
        {
            Talk(engine, $"{extension} {dialled} {day}", dialled, Noon - (day * Day), 5 * Minute, extension);
        }

        engine.IsLearning = false;
    }

    public static void Talk(CallEngine engine, string id, string dialled, long at, long length, string extension = "201")
    {
        engine.Begin(id, To(dialled, at, extension));
        engine.Answer(id, at + (5 * Second));
        engine.End(id, at + (5 * Second) + length);
    }
}
