using System.Globalization;

namespace Ringfence.Core.Calls;

/// <summary>A time that a report is of, by the site's own clock.</summary>
/// <param name="From">Seconds since 1970.</param>
/// <param name="To">Behind its last second.</param>
/// <param name="Name">"2026-11-22", "2026-11", "2026-11-01 to 2026-11-22".</param>
internal sealed record CallPeriod(long From, long To, string Name)
{
    /// <summary>Everything.</summary>
    public static readonly CallPeriod All = new(long.MinValue, long.MaxValue, "");

    /// <param name="text">"2026-11-22".</param>
    /// <returns>null: no day, or none of this calendar's middle: behind the last one there is no other, and the first begins before itself in another zone.</returns>
    public static DateOnly? Day(string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is > 1 and < 9999 ? day : null;

    /// <param name="text">"2026-11".</param>
    /// <returns>The first day of it; null: no month.</returns>
    public static DateOnly? Month(string text) => Day($"{text}-01");

    public static CallPeriod OfDay(DateOnly day, TimeZoneInfo zone) => new(Start(day, zone), Start(day.AddDays(1), zone), Text(day));

    public static CallPeriod OfMonth(DateOnly month, TimeZoneInfo zone) => new(Start(month, zone), Start(month.AddMonths(1), zone), Text(month)[..7]);

    /// <param name="first">null: from the beginning.</param>
    /// <param name="last">With it; null: to the end.</param>
    public static CallPeriod Between(DateOnly? first, DateOnly? last, TimeZoneInfo zone) => new(
        first is { } from ? Start(from, zone) : long.MinValue, last is { } to ? Start(to.AddDays(1), zone) : long.MaxValue,
        (first, last) switch { (null, null) => "", ({ } begin, null) => $"from {Text(begin)}", (null, { } end) => $"to {Text(end)}", ({ } begin, { } end) => $"{Text(begin)} to {Text(end)}" });

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    // A day may begin at an hour that never was: then with the first one that is.
    private static long Start(DateOnly day, TimeZoneInfo zone)
    {
        var local = day.ToDateTime(TimeOnly.MinValue);
        while (zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(30);
        }

        return new DateTimeOffset(local, zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local)).ToUnixTimeSeconds();
    }
}
