using Ringfence.Core.Decisions;
using Ringfence.Core.Detection.Rules;
using Ringfence.Core.Events;

namespace Ringfence.Daemon;

/// <summary>Which bans fall because their subject is trusted: none of a rule stands against who is, whenever the trust came.</summary>
/// <remarks>What the operator banned by hand stays: he decides himself. Only in the pipeline's turn.</remarks>
/// <param name="cutOff">Whose login among his guesses is no reason.</param>
internal sealed class TrustedBans(BansInForce bans, Amendments amendments, JustCutOff cutOff)
{
    // Without what the phones alone say.
    private TrustList _known = TrustList.Empty;

    /// <summary>Who is trusted now.</summary>
    public TrustList Trust
    {
        get;
        set
        {
            field = value;
            _known = value.Entries.Any(entry => entry.IsHearsay) ? new TrustList(value.Entries.Where(entry => !entry.IsHearsay)) : value;
        }
    } = TrustList.Empty;

    /// <returns>The ends of bans in force.</returns>
    public List<Decision> Falling(DateTimeOffset now) =>
        [.. bans.At(now).Where(entry => Falls(entry.Ban, now)).Select(entry => Freed(entry.Ban.Subject, ReasonsFor(entry.Ban), now)).OfType<Unban>()];

    /// <returns>The ends of what the kernel alone bans, and bans of what is left of a network.</returns>
    /// <param name="standing">What the kernel holds.</param>
    /// <param name="putsBack">Of a network who is trusted is cut out; observing, nobody puts a piece back, and all of it is free.</param>
    public List<Decision> Falling(IReadOnlyList<ActiveBan> standing, bool putsBack, DateTimeOffset now)
    {
        List<Decision> falling = [];
        foreach (var stranger in bans.Strangers(standing, now))
        {
            var cut = putsBack ? StrangersFreed.CutOut(stranger, _known, now) : [];
            falling.AddRange(cut.Count > 0 ? cut : Freed(stranger.Subject, _known, now) is { } whole ? [whole] : []);
            amendments.Keep(cut.OfType<Ban>());
        }

        return falling;
    }

    /// <returns>Whether such a ban falls.</returns>
    public bool Falls(Ban ban, DateTimeOffset now) => IsRules(ban.Subject, ban.Rule) && ReasonsFor(ban).FindEntry(ban.Subject) is { } entry
        && (entry.Source != TrustSource.Contact || !cutOff.Late.Has(ban.Subject, now) || Trust.FindFirm(ban.Subject) is not null);

    /// <summary>Who is trusted already (<see cref="TrustKeeper.AtOnce"/>) is not banned for the moment until the ban is lifted.</summary>
    /// <param name="read">Bans of before, without their rules.</param>
    /// <param name="withRules">Reads them with their rules: asked only where somebody of them is trusted.</param>
    /// <returns>Those that are put into the kernel.</returns>
    public IReadOnlyList<ActiveBan> Without(IReadOnlyList<ActiveBan> read, Func<IEnumerable<Ban>> withRules)
    {
        var trusted = read.Where(ban => _known.Find(ban.Subject) is not null).Select(ban => ban.Subject).ToHashSet();
        if (trusted.Count == 0)
        {
            return read;
        }

        trusted.ExceptWith(withRules().Where(ban => !IsRules(ban.Subject, ban.Rule)).Select(ban => ban.Subject));
        return [.. read.Where(ban => !trusted.Contains(ban.Subject))];
    }

    // Whoever logs in with a stolen password is a registered contact by that.
    private bool IsRules(Network subject, string rule) => rule != Operator.Rule && (rule != StolenCredentials.Rule.Id || Trust.FindFirm(subject) is not null);

    // Whoever is throttled can register all the same.
    private TrustList ReasonsFor(Ban ban) => ban.Throttles ? Trust : _known;

    private Unban? Freed(Network subject, TrustList trust, DateTimeOffset now) => trust.FindEntry(subject) is { } entry ? amendments.Lift(subject, now, TrustList.Rule, entry.Sentence) : null;
}
