using System.Globalization;
using System.Text;
using Ringfence.Core.Numbers;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Calls;

/// <summary>What a day's calls came to, as a mail has it.</summary>
internal static class CallDayText
{
    private const int MostRows = 10;

    /// <summary>"calls of 2026-11-22: 124 to outside for 45.60 EUR, 3 outside of work hours".</summary>
    public static string Headline(CallSummary summary, string day, string currency) => string.Create(
        CultureInfo.InvariantCulture,
        $"calls of {day}: {summary.Outside.Calls} to outside for {Money(summary.Outside.Cost, currency)}{Count(summary.Abroad, "abroad")}{Count(summary.Premium, "premium")}{Count(summary.Times?.Off, "outside of work hours")}");

    /// <summary>Lines of text; whatever a caller wrote was made safe to show.</summary>
    /// <param name="problems">What could not be read.</param>
    public static string Body(CallSummary summary, string currency, TimeZoneInfo zone, IReadOnlyList<string> problems)
    {
        var text = new StringBuilder();
        Sum("To outside", summary.Outside);
        Sum("International", summary.Abroad);
        Sum("Premium numbers", summary.Premium);
        if (summary.Times is { } times)
        {
            Sum("Outside of work hours", times.Off);
        }

        Sum("Numbers that nobody can have", summary.Invalid);
        Sums("Countries", summary.ByRegion);
        Sums("Extensions", summary.BySource);
        Calls("The dearest", summary.Dearest);
        Calls("The longest", summary.Longest);
        foreach (var problem in problems)
        {
            text.Append("\nNot read: ").Append(Shown.Text(problem)).Append('\n');
        }

        return text.ToString();

        void Sum(string name, CallSum sum) => text.Append(CultureInfo.InvariantCulture, $"{name,-30}{sum.Calls,8} calls {sum.Seconds / 60m,10:N1} minutes {Money(sum.Cost, currency),14}\n");

        void Sums(string heading, IEnumerable<(string Name, CallSum Sum)> sums)
        {
            text.Append('\n').Append(heading).Append('\n');
            foreach (var (name, sum) in sums.Take(MostRows))
            {
                Sum($"  {(name.Length == 0 ? "unknown" : Shown.Text(name))}", sum);
            }
        }

        void Calls(string heading, IReadOnlyList<RatedCall> calls)
        {
            text.Append('\n').Append(heading).Append('\n');
            foreach (var one in calls)
            {
                var start = TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeSeconds(one.Call.Start), zone);
                text.Append(CultureInfo.InvariantCulture, $"  {start:HH:mm:ss}  {Shown.Text(one.Call.Source),-12} {one.Number,-18} {one.Number.Region,-3} {one.Call.Billed / 60m,8:N1} minutes {Money(one.Cost, currency),14}\n");
            }
        }
    }

    private static string Count(CallSum? sum, string what) => sum is { Calls: > 0 } ? string.Create(CultureInfo.InvariantCulture, $", {sum.Calls} {what}") : "";

    private static string Money(long millionths, string currency) => Rate.Amount(millionths).ToString("N2", CultureInfo.InvariantCulture) + (currency.Length == 0 ? "" : $" {currency}");
}
