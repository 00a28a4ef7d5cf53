using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Ringfence.Sources;

namespace Ringfence.Daemon;

/// <summary>What is put right of decisions before they are written: times that a log's clock invented, and bans of the machine itself.</summary>
/// <param name="window">So long the detector counts refusals.</param>
/// <param name="own">The machine's own addresses as they are now.</param>
internal sealed class FinalCheck(Detector detector, BanLedger ledger, TimeSpan window, Func<IReadOnlyList<Network>> own, TimeProvider clock)
{
    public List<Decision> Of(List<Decision> decisions)
    {
        var enforceable = decisions.ConvertAll(Enforceable);
        SpareOwn(enforceable);
        return enforceable;
    }

    // A log whose clock or zone runs ahead must not make bans longer than they are, nor hide whoever was judged then until that time comes.
    private Decision Enforceable(Decision decision)
    {
        var now = clock.GetUtcNow();
        if (decision.Time <= now + TimeSpan.FromMinutes(1))
        {
            return decision;
        }

        if (decision is not Ban { Until: { } until } ban)
        {
            detector.CorrectQuiet(decision.Subject, now + window);
            return decision;
        }

        // Its time too: a restart would take it for one that was decided before the machine's clock was set back.
        var corrected = ban with { Time = now, Until = now + (until - ban.Time) };
        ledger.Restore(corrected);
        detector.CorrectQuiet(ban.Subject, corrected.Until.Value);
        return corrected;
    }

    // An address that the machine got a moment ago is not on the list yet. Asked once for all bans of a batch: about 30 us.
    private void SpareOwn(List<Decision> decisions)
    {
        if (!decisions.Exists(decision => decision is Ban))
        {
            return;
        }

        var now = own();
        for (var i = 0; i < decisions.Count; i++)
        {
            if (decisions[i] is Ban ban && now.Any(address => ban.Subject.Contains(address)))
            {
                ledger.Lift(ban.Subject);
                decisions[i] = new Spare(0, ban.Time, ban.Subject, ban.Rule, ban.Reason, OwnAddresses.Reason) { Evidence = ban.Evidence };
            }
        }
    }
}
