namespace Ringfence.Core.Calls;

/// <summary>Times such as "2026-11-22 23:59:59" of one zone as seconds since 1970.</summary>
/// <remarks>An hour that never was (the clock goes forward) is an hour later. No year before 1900, and none behind 9899: a time of the last one has none in another zone.</remarks>
internal sealed class WallClock(TimeZoneInfo zone)
{
    private const int Length = 19;

    // Calls come in order: the hour of one is mostly that of the one before.
    private long _hour = -1;
    private long _hourStart;

    // In autumn an hour comes twice: the second time so many seconds behind the first. 0 of all others.
    private long _again;

    /// <param name="notBefore">Where an hour comes twice the first is meant, or the second where the first would be before that: seconds since 1970.</param>
    /// <returns>null: no time.</returns>
    public long? Seconds(ReadOnlySpan<byte> text, long notBefore = long.MinValue)
    {
        if (text.Length < Length || Two(text) is not { } century || Two(text[2..]) is not { } year || Two(text[5..]) is not { } month || Two(text[8..]) is not { } day || Two(text[11..]) is not { } hour
            || Two(text[14..]) is not { } minute || Two(text[17..]) is not { } second || month is 0 or > 12 || hour > 23 || minute > 59 || second > 60
            || text[4] != '-' || text[7] != '-' || text[10] is not ((byte)' ' or (byte)'T') || text[13] != ':' || text[16] != ':' || century is < 19 or > 98 || day == 0 || day > DateTime.DaysInMonth((century * 100) + year, month))
        {
            return null;
        }

        var key = (((((century * 100L) + year) * 100) + month) * 10_000) + (day * 100) + hour;
        if (key != _hour)
        {
            var local = new DateTime((century * 100) + year, month, day, hour, 0, 0, DateTimeKind.Unspecified);
            var offsets = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local) : [zone.GetUtcOffset(local)];
            (_hour, _hourStart, _again) = (key, new DateTimeOffset(local, offsets.Max()).ToUnixTimeSeconds(), (long)(offsets.Max() - offsets.Min()).TotalSeconds);
        }

        var seconds = _hourStart + (minute * 60) + second;
        return seconds < notBefore && seconds + _again >= notBefore ? seconds + _again : seconds;
    }

    private static int? Two(ReadOnlySpan<byte> text) => (uint)(text[0] - '0') < 10 && (uint)(text[1] - '0') < 10 ? ((text[0] - '0') * 10) + text[1] - '0' : null;
}
