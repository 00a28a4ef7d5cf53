namespace Ringfence.Core.Notices;

/// <summary>How many are told one by one before the rest of the window becomes one digest.</summary>
/// <param name="Singles">0: everything comes in digests.</param>
internal sealed record DigestRules(int Singles, TimeSpan Within);

/// <summary>Where one receiver stands in its window; kept on disk beside its position.</summary>
/// <param name="Start">null: no window is open.</param>
/// <param name="Told">Notices of this window that were told, those in its digest included.</param>
/// <param name="IsFlood">The window before had more than could be told singly: this one tells nothing singly.</param>
internal readonly record struct DigestState(DateTimeOffset? Start, int Told, bool IsFlood);

/// <summary>What is to be told next of those that wait.</summary>
/// <param name="Count">So many of the waiting, from the first; 0: nothing now.</param>
/// <param name="After">The state once they were told.</param>
/// <param name="Until">When to look again, if <paramref name="Count"/> is 0; null: when another notice comes.</param>
internal readonly record struct DigestStep(int Count, DigestState After, DateTimeOffset? Until)
{
    public bool IsDigest => Count > 1;
}

/// <summary>More than 10 in 15 minutes become one digest.</summary>
/// <remarks>
/// Windows lie on the time at which notices came, not on the time at which they could be sent: a backlog after an outage is told in the same
/// messages as it would have been without one. A window opens with its first notice; the first ten are told as they come, the rest in one digest
/// at its end. After such a window the next one follows at once and tells by digest alone, until one is calm: a flood of days is four messages an hour.
/// </remarks>
internal static class DigestPlan
{
    /// <param name="waiting">When each of those that wait came, in their order.</param>
    public static DigestStep Next(DigestState state, DigestRules rules, IReadOnlyList<DateTimeOffset> waiting, DateTimeOffset now)
    {
        if (waiting.Count == 0)
        {
            return new DigestStep(0, state, null);
        }

        // A clock that was set back must not make anybody wait for the old time to come again.
        var first = waiting[0] < now ? waiting[0] : now;
        if (state.Start is not { } start || start > now || first >= start + rules.Within)
        {
            state = Opened(state, rules, first);
            start = state.Start!.Value;
        }

        if (!state.IsFlood && state.Told < rules.Singles)
        {
            return new DigestStep(1, state with { Told = state.Told + 1 }, null);
        }

        var end = start + rules.Within;
        if (now < end)
        {
            return new DigestStep(0, state, end);
        }

        var count = 1;
        while (count < waiting.Count && waiting[count] < end)
        {
            count++;
        }

        return new DigestStep(count, state with { Told = state.Told + count }, null);
    }

    private static DigestState Opened(DigestState before, DigestRules rules, DateTimeOffset first)
    {
        var follows = before.Start is { } start && before.Told > rules.Singles && first >= start + rules.Within && first < start + rules.Within + rules.Within;
        return follows ? new DigestState(before.Start!.Value + rules.Within, 0, IsFlood: true) : new DigestState(first, 0, IsFlood: false);
    }
}
