using Ringfence.Core.Decisions;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;

namespace Ringfence.Daemon;

/// <summary>Decisions that no rule makes: bans by hand, ends of bans, and bans of what is left of a network. Ledger and detector know of them from here on.</summary>
/// <remarks>Only in the pipeline's turn; <see cref="Pipeline.ActAsync"/> carries them out.</remarks>
internal sealed class Amendments(Detector detector, BanLedger ledger)
{
    /// <summary>Numbers a ban by hand.</summary>
    public Ban BanByHand(Network subject, DateTimeOffset now, TimeSpan? duration, string reason)
    {
        var ban = new Ban(0, now, subject, Operator.Rule, reason, now + duration, ledger.Next(subject, now).Ordinal);
        ledger.Add(ban);
        return ban;
    }

    /// <summary>An end of the subject's ban that counts nothing against it any more.</summary>
    /// <param name="rule"><see cref="Operator.Rule"/> where somebody asked for it, <see cref="TrustList.Rule"/> where trust came by itself.</param>
    public Unban Lift(Network subject, DateTimeOffset now, string rule, string reason)
    {
        ledger.Lift(subject);
        detector.Forget(subject);
        return new Unban(0, now, subject, rule, reason);
    }

    /// <summary>Ends bans of networks and bans what is left of each without a part, until the same time.</summary>
    public List<Decision> CutOut(Network part, IReadOnlyList<Ban> wider, DateTimeOffset now, string reason)
    {
        List<Decision> decisions = [.. wider.Select(ban => new Unban(0, now, ban.Subject, Operator.Rule, reason) { Forgives = false })];

        // Two nested networks leave the same pieces near the part: the later end counts.
        var pieces = wider.OrderBy(ban => ban.Until ?? DateTimeOffset.MaxValue)
            .SelectMany(ban => ban.Subject.Without(part).Select(piece => ban with { Id = 0, Time = now, Subject = piece, Reason = $"{ban.Reason} ({ban.Subject} without {part})" }))
            .GroupBy(piece => piece.Subject).Select(same => same.Last());
        foreach (var piece in pieces)
        {
            ledger.Restore(piece);
            decisions.Add(piece);
        }

        return decisions;
    }

    /// <summary>Takes bans of what is left of a network that the kernel alone banned.</summary>
    public void Keep(IEnumerable<Ban> pieces)
    {
        foreach (var piece in pieces)
        {
            ledger.Restore(piece);
        }
    }
}
