using System.Globalization;
using System.Text;
using Ringfence.Core.Events;

namespace Ringfence.Core.Outer;

/// <summary>The text of the small file in which is kept what a device was told.</summary>
internal static class OuterFile
{
    private const string Head = "ringfence-outer 1 ";

    /// <param name="target">Which device, and how it is told: what another one was told is in doubt.</param>
    public static string Write(OuterBook book, string target)
    {
        var text = new StringBuilder(Head).Append(target).Append('\n');
        foreach (var (subject, end, isDoubtful) in book.Held)
        {
            text.Append(CultureInfo.InvariantCulture, $"{subject} {end?.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) ?? "-"} {(isDoubtful ? '?' : '=')}\n");
        }

        return text.ToString();
    }

    /// <returns>What is wrong with it; null: nothing. Then nothing was restored.</returns>
    public static string? Read(string text, string target, OuterBook book)
    {
        var lines = text.Split('\n');
        if (!lines[0].StartsWith(Head, StringComparison.Ordinal) || lines[^1].Length > 0)
        {
            return "it is not whole: expected a first line that begins with ringfence-outer 1, and a line end at the end";
        }

        var isOther = lines[0][Head.Length..] != target;
        var entries = new List<(Network, DateTimeOffset?, bool)>(lines.Length);
        for (var i = 1; i < lines.Length - 1; i++)
        {
            if (Entry(lines[i]) is not { } entry)
            {
                return $"line {i + 1} is no entry: expected a network, a time and = or ?";
            }

            entries.Add((entry.Subject, entry.End, entry.IsDoubtful || isOther));
        }

        foreach (var (subject, end, isDoubtful) in entries)
        {
            book.Restore(subject, end, isDoubtful);
        }

        return null;
    }

    private static (Network Subject, DateTimeOffset? End, bool IsDoubtful)? Entry(string line) =>
        line.Split(' ') is [var subject, var end, "=" or "?"] && Network.Parse(subject) is { } network
            ? end == "-" ? (network, null, line[^1] == '?')
                : long.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= 253_402_300_799 // DateTimeOffset.MaxValue
                    ? (network, DateTimeOffset.FromUnixTimeSeconds(seconds), line[^1] == '?')
                    : null
            : null;
}
