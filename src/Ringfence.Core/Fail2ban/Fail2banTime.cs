using System.Globalization;

namespace Ringfence.Core.Fail2ban;

/// <summary>fail2ban's durations: 600, 10m, 1d 12h, 1h30m, 1hour+30min, 60*60, -1 (for ever).</summary>
internal static class Fail2banTime
{
    // mytime.py: a year is 365.25 days, a month a twelfth of it.
    private static readonly (string Unit, double Seconds)[] Units =
    [
        ("seconds", 1), ("second", 1), ("sec", 1), ("se", 1), ("ss", 1), ("s", 1),
        ("minutes", 60), ("minute", 60), ("min", 60), ("mi", 60), ("mm", 60), ("m", 60),
        ("hours", 3600), ("hour", 3600), ("hou", 3600), ("ho", 3600), ("hh", 3600), ("h", 3600),
        ("days", 86_400), ("day", 86_400), ("da", 86_400), ("dd", 86_400), ("d", 86_400),
        ("weeks", 604_800), ("week", 604_800), ("wee", 604_800), ("we", 604_800), ("ww", 604_800), ("w", 604_800),
        ("months", 2_629_800), ("month", 2_629_800), ("mon", 2_629_800), ("mo", 2_629_800),
        ("years", 31_557_600), ("year", 31_557_600), ("yea", 31_557_600), ("ye", 31_557_600), ("yy", 31_557_600), ("y", 31_557_600),
    ];

    /// <summary>For ever.</summary>
    public static readonly TimeSpan Forever = TimeSpan.MaxValue;

    /// <returns>null: it is none. Only sums, differences and products are understood, of what mytime.py gives to Python's eval.</returns>
    public static TimeSpan? Parse(string text)
    {
        var (sum, at, isFirst) = (0d, 0, true);
        text = text.Trim();
        while (at < text.Length)
        {
            var sign = 1;
            Blanks(text, ref at);
            if (at < text.Length && text[at] is '+' or '-')
            {
                sign = text[at++] == '-' ? -1 : 1;
                Blanks(text, ref at);
            }

            if (Product(text, ref at) is not { } value)
            {
                return null;
            }

            sum += sign * value;
            isFirst = false;
            Blanks(text, ref at);
        }

        return isFirst ? null
            : sum < 0 ? Forever
            : sum > 3_650_000d * 86_400 ? Forever
            : TimeSpan.FromSeconds(Math.Round(sum));
    }

    private static double? Product(string text, ref int at)
    {
        if (Term(text, ref at) is not { } value)
        {
            return null;
        }

        while (true)
        {
            Blanks(text, ref at);
            if (at >= text.Length || text[at] != '*')
            {
                return value;
            }

            at++;
            Blanks(text, ref at);
            if (Term(text, ref at) is not { } factor)
            {
                return null;
            }

            value *= factor;
        }
    }

    private static double? Term(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.'))
        {
            at++;
        }

        if (!double.TryParse(text.AsSpan(start, at - start), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        var word = at;
        Blanks(text, ref word);
        var end = word;
        while (end < text.Length && char.IsAsciiLetter(text[end]))
        {
            end++;
        }

        if (end == word)
        {
            return number;
        }

        var unit = text[word..end].ToLowerInvariant();
        at = end;
        return Array.Find(Units, known => known.Unit == unit) is { Unit: not null } found ? number * found.Seconds : null;
    }

    private static void Blanks(string text, ref int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }
    }
}
