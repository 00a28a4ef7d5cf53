using Ringfence.Core.Configuration;
using Ringfence.Core.Detection;
using Ringfence.Core.Detection.Rules;
using Ringfence.Core.Events;

namespace Ringfence.Core.Decisions;

/// <summary>Suspicion in, decision out: ban, spare or alert, and why.</summary>
internal sealed class Decider(BanSettings settings, DetectionSettings detection, BanLedger ledger)
{
    /// <summary>Why an address or network is trusted, or null; replaced as trunks, contacts and names change.</summary>
    public Func<Network, string?> TrustOf { get; set; } = static _ => null;

    /// <summary>The same without what a login alone makes trusted.</summary>
    public Func<Network, string?> FirmTrustOf { get; set; } = static _ => null;

    /// <summary>Whether the kernel can throttle: it limits SIP over UDP.</summary>
    public bool CanThrottle { get; set; } = true;

    /// <summary>Whether unproven evidence that comes with its messages throttles; where the kernel can't it is told alone.</summary>
    public bool Throttles => settings.Unproven == UnprovenPolicy.Throttle;

    /// <summary>So long a login spares its address: longer than the guard takes to learn of the contact, and what FreePBX's firewall grants.</summary>
    public static readonly TimeSpan LoginGrace = TimeSpan.FromSeconds(90);

    /// <summary>So long a login keeps its address from being throttled, and out of the kernel's limits: phones register again within the hour; most do within minutes.</summary>
    public static readonly TimeSpan ThrottleGrace = TimeSpan.FromHours(1);

    // A flood of forged scanners would be a decision, and a row in the journal, for each packet: beyond this the kernel's limits are enough.
    private const int MostWeakASecond = 50;

    private const string ProvenSince = "it was throttled, and has proven its address since";

    private readonly RecentLogins _logins = new(ThrottleGrace);
    private long _weakSecond;
    private int _weak;
    private readonly Neighbours _neighbours = new(settings);

    /// <summary>Bans refused since start because <see cref="BanSettings.MaxBans"/> were in force.</summary>
    public long Refused { get; private set; }

    /// <summary>The clock of the PBX was set back.</summary>
    public void SetBack(ClockStep step)
    {
        ledger.SetBack(step);
        _logins.SetBack(step);
        _neighbours.SetBack(step);
    }

    /// <summary>Somebody logged in with the right password.</summary>
    public void LogIn(Address source, long timeTicks)
    {
        _logins.Add(source.Subject, timeTicks);
        _neighbours.LogIn(source, timeTicks);
    }

    /// <summary>Whether the source is banned at that time, by itself, and not throttled alone.</summary>
    public bool Bans(Address source, DateTimeOffset time) => source.Subject is var subject && ledger.BannedUntil(subject, time) is not null && !ledger.Throttles(subject);

    /// <returns>The end of what throttles whoever logged in now: it is for those who can't. null: nothing does.</returns>
    public Unban? Free(Address source, DateTimeOffset time)
    {
        var subject = source.Subject;
        if (!ledger.Throttles(subject) || ledger.BannedUntil(subject, time) is null)
        {
            return null;
        }

        // What was proven before counts on.
        ledger.End(subject, time);
        return new Unban(0, time, subject, TrustList.Rule, "logged in with the right password") { Forgives = false };
    }

    public Verdict Decide(Suspicion suspicion)
    {
        var subject = suspicion.Source.Subject;
        if (ledger.BannedUntil(subject, suspicion.Time) is { } bannedUntil && !(suspicion.Proof == Proof.Proven && ledger.Throttles(subject)))
        {
            var quiet = Quiet(suspicion, bannedUntil) with { Judged = ledger.Throttles(subject) ? suspicion.Proof : Proof.Proven };

            // Whose password is known to others must hear of it, wherever they are now.
            return new Verdict(
                suspicion.Rule == StolenCredentials.Rule.Id ? new Alert(0, suspicion.Time, subject, suspicion.Rule, suspicion.Reason) { Evidence = suspicion.Evidence } : null, quiet);
        }

        if (suspicion.TellOnly || (suspicion.Rule == StolenCredentials.Rule.Id && detection.Stolen != StolenPolicy.Ban))
        {
            // Whoever has one account may go for the next one: he is looked at as before.
            return new Verdict(new Alert(0, suspicion.Time, subject, suspicion.Rule, suspicion.Reason) { Evidence = suspicion.Evidence }, null);
        }

        // A thief's registration would spare him.
        var isLogin = suspicion.Rule == StolenCredentials.Rule.Id;
        if ((isLogin ? FirmTrustOf(subject) : TrustOf(subject)) is { } trust)
        {
            return Spared(suspicion, trust, suspicion.Time + detection.Window);
        }

        if (!isLogin && _logins.SparedUntil(subject, suspicion.Time, LoginGrace) is { } sparedUntil)
        {
            return Spared(suspicion, "logged in with the right password a moment ago", sparedUntil);
        }

        // UDP proves no address: what that may do to a stranger is the operator's choice.
        var isProven = suspicion.Proof == Proof.Proven;
        if (!isProven && settings.Unproven == UnprovenPolicy.Alert)
        {
            return Told(suspicion, suspicion.Reason);
        }

        var throttles = !isProven && suspicion.MayThrottle && Throttles;
        if (throttles && _logins.SparedUntil(subject, suspicion.Time) is { } loggedInUntil)
        {
            return Spared(suspicion, "logged in with the right password within the hour", loggedInUntil) with
            {
                Quiet = Quiet(suspicion, loggedInUntil) with { Judged = suspicion.Proof },
            };
        }

        if (suspicion.ThrottleOnly && !(throttles && CanThrottle && subject.IsHost && HasBudget(suspicion.Time)))
        {
            return default;
        }

        // He who logs in proves his address, wherever messages are seen: who has not yet may be anybody in whose name somebody writes.
        if (throttles && !(CanThrottle && subject.IsHost))
        {
            return Told(suspicion, suspicion.Reason);
        }

        // Behind NAT64 and Teredo each IPv4 address is a host of its own: one sender can forge them all.
        if (!isProven && !subject.IsHost && ledger.IsFullOfIntervalsAt(suspicion.Time))
        {
            return Told(suspicion, $"too many bans of translated IPv4 addresses: {BanRoom.MostIntervals}; not banned: {suspicion.Reason}");
        }

        // Forged sources cost an attacker nothing: their bans make room for each other and for those that count, never the other way round.
        var counts = isProven || settings.Unproven == UnprovenPolicy.Ban;
        Unban? displaced = null;
        if (ledger.IsFullAt(suspicion.Time))
        {
            if (ledger.EndFirst(suspicion.Time, mayCount: isProven) is not { } first)
            {
                Refused++;
                return Told(suspicion, $"too many bans: {settings.MaxBans}; not banned: {suspicion.Reason}");
            }

            displaced = new Unban(0, suspicion.Time, first, suspicion.Rule, $"too many bans: {settings.MaxBans}; made room for {subject}");
        }

        // Beside the throttle of a moment ago it would look like the same said twice.
        var proves = isProven && ledger.Throttles(subject) && ledger.BannedUntil(subject, suspicion.Time) is not null;
        var ban = counts ? Counting(proves ? suspicion with { Reason = $"{suspicion.Reason}; {ProvenSince}" } : suspicion) : Short(suspicion) with { Throttles = throttles };
        ledger.Add(ban);
        return new Verdict(
            ban,
            Quiet(suspicion, ban.Until!.Value) with { Judged = throttles ? suspicion.Proof : Proof.Proven },
            displaced,
            isProven ? BanOfNeighbourhood(suspicion, ban) : null);
    }

    private bool HasBudget(DateTimeOffset time)
    {
        var second = time.UtcTicks / TimeSpan.TicksPerSecond;
        _weak = second == _weakSecond ? _weak + 1 : 1;
        _weakSecond = second;
        return _weak <= MostWeakASecond;
    }

    // Proven bans alone: three forged packets must not cost a network.
    private Ban? BanOfNeighbourhood(Suspicion suspicion, Ban ban)
    {
        if (detection.DisabledRules.Contains(NeighbourBans.Rule.Id, StringComparer.OrdinalIgnoreCase)
            || _neighbours.Add(suspicion.Source, suspicion.Time) is not { } network || ledger.BannedUntil(network, suspicion.Time) is not null
            || TrustOf(network) is not null || ledger.IsFullAt(suspicion.Time) || ledger.IsFullOfIntervalsAt(suspicion.Time))
        {
            return null;
        }

        var (ordinal, duration, _) = ledger.Next(network, suspicion.Time, withRepeatRule: false);
        var wider = new Ban(
            0, suspicion.Time, network, NeighbourBans.Rule.Id, $"{settings.Neighbours} banned {Neighbours.Counted(network)} of {network} in a day, the last {ban.Subject}: {ban.Reason}", suspicion.Time + duration, ordinal)
        {
            Evidence = [.. ban.Evidence.Select(evidence => evidence with { Source = ban.Subject })],
        };
        ledger.Add(wider);
        return wider;
    }

    private Ban Counting(Suspicion suspicion)
    {
        var withRepeatRule = !detection.DisabledRules.Contains(BanLedger.RepeatRule, StringComparer.OrdinalIgnoreCase);
        var (ordinal, duration, isRepeatOffender) = ledger.Next(suspicion.Source.Subject, suspicion.Time, withRepeatRule);
        return new Ban(
            0,
            suspicion.Time,
            suspicion.Source.Subject,
            isRepeatOffender ? BanLedger.RepeatRule : suspicion.Rule,
            isRepeatOffender ? $"ban {ordinal} of a repeat offender: {suspicion.Reason}" : suspicion.Reason,
            suspicion.Time + duration,
            ordinal)
        {
            Evidence = suspicion.Evidence,
        };
    }

    // A few forged packets an hour would else have an innocent address banned for a week.
    private Ban Short(Suspicion suspicion) =>
        new(0, suspicion.Time, suspicion.Source.Subject, suspicion.Rule, suspicion.Reason, suspicion.Time + ledger.Short(suspicion.Source.Subject, suspicion.Time), 0) { Evidence = suspicion.Evidence };

    private Verdict Spared(Suspicion suspicion, string trust, DateTimeOffset until) =>
        new(new Spare(0, suspicion.Time, suspicion.Source.Subject, suspicion.Rule, suspicion.Reason, trust) { Evidence = suspicion.Evidence }, Quiet(suspicion, until));

    // What is proven better must not be hidden by it.
    private Verdict Told(Suspicion suspicion, string reason) =>
        new(
            new Alert(0, suspicion.Time, suspicion.Source.Subject, suspicion.Rule, reason) { Evidence = suspicion.Evidence },
            Quiet(suspicion, suspicion.Time + detection.Window) with { Judged = suspicion.Proof });

    private QuietTime Quiet(Suspicion suspicion, DateTimeOffset until) =>
        new(suspicion.Time.UtcTicks, suspicion.Time.UtcTicks - settings.LongestBan.Ticks, until.UtcTicks, Proof.Proven);
}
