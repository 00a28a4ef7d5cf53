using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Enforcement;
using Ringfence.Journal;

namespace Ringfence.Daemon;

/// <summary>Takes up what the journal remembers, at the start or as soon as it can be read, and writes into it what it lost.</summary>
/// <remarks>Bans in force go to the firewall with their remaining time, earlier ones count for growth. Only in the pipeline's turn.</remarks>
internal sealed class Recovery(BanSettings settings, IJournal journal, IFirewall firewall, BansInForce bans, BanLedger ledger, TrustedBans trusted, JustCutOff cutOff)
{
    // A flood's last ones: to read when the kernel had 100,000 bans takes 0.2 s of a start.
    private const int MostCutOff = 4_096;

    // What was only observed bans nobody, and counts against nobody, when it is enforced from now on.
    private bool _observes;

    /// <summary>The journal could not be read at the start: it is still to be taken up.</summary>
    public bool IsDue { get; private set; }

    /// <param name="inForce">The bans in force, where somebody reads them already; null: they are read here.</param>
    /// <returns>How many bans are in force again.</returns>
    /// <exception cref="FirewallException">The firewall can't be had.</exception>
    public async Task<int> StartAsync(Task<IReadOnlyList<ActiveBan>>? inForce, DateTimeOffset now, CancellationToken stop)
    {
        // The kernel first: what was banned before is dropped again before anything else is remembered.
        await firewall.StartAsync(trusted.Without(inForce is null ? journal.InForce(now) : await inForce, () => journal.ActiveBans(now)), stop);

        await FinishAsync(stop);

        _observes = firewall.Status.Mode == "observe";
        var active = journal.ActiveBans(now, _observes);
        Remember(now);

        // Observing puts nothing into the kernel: only what an enforcing guard left there is enforced.
        var standing = _observes ? firewall.Standing().Select(ban => ban.Subject).ToHashSet() : null;
        var restored = 0;
        foreach (var ban in active)
        {
            var isEnforced = standing?.Contains(ban.Subject) != false;
            restored += isEnforced ? 1 : 0;
            bans.Set(ban, isEnforced ? OutcomeKind.Enforced : OutcomeKind.Observed, now);
            ledger.Restore(ban);
        }

        CutOff([.. active.Where(ban => standing?.Contains(ban.Subject) != false)], now);
        IsDue = !journal.IsOpen;
        return restored;
    }

    /// <summary>The journal can be read now: what it knows is taken up as at the start, beside what was decided meanwhile.</summary>
    /// <returns>How many bans came back.</returns>
    public async Task<int> TakeUpAsync(DateTimeOffset now, CancellationToken stop)
    {
        await FinishAsync(stop);
        var unknown = journal.ActiveBans(now, _observes).Where(ban => bans.Of(ban.Subject, now) is null).ToList();
        foreach (var ban in unknown.Where(ban => trusted.Falls(ban, now)))
        {
            // Never in the kernel: it ends at once.
            bans.Set(ban, outcome: null, now);
        }

        var standing = unknown.FindAll(ban => !trusted.Falls(ban, now));
        var outcomes = await firewall.ApplyAsync(standing, stop);
        for (var i = 0; i < standing.Count; i++)
        {
            bans.Set(standing[i], outcomes[i].Kind, now);
        }

        CutOff(standing, now);
        ledger.Clear();
        Remember(now);
        foreach (var (ban, _) in bans.At(now))
        {
            ledger.Restore(ban);
        }

        IsDue = !journal.IsOpen;
        return standing.Count;
    }

    /// <summary>A journal that was removed begins empty: after the next start its bans would be in the kernel and nobody would know why.</summary>
    /// <returns>How many bans were written again.</returns>
    public int WriteAgain(DateTimeOffset now)
    {
        var known = journal.ActiveBans(now, withObserved: true).Select(ban => ban.Subject).ToHashSet();
        var missing = bans.At(now).Where(entry => !known.Contains(entry.Ban.Subject)).ToList();
        if (missing.Count > 0)
        {
            var written = journal.Append(missing.ConvertAll<Decision>(entry => entry.Ban));
            journal.Append([.. written.Zip(missing, (ban, entry) => new Outcome(ban.Id, now, entry.Outcome ?? OutcomeKind.Enforced, "written again: the journal was begun anew"))]);
        }

        return missing.Count;
    }

    // An end that the kernel refused, or that the last process did not live to carry out: nobody else remembers it.
    private async Task FinishAsync(CancellationToken stop)
    {
        if (journal.Unfinished() is { Count: > 0 } unfinished)
        {
            journal.Append(await firewall.ApplyAsync(unfinished, stop));
        }
    }

    // Their last guesses may be read yet, or were told as a login that ends no ban. Of those that the last guard banned last: what the PBX had of the others it saw answered.
    private void CutOff(IReadOnlyCollection<Ban> active, DateTimeOffset now)
    {
        var newest = active.Select(static ban => ban.Time).DefaultIfEmpty().Max();
        var last = active.Where(ban => newest - ban.Time <= JustCutOff.Memory && !ban.Throttles && ban.Rule != Operator.Rule).OrderByDescending(static ban => ban.Id).Take(MostCutOff).ToList();
        var enforced = last.Count == 0 ? [] : journal.EnforcedFrom(last[^1].Id).ToDictionary(static outcome => outcome.DecisionId, static outcome => outcome.Time);
        foreach (var ban in last)
        {
            // If the last guard did not live to see that the kernel has it, the kernel has it by now.
            cutOff.Restore(ban, enforced.GetValueOrDefault(ban.Id, now), now);
        }

        // Of a ban that is over nothing comes back: its address may be an office's, whose phones have logged in since, which the journal does not tell.
        var told = journal.LateLoginsSince(now - LateLogins.Memory).ToLookup(static alert => alert.Subject);
        foreach (var ban in active.Where(ban => !ban.Throttles && told.Contains(ban.Subject)))
        {
            foreach (var login in told[ban.Subject].Where(login => login.Time.UtcTicks > ban.Time.UtcTicks - JustCutOff.Grain && login.Time < (ban.Until ?? DateTimeOffset.MaxValue)))
            {
                cutOff.Late.Add(ban.Subject, ban.Time.UtcTicks, login.Time.UtcTicks);
            }
        }
    }

    private void Remember(DateTimeOffset now)
    {
        foreach (var ban in journal.BansSince(now - settings.Remembered, _observes))
        {
            ledger.Remember(ban);
        }
    }
}
