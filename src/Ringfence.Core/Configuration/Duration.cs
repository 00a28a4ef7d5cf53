using System.Globalization;
using System.Text;

namespace Ringfence.Core.Configuration;

/// <summary>Durations as operators write them: 90s, 10m, 2h, 7d, 1w, and several in falling order: 1h30m.</summary>
internal static class Duration
{
    private static readonly (char Unit, long Seconds)[] Units = [('w', 604_800), ('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

    /// <returns>null if the text is anything else, a bare number included: "10" is seconds to some readers and minutes to others.</returns>
    public static TimeSpan? Parse(string text)
    {
        long seconds = 0;
        var unit = -1;
        var at = 0;
        while (at < text.Length)
        {
            var digits = at;
            while (digits < text.Length && char.IsAsciiDigit(text[digits]))
            {
                digits++;
            }

            if (digits == text.Length || !long.TryParse(text.AsSpan(at, digits - at), NumberStyles.None, null, out var count) || count > int.MaxValue)
            {
                return null;
            }

            var next = Array.FindIndex(Units, candidate => candidate.Unit == text[digits]);
            if (next <= unit)
            {
                return null;
            }

            unit = next;
            seconds += count * Units[next].Seconds;
            at = digits + 1;
        }

        // 100,000 days: far above every limit, far below what a TimeSpan holds.
        return unit >= 0 && seconds <= 100_000L * 86_400 ? TimeSpan.FromSeconds(seconds) : null;
    }

    /// <summary>The shortest text that <see cref="Parse"/> reads back; whole seconds.</summary>
    public static string Format(TimeSpan duration)
    {
        var seconds = (long)duration.TotalSeconds;
        if (seconds == 0)
        {
            return "0s";
        }

        var text = new StringBuilder();
        foreach (var (unit, size) in Units)
        {
            // "7d" is what people say; a week only where it is a whole number of weeks above one.
            if (seconds >= size && (unit != 'w' || (seconds % size == 0 && seconds > size)))
            {
                text.Append(seconds / size).Append(unit);
                seconds %= size;
            }
        }

        return text.ToString();
    }

    /// <summary>For people: the two largest units, "1 h 12 min", "6 d 3 h", "45 s", "337 ms"; "0 s" for nothing and less.</summary>
    public static string Words(TimeSpan duration) => duration switch
    {
        { TotalDays: >= 1 } => Pair((long)duration.TotalDays, "d", duration.Hours, "h"),
        { TotalHours: >= 1 } => Pair(duration.Hours, "h", duration.Minutes, "min"),
        { TotalMinutes: >= 1 } => Pair(duration.Minutes, "min", duration.Seconds, "s"),
        { TotalSeconds: >= 1 } => $"{duration.Seconds} s",
        { TotalMilliseconds: >= 1 } => $"{duration.Milliseconds} ms",
        _ => "0 s",
    };

    /// <summary>"in 12 s"; "at once" for less than can be told: many logs have whole seconds.</summary>
    public static string Within(TimeSpan duration) => duration < TimeSpan.FromMilliseconds(1) ? "at once" : $"in {Words(duration)}";

    private static string Pair(long large, string largeUnit, int small, string smallUnit) =>
        small == 0 ? $"{large} {largeUnit}" : $"{large} {largeUnit} {small} {smallUnit}";
}
