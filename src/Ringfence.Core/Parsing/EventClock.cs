namespace Ringfence.Core.Parsing;

/// <summary>Reads EventTV of a SecurityEvent: <c>2026-11-20T23:58:33.337+0000</c>, or before Asterisk 12 <c>seconds-microseconds</c>.</summary>
/// <remarks>Hot path (bench: replay): the second is remembered, for many records have the same.</remarks>
internal sealed class EventClock
{
    private readonly byte[] _second = new byte[19];
    private long _secondTicks = -1;

    /// <summary>Whether the text has one of the two forms; else the line's own date counts.</summary>
    public static bool Holds(ReadOnlySpan<byte> text) => IsIso(text) || Seconds(text) is not null;

    /// <returns>UTC ticks; null: it has the form and is no time.</returns>
    public long? Read(ReadOnlySpan<byte> text)
    {
        if (!IsIso(text))
        {
            return Seconds(text);
        }

        var second = text[..19];
        if (!second.SequenceEqual(_second))
        {
            if (IsoDate(second) is not { } parsed)
            {
                return null;
            }

            second.CopyTo(_second);
            _secondTicks = parsed;
        }

        var minutes = (Two(text[24..]) * 60) + Two(text[26..]);
        if (minutes < 0 || minutes > 15 * 60)
        {
            return null;
        }

        var offset = minutes * TimeSpan.TicksPerMinute;
        var milliseconds = ((text[20] - '0') * 100) + ((text[21] - '0') * 10) + (text[22] - '0');
        return _secondTicks + (milliseconds * TimeSpan.TicksPerMillisecond) - (text[23] == '-' ? -offset : offset);
    }

    private static bool IsIso(ReadOnlySpan<byte> text) =>
        text.Length == 28 && text[19] == '.' && text[20..23].IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0 && text[23] is (byte)'+' or (byte)'-';

    private static long? Seconds(ReadOnlySpan<byte> text)
    {
        var dash = text.IndexOf((byte)'-');
        return dash is >= 9 and <= 11
            && System.Buffers.Text.Utf8Parser.TryParse(text, out long seconds, out var usedSeconds) && usedSeconds == dash
            && System.Buffers.Text.Utf8Parser.TryParse(text[(dash + 1)..], out uint micros, out var usedMicros) && usedMicros == text.Length - dash - 1
            && micros < 1_000_000
                ? DateTime.UnixEpoch.Ticks + (seconds * TimeSpan.TicksPerSecond) + (micros * 10L)
                : null;
    }

    private static long? IsoDate(ReadOnlySpan<byte> text)
    {
        var (year, month, day) = ((Two(text) * 100) + Two(text[2..]), Two(text[5..]), Two(text[8..]));
        var (hour, minute, second) = (Two(text[11..]), Two(text[14..]), Two(text[17..]));
        if (text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':'
            || year is < 1970 or > 9998 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 60)
        {
            return null;
        }

        return new DateTime(year, month, day, hour, minute, 0, DateTimeKind.Utc).Ticks + (second * TimeSpan.TicksPerSecond);
    }

    private static int Two(ReadOnlySpan<byte> text) =>
        (uint)(text[0] - '0') <= 9 && (uint)(text[1] - '0') <= 9 ? ((text[0] - '0') * 10) + (text[1] - '0') : -10_000;
}
