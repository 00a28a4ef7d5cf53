using Ringfence.Core.Fraud;

namespace Ringfence.Api;

/// <summary>The engine's stops as what is shown and kept of them, and back.</summary>
internal static class StopFrom
{
    public static string Word(CallOrigin origin) => OriginText.Of(origin).Replace('-', '_');

    public static StopReport Report(CallStop stop, string state) =>
        new(stop.Number, Time(stop.From), Time(stop.Until), state, stop.Rule, stop.Limit, stop.Extension, stop.Region, stop.Trunk, stop.RiskyOnly, stop.Why, 0, 0, [])
        {
            Did = stop.Did,
            Origin = stop.Origin is { } origin ? Word(origin) : null,
            NewOnly = stop.NewOnly,
            Times = stop.Times,
        };

    public static CallStop Stop(StopReport report) => new(
        report.Number, report.From.ToUnixTimeMilliseconds(), report.Until.ToUnixTimeMilliseconds(), report.Limit, report.Rule, report.Extension, report.Region, report.Trunk, report.RiskyOnly, report.Why)
    {
        Did = report.Did,
        Origin = OriginText.Parse(report.Origin?.Replace('_', '-') ?? ""),
        NewOnly = report.NewOnly,
        Times = report.Times,
    };

    private static DateTimeOffset Time(long at) => DateTimeOffset.FromUnixTimeMilliseconds(at);
}
