namespace Ringfence.Bench.Fraud;

/// <summary>The days of a site in Bavaria, in its own time: UTC+1 all year, so that no database of time zones decides what a seed gives.</summary>
internal static class SiteCalendar
{
    public static readonly TimeZoneInfo Zone = TimeZoneInfo.CreateCustomTimeZone("site", TimeSpan.FromHours(1), "site", "site");

    private const long Hour = 3_600_000;
    private static readonly DateOnly Epoch = new(1970, 1, 1);

    /// <returns>Milliseconds since 1970 UTC.</returns>
    /// <param name="hours">Of the site's day; 25.5 is half past one of the next night.</param>
    public static long At(DateOnly day, double hours) => ((day.DayNumber - Epoch.DayNumber) * 24 * Hour) - Hour + (long)(hours * Hour);

    public static DateOnly DayOf(long at) => Epoch.AddDays((int)((at + Hour) / (24 * Hour)));

    public static double HoursOf(long at) => (at + Hour) % (24 * Hour) / (double)Hour;

    public static bool IsWorkday(DateOnly day) => day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && !IsHoliday(day);

    /// <summary>Public holidays of Bavaria (Feiertagsgesetz, article 1), and the days on which hardly anybody there works.</summary>
    public static bool IsHoliday(DateOnly day)
    {
        var fromEaster = day.DayNumber - Easter(day.Year).DayNumber;
        return fromEaster is -2 or 1 or 39 or 50 or 60
            || (day.Month, day.Day) is (1, 1) or (1, 6) or (5, 1) or (8, 15) or (10, 3) or (11, 1) or (12, 24) or (12, 25) or (12, 26) or (12, 31);
    }

    /// <summary>How much of an ordinary day's work is done on a workday: August and the weeks around Christmas are quiet, so are days between a holiday and a weekend.</summary>
    public static double Season(DateOnly day) =>
        ((day.Month, day.Day) is (12, > 20) or (1, < 6) ? 0.35 : day.Month == 8 ? 0.7 : day.Month is 3 or 10 or 11 ? 1.1 : 1)
        * (day.DayOfWeek == DayOfWeek.Friday && IsHoliday(day.AddDays(-1)) ? 0.4 : day.DayOfWeek == DayOfWeek.Monday && IsHoliday(day.AddDays(1)) ? 0.5 : day.DayOfWeek == DayOfWeek.Friday ? 0.85 : 1);

    // Gauss's reckoning as J.-M. Oudin wrote it down in 1940.
    private static DateOnly Easter(int year)
    {
        var (golden, century) = (year % 19, year / 100);
        var moon = (century - (century / 4) - (((8 * century) + 13) / 25) + (19 * golden) + 15) % 30;
        var full = moon - (moon / 28 * (1 - (moon / 28 * (29 / (moon + 1)) * ((21 - golden) / 11))));
        var sunday = full - ((year + (year / 4) + full + 2 - century + (century / 4)) % 7);
        var month = 3 + ((sunday + 40) / 44);
        return new DateOnly(year, month, sunday + 28 - (31 * (month / 4)));
    }
}
