namespace Ringfence.Core.Fraud;

/// <summary>When people work at a site, in its own time.</summary>
/// <param name="Days">Sunday is bit 0.</param>
/// <param name="From">Minutes of the day.</param>
/// <param name="To">Behind the last minute; before <paramref name="From"/>: over midnight.</param>
internal sealed record WorkHours(TimeZoneInfo Zone, int Days, int From, int To, IReadOnlySet<DateOnly> Holidays)
{
    /// <summary>Monday to Friday from 7 to 19: outside of it hardly anybody is there.</summary>
    public static WorkHours Usual(TimeZoneInfo zone) => new(zone, 0b0111110, 7 * 60, 19 * 60, new HashSet<DateOnly>());

    private Half? _half;

    public bool Holds(long at)
    {
        var local = at + Offset(at);
        var minutes = (int)Math.Floor(local / 60_000d) is var all ? ((all % 1440) + 1440) % 1440 : 0;
        var day = DateOnly.FromDayNumber((int)(Math.Floor(local / 86_400_000d) + new DateOnly(1970, 1, 1).DayNumber));
        if (From > To && minutes < To)
        {
            day = day.AddDays(-1);
        }

        return (Days & (1 << (int)day.DayOfWeek)) != 0 && !Holidays.Contains(day) && (From <= To ? minutes >= From && minutes < To : minutes >= From || minutes < To);
    }

    // A zone's rules take a microsecond to ask; they change at full hours or half ones. Several engines ask at once.
    private long Offset(long at)
    {
        var number = at / 1_800_000;
        if (_half is not { } half || half.Number != number)
        {
            _half = half = new Half(number, (long)Zone.GetUtcOffset(DateTimeOffset.FromUnixTimeMilliseconds(at)).TotalMilliseconds);
        }

        return half.Offset;
    }

    private sealed record Half(long Number, long Offset);
}
