using System.Globalization;

namespace Ringfence.Core.Configuration;

/// <summary>When people work, as operators write it: "Mon-Fri 07:00-19:00".</summary>
internal static class WorkHoursText
{
    private static readonly string[] Names = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    /// <returns>null: it is none.</returns>
    public static (int Days, int From, int To)? Parse(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != 2 || words[1].Split('-') is not [var begin, var end] || Minutes(begin) is not { } from || Minutes(end) is not { } to || from == to)
        {
            return null;
        }

        var days = 0;
        foreach (var part in words[0].Split('+'))
        {
            var ends = part.ToLowerInvariant().Split('-');
            var (first, last) = (Array.IndexOf(Names, ends[0]), Array.IndexOf(Names, ends[^1]));
            if (ends.Length > 2 || first < 0 || last < 0)
            {
                return null;
            }

            for (var day = first; ; day = (day + 1) % 7)
            {
                days |= 1 << day;
                if (day == last)
                {
                    break;
                }
            }
        }

        return (days, from, to);
    }

    public static DateOnly? Date(string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;

    // 24:00 is the day's end.
    private static int? Minutes(string text) =>
        text is "24:00" ? 1440 : TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? (int)time.ToTimeSpan().TotalMinutes : null;
}
