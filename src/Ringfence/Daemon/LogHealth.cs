using Ringfence.Core.Configuration;
using Ringfence.Core.Parsing;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>What is to be said of a log: what needs somebody to do something, and what is only odd.</summary>
internal static class LogHealth
{
    // So many lines in a row that look like security lines, and no event between them: not one odd packet, but a format that nobody here knows.
    private const int UnknownFormat = 20;

    /// <summary>What is wrong with a log, all of it; null when all is well.</summary>
    /// <param name="state">null: nothing was read of it yet.</param>
    public static string? ProblemOf(LogState? state, LogCounts counts, TailStatus tail, DateTimeOffset now) => Join(Problems(state, counts, tail, now));

    /// <summary>What is odd, all of it; null: nothing.</summary>
    /// <inheritdoc cref="ProblemOf" path="/param"/>
    public static string? NoteOf(LogState? state, LogCounts counts, TailStatus tail, DateTimeOffset now) => Join(Notes(state, counts, tail, now));

    private static IEnumerable<string> Problems(LogState? state, LogCounts counts, TailStatus tail, DateTimeOffset now)
    {
        if (tail.Problem is { } unread)
        {
            yield return unread;
        }

        if (state is { IsMixed: true })
        {
            yield return "callers can write into this log (it has VERBOSE, DEBUG or DTMF lines), so nothing in it counts; let logger.conf write security => [json]security and name that log";
        }

        if (state is { } seen && seen.Skew.Duration() > TimeSpan.FromMinutes(5))
        {
            var cost = seen.Skew > TimeSpan.Zero ? ", so bans end too early or at once" : "";
            yield return $"its times are {Duration.Words(seen.Skew.Duration())} {(seen.Skew > TimeSpan.Zero ? "behind" : "ahead of")} the clock{cost}: set timezone in ringfence.conf to the zone that Asterisk writes";
        }

        if (IsUnknown(state, now))
        {
            yield return $"the format of this log is not understood: {counts.Unmatched} lines look like security lines, and not one of the last {state!.UnmatchedInRow} is known; run ringfence parse --unmatched {tail.Path}";
        }

        if (state?.Unsure.AreMany(now) == true)
        {
            yield return $"more than {UnsureRefusals.Many} refusals in ten minutes name no address for certain, for their senders' own text stands before it: who guesses passwords that way is not banned by this log; let HEP or [wire] tell too, and logger.conf write this log as [json]";
        }

        if (tail.LostBytes > 0)
        {
            yield return $"{tail.LostBytes} bytes were truncated before they could be read; rotate by rename in place of copytruncate";
        }
    }

    private static IEnumerable<string> Notes(LogState? state, LogCounts counts, TailStatus tail, DateTimeOffset now)
    {
        if (counts.Unmatched > 0 && !IsUnknown(state, now))
        {
            var last = state?.LastUnmatched is { } time ? $", the last {Duration.Words(now - time)} ago" : "";
            yield return $"{Count(counts.Unmatched, "line")} that {(counts.Unmatched == 1 ? "looks" : "look")} like security lines, not understood{last}: ringfence parse --unmatched {tail.Path}";
        }

        if (counts.Cut > 0)
        {
            yield return $"{Count(counts.Cut, "line")} so long that the logger cut {(counts.Cut == 1 ? "it" : "them")} (Asterisk at 8191 bytes, a syslog at 1024): not counted";
        }

        if (counts.Unsure > 0)
        {
            yield return $"{Count(counts.Unsure, "refusal")} whose address can't be told from what the sender wrote (a From of more than 511 bytes, or with a user= in it): not counted";
        }

        if (counts.Overlong > 0)
        {
            yield return $"{Count(counts.Overlong, "line")} of more than {LogParser.LongestLine} bytes, skipped";
        }
    }

    private static bool IsUnknown(LogState? state, DateTimeOffset now) =>
        state is { UnmatchedInRow: >= UnknownFormat } && now - state.LastUnmatched <= TimeSpan.FromHours(1);

    private static string Count(long count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";

    private static string? Join(IEnumerable<string> sentences)
    {
        var all = string.Join("; ", sentences);
        return all.Length == 0 ? null : all;
    }
}
