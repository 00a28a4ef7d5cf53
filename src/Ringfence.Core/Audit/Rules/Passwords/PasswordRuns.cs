namespace Ringfence.Core.Audit.Rules.Passwords;

/// <summary>Characters that follow from those before them: 1234, aaaa, qwertz, abcabc.</summary>
internal static class PasswordRuns
{
    /// <summary>Shorter ones stand in good passwords by chance.</summary>
    private const int Shortest = 4;

    // Rows of American, German and French keyboards, columns from top to bottom, and the keypad of a telephone.
    private static readonly string[] Rows =
        ["qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "qsdfghjklm", "zxcvbnm", "yxcvbnm", "wxcvbn", "1qaz2wsx3edc4rfv5tgb6zhn7ujm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "147258369", "741852963", "0123456789", "1234567890", "!@#$%^&*()", "!\"§$%&/()="];

    // Two characters that lie side by side, either way round: most passwords have none, and need no search.
    private static readonly HashSet<(char, char)> Neighbours =
        [.. Rows.SelectMany(static row => row.Zip(row.Skip(1))).SelectMany(static pair => ((char, char)[])[pair, (pair.Second, pair.First)])];

    /// <returns>How many characters of it stand in runs of four or more, and are repetitions of what stands before them.</returns>
    public static int Predictable(string password)
    {
        var text = password.ToLowerInvariant();
        var predictable = 0;
        var at = 0;
        while (at < text.Length)
        {
            var length = LengthAt(text, at);
            if (length >= Shortest)
            {
                predictable += length;
                at += length;
            }
            else
            {
                at++;
            }
        }

        return predictable;
    }

    /// <summary>How long the run is that begins there, or what is said again.</summary>
    /// <param name="text">In lower case.</param>
    public static int LengthAt(string text, int at) => Math.Max(Math.Max(Steps(text, at), OnKeyboard(text, at)), Repeated(text, at));

    // aaaa, 1234, dcba.
    private static int Steps(string text, int at)
    {
        if (at + 1 >= text.Length || Math.Abs(text[at + 1] - text[at]) is not (0 or 1))
        {
            return 0;
        }

        var step = text[at + 1] - text[at];
        var end = at + 1;
        while (end < text.Length && text[end] - text[end - 1] == step)
        {
            end++;
        }

        return end - at;
    }

    private static int OnKeyboard(string text, int at) =>
        at + 1 < text.Length && Neighbours.Contains((text[at], text[at + 1])) ? Rows.Max(row => Math.Max(Along(row, text, at, forwards: true), Along(row, text, at, forwards: false))) : 0;

    private static int Along(string row, string text, int at, bool forwards)
    {
        var place = row.IndexOf(text[at], StringComparison.Ordinal);
        if (place < 0)
        {
            return 0;
        }

        var length = 1;
        for (var next = place + (forwards ? 1 : -1); at + length < text.Length && next >= 0 && next < row.Length && row[next] == text[at + length]; next += forwards ? 1 : -1)
        {
            length++;
        }

        return length;
    }

    // "xk9xk9" at its second xk9: as long as what stands there was said just before.
    private static int Repeated(string text, int at)
    {
        for (var unit = 2; unit <= at; unit++)
        {
            var length = 0;
            while (at + length < text.Length && text[at + length] == text[at + length - unit])
            {
                length++;
            }

            if (length >= unit && length >= Shortest)
            {
                return length;
            }
        }

        return 0;
    }
}
