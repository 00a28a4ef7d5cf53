namespace Ringfence.Core.Detection;

internal static class Durations
{
    /// <returns>"0 s", "12 s", "3 min 20 s", "2 h 5 min", "6 d 4 h": two units at most, the way people say it.</returns>
    public static string Words(TimeSpan span)
    {
        if (span < TimeSpan.FromMinutes(1))
        {
            return span.TotalSeconds < 1 ? $"{span.TotalMilliseconds:0} ms" : $"{(int)span.TotalSeconds} s";
        }

        return span switch
        {
            { TotalHours: < 1 } => Join($"{span.Minutes} min", span.Seconds, "s"),
            { TotalDays: < 1 } => Join($"{span.Hours} h", span.Minutes, "min"),
            _ => Join($"{(int)span.TotalDays} d", span.Hours, "h"),
        };
    }

    private static string Join(string first, int second, string unit) => second == 0 ? first : $"{first} {second} {unit}";
}
