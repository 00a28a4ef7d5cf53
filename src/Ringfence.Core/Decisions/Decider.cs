using Ringfence.Core.Configuration;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;

namespace Ringfence.Core.Decisions;

/// <summary>Suspicion in, decision out: ban, spare or alert, and why.</summary>
internal sealed class Decider(BanSettings settings, DetectionSettings detection, BanLedger ledger)
{
    private Unban? _displaced;

    /// <summary>Why an address or network is trusted, or null; replaced as trunks, contacts and names change.</summary>
    public Func<Network, string?> TrustOf { get; set; } = static _ => null;

    /// <summary>Logins of the last minute spare their address.</summary>
    public RecentLogins Logins { get; } = new();

    /// <summary>Bans refused since start because <see cref="BanSettings.MaxBans"/> were in force.</summary>
    public long Refused { get; private set; }

    /// <summary>The ban that was ended to make room for the last one decided, if it is not told yet.</summary>
    public Unban? TakeDisplaced()
    {
        var displaced = _displaced;
        _displaced = null;
        return displaced;
    }

    /// <returns>null if the subject is banned at that moment already: what came before the kernel had the ban.</returns>
    public Decision? Decide(Suspicion suspicion)
    {
        var subject = suspicion.Source.Subject;
        if (ledger.BannedUntil(subject, suspicion.Time) is not null)
        {
            return null;
        }

        if (TrustOf(subject) is { } trust)
        {
            return new Spare(0, suspicion.Time, subject, suspicion.Rule, suspicion.Reason, trust) { Evidence = suspicion.Evidence };
        }

        if (Logins.SparesAt(subject, suspicion.Time))
        {
            return new Spare(0, suspicion.Time, subject, suspicion.Rule, suspicion.Reason, "logged in with the right password a moment ago") { Evidence = suspicion.Evidence };
        }

        // UDP proves no address: what that may do to a stranger is the operator's choice.
        if (suspicion.Proof < Proof.Proven && settings.Unproven == UnprovenPolicy.Alert)
        {
            return new Alert(0, suspicion.Time, subject, suspicion.Rule, suspicion.Reason) { Evidence = suspicion.Evidence };
        }

        // Forged sources cost an attacker nothing: they may fill the room and no more. Who is proven takes the place of the one who is free next.
        if (ledger.IsFullAt(suspicion.Time))
        {
            if (suspicion.Proof < Proof.Proven || ledger.EndFirst(suspicion.Time) is not { } first)
            {
                Refused++;
                return new Alert(0, suspicion.Time, subject, suspicion.Rule, $"too many bans: {settings.MaxBans}; not banned: {suspicion.Reason}") { Evidence = suspicion.Evidence };
            }

            _displaced = new Unban(0, suspicion.Time, first, suspicion.Rule, $"too many bans: {settings.MaxBans}; made room for {subject}");
        }

        var withRepeatRule = !detection.DisabledRules.Contains(BanLedger.RepeatRule, StringComparer.OrdinalIgnoreCase);
        var (ordinal, duration, isRepeatOffender) = ledger.Next(subject, suspicion.Time, withRepeatRule);
        var ban = new Ban(
            0,
            suspicion.Time,
            subject,
            isRepeatOffender ? BanLedger.RepeatRule : suspicion.Rule,
            isRepeatOffender ? $"ban {ordinal} of a repeat offender: {suspicion.Reason}" : suspicion.Reason,
            suspicion.Time + duration,
            ordinal)
        {
            Evidence = suspicion.Evidence,
        };
        ledger.Add(ban);
        return ban;
    }

    /// <returns>When the address need not be looked at again.</returns>
    public QuietTime QuietTime(Suspicion suspicion)
    {
        var until = ledger.BannedUntil(suspicion.Source.Subject, suspicion.Time) ?? suspicion.Time + detection.Window;
        return new QuietTime(suspicion.Time.UtcTicks, suspicion.Time.UtcTicks - settings.LongestBan.Ticks, until.UtcTicks);
    }
}
