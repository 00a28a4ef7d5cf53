namespace Ringfence.Core.Calls;

/// <summary>Times such as "2026-11-22 23:59:59" of one zone as seconds since 1970.</summary>
/// <remarks>Where an hour comes twice the first is meant, and one that never was (the clock goes forward) is an hour later.</remarks>
internal sealed class WallClock(TimeZoneInfo zone)
{
    private const int Length = 19;

    // Calls come in order: the hour of one is mostly that of the one before.
    private long _hour = -1;
    private long _hourStart;

    /// <returns>null: no time.</returns>
    public long? Seconds(ReadOnlySpan<byte> text)
    {
        if (text.Length < Length || Two(text) is not { } century || Two(text[2..]) is not { } year || Two(text[5..]) is not { } month || Two(text[8..]) is not { } day || Two(text[11..]) is not { } hour
            || Two(text[14..]) is not { } minute || Two(text[17..]) is not { } second || month is 0 or > 12 || hour > 23 || minute > 59 || second > 60
            || text[4] != '-' || text[7] != '-' || text[10] is not ((byte)' ' or (byte)'T') || text[13] != ':' || text[16] != ':' || century < 19 || day == 0 || day > DateTime.DaysInMonth((century * 100) + year, month))
        {
            return null;
        }

        var key = (((((century * 100L) + year) * 100) + month) * 10_000) + (day * 100) + hour;
        if (key != _hour)
        {
            var local = new DateTime((century * 100) + year, month, day, hour, 0, 0, DateTimeKind.Unspecified);
            var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
            (_hour, _hourStart) = (key, new DateTimeOffset(local, offset).ToUnixTimeSeconds());
        }

        return _hourStart + (minute * 60) + second;
    }

    private static int? Two(ReadOnlySpan<byte> text) => (uint)(text[0] - '0') < 10 && (uint)(text[1] - '0') < 10 ? ((text[0] - '0') * 10) + text[1] - '0' : null;
}
