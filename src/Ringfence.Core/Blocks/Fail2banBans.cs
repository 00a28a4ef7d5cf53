using System.Globalization;
using System.Text;
using Ringfence.Core.Events;

namespace Ringfence.Core.Blocks;

/// <summary>What <c>fail2ban-client banned</c> and <c>get JAIL banip --with-time</c> print.</summary>
/// <remarks>fail2ban 1.0.2: the first is a Python list of one dictionary for each jail, [{'sshd': ['203.0.113.5']}, {'asterisk': []}]; a failure id may be any
/// text that a filter took from a log.</remarks>
internal static class Fail2banBans
{
    /// <returns>Jail and address of each ban that is of an address or a network; null: it is not such a list.</returns>
    public static IReadOnlyList<(string Jail, string Id, Network Subject)>? Read(string text)
    {
        var bans = new List<(string Jail, string Id, Network Subject)>();
        var jail = "";
        var isList = false;
        var depth = 0;
        for (var at = 0; at < text.Length;)
        {
            var letter = text[at];
            if (letter is '\'' or '"')
            {
                if (TakeString(text, ref at) is not { } value)
                {
                    return null;
                }

                if (depth < 3)
                {
                    jail = value;
                }
                else if (BlockText.Parse(value) is { } subject)
                {
                    bans.Add((jail, value, subject));
                }

                continue;
            }

            isList |= letter == '[';
            depth += letter is '[' or '{' ? 1 : letter is ']' or '}' ? -1 : 0;
            at++;
        }

        return isList && depth == 0 ? bans : null;
    }

    /// <param name="text">Lines "203.0.113.5 \t2026-11-21 11:46:23 + 600 = 2026-11-21 11:56:23".</param>
    /// <param name="offset">Of the local time that it prints.</param>
    /// <returns>Since when the address is banned, and until when ("" if for ever); null: it does not say.</returns>
    public static (DateTimeOffset Since, string Until)? TimeOf(string text, string id, Func<DateTime, TimeSpan> offset)
    {
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length >= 3 && words[0] == id
                && DateTime.TryParseExact($"{words[1]} {words[2]}", "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var since)
                && since.Year is > 1970 and < 9999)
            {
                var at = Array.IndexOf(words, "=");
                return (new DateTimeOffset(since, offset(since)), at > 0 && words.Length > at + 2 ? $"{words[at + 1]} {words[at + 2]}" : "");
            }
        }

        return null;
    }

    // Python's repr of a str: either quote, backslash escapes.
    private static string? TakeString(string text, ref int at)
    {
        var quote = text[at++];
        var value = new StringBuilder();
        while (at < text.Length)
        {
            var letter = text[at++];
            if (letter == quote)
            {
                return value.ToString();
            }

            // What an escape means does not matter: no address has one.
            value.Append(letter == '\\' && at < text.Length ? text[at++] : letter);
        }

        return null;
    }
}
