using System.Globalization;

namespace Ringfence.Commands;

/// <summary>Durations as people write and read them.</summary>
internal static class Duration
{
    /// <summary>Reads "30s", "10m", "2h", "7d", "1w"; a whole number and one unit.</summary>
    /// <returns>null if the text is anything else, or more than 10,000 days.</returns>
    public static TimeSpan? Parse(string text)
    {
        if (text.Length < 2 || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        long? unitSeconds = text[^1] switch
        {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 604_800,
            _ => null,
        };
        const long mostSeconds = 10_000L * 86_400;
        return unitSeconds is { } seconds && number <= mostSeconds / seconds ? TimeSpan.FromSeconds(number * seconds) : null;
    }

    /// <returns>The two largest units: "1 h 12 min", "6 d 3 h", "45 s"; "0 s" for nothing and less.</returns>
    public static string Show(TimeSpan duration) => duration switch
    {
        { TotalDays: >= 1 } => Pair((long)duration.TotalDays, "d", duration.Hours, "h"),
        { TotalHours: >= 1 } => Pair(duration.Hours, "h", duration.Minutes, "min"),
        { TotalMinutes: >= 1 } => Pair(duration.Minutes, "min", duration.Seconds, "s"),
        { TotalSeconds: > 0 } => $"{duration.Seconds} s",
        _ => "0 s",
    };

    private static string Pair(long large, string largeUnit, int small, string smallUnit) =>
        small == 0 ? $"{large} {largeUnit}" : $"{large} {largeUnit} {small} {smallUnit}";
}
