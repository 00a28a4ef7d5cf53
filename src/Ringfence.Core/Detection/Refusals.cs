using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary>The refusals of one address that a claim may stand on: all, or those alone that prove their source.</summary>
/// <remarks>
/// Where the evidence over UDP only alerts, it must neither hold up a ban on evidence over TCP nor lend it weight: whoever wants to stay
/// unbanned would else mix one UDP packet into his tries, or forge a few in another's name.
/// </remarks>
internal readonly struct Refusals(AddressHistory history, Proof least)
{
    /// <summary>Refusals of the kind and channel of <paramref name="seen"/>, at most <paramref name="window"/> from it.</summary>
    public int Count(in PbxEvent seen, TimeSpan window)
    {
        var count = 0;
        for (var i = 0; i < history.Length; i++)
        {
            count += Counts(history[i], seen, window) ? 1 : 0;
        }

        return count;
    }

    /// <summary>Distinct account names among them.</summary>
    public int CountAccounts(in PbxEvent seen, TimeSpan window)
    {
        var distinct = 0;
        for (var i = 0; i < history.Length; i++)
        {
            ref readonly var refusal = ref history[i];
            if (!Counts(refusal, seen, window))
            {
                continue;
            }

            var again = false;
            for (var j = 0; j < i && !again; j++)
            {
                ref readonly var earlier = ref history[j];
                again = earlier.AccountHash == refusal.AccountHash && Counts(earlier, seen, window);
            }

            distinct += again ? 0 : 1;
        }

        return distinct;
    }

    /// <summary>Whether the refusal may bear the claim that <paramref name="seen"/> completes, by a rule that looks at events of its kind alone.</summary>
    private bool Counts(in Refusal refusal, in PbxEvent seen, TimeSpan window) =>
        refusal.Kind == seen.Kind && IsNear(refusal, seen, window);

    /// <summary>Told by the same channel, within the window, and proven well enough.</summary>
    // Both ways: a clock that was set back, or a second log that is read a little behind the first, must not make hours one window.
    public bool IsNear(in Refusal refusal, in PbxEvent seen, TimeSpan window) =>
        refusal.Proof >= least && refusal.Origin == seen.Origin && Math.Abs(refusal.TimeTicks - seen.TimeTicks) <= window.Ticks;
}
