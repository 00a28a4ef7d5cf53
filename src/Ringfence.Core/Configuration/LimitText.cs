using System.Globalization;
using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;

namespace Ringfence.Core.Configuration;

/// <summary>A limit as ringfence.conf has it, and as people read it.</summary>
internal static class LimitText
{
    /// <summary>The whole section, of which the reader makes the same limit.</summary>
    public static IReadOnlyList<string> Section(CallLimit limit)
    {
        var unit = CallRules.Of(limit).Unit;
        List<string> lines =
        [
            $"[limit {limit.Name}]", $"rule = {CallRules.Of(limit).Name}", $"for = {LimitKeys.NameOf(limit.Scope)}",
            $"warning = {Value(limit.Warning, unit)}", $"critical = {Value(limit.Critical, unit)}", $"action = {LimitKeys.NameOf(limit.Action)}", $"stop_for = {Time(limit.For)}",
            string.Create(CultureInfo.InvariantCulture, $"earn = {limit.Earns / 100m:0.##}"), $"spare_known = {(limit.SparesKnown ? "yes" : "no")}", $"hours = {Hours(limit.Hours)}",
        ];
        if (limit.Window > 0 && !CallRules.Of(limit).HasOwnWindow)
        {
            lines.Insert(3, $"window = {Time(limit.Window)}");
        }

        lines.AddRange(CallFilterKeys.Of(limit.Calls).Select(static one => $"{one.Key} = {one.Value}"));
        return lines;
    }

    /// <summary>"60 EUR", "5 calls", "2h", "3 times the usual"; "-" for none.</summary>
    public static string Level(long? level, LimitUnit unit, string currency) => level is null ? "-" : unit switch
    {
        LimitUnit.Money => currency.Length == 0 ? Value(level, unit) : $"{Value(level, unit)} {currency}",
        LimitUnit.Calls => level == 1 ? "1 call" : $"{Value(level, unit)} calls",
        LimitUnit.Ratio => $"{Value(level, unit)} times the usual",
        _ => Value(level, unit),
    };

    /// <summary>As warning and critical take it; "none" for none.</summary>
    public static string Value(long? level, LimitUnit unit) => level is not { } value ? LimitSettings.None : unit switch
    {
        LimitUnit.Money => string.Create(CultureInfo.InvariantCulture, $"{Rate.Amount(value):0.######}"),
        LimitUnit.Ratio => string.Create(CultureInfo.InvariantCulture, $"{value / 100m:0.##}"),
        LimitUnit.Time => Time(value),
        _ => value.ToString(CultureInfo.InvariantCulture),
    };

    /// <param name="milliseconds">A length of time.</param>
    public static string Time(long milliseconds) => Duration.Format(TimeSpan.FromMilliseconds(milliseconds));

    /// <summary>As the key hours has it.</summary>
    public static string Hours(LimitHours hours) => hours switch { LimitHours.Work => "work", LimitHours.Off => "off", _ => "always" };
}
