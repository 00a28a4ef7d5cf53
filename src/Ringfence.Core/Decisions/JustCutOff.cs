using Ringfence.Core.Detection;
using Ringfence.Core.Events;

namespace Ringfence.Core.Decisions;

/// <summary>Whom the kernel cuts off, and whose guesses the PBX had before that.</summary>
/// <remarks>
/// Of 3,000 guesses sent at once over one connection Asterisk 22 works off some 2,000 after the ban, and 90 datagrams are answered within the milliseconds that it takes
/// (bench/duel: register-pipelined, register-burst). A login among them is the guesser's own: it neither ends his ban nor makes him a phone.
/// </remarks>
internal sealed class JustCutOff
{
    /// <summary>A connection's buffer of 6 MB holds some 10,000 guesses, of which Asterisk works off 1,000 a second.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    /// <summary>So soon behind wrong passwords for the same account nobody types the right one.</summary>
    public static readonly TimeSpan Burst = TimeSpan.FromSeconds(1);

    /// <summary>So soon behind the last guess the kernel has the ban, however busy the machine is. A guard that is behind (it was stopped, or reads what was written while it was
    /// down) has it later, and meanwhile others behind the same address logged in as ever.</summary>
    public static readonly TimeSpan Reaction = TimeSpan.FromMilliseconds(250);

    /// <summary>A log cuts to milliseconds what HEP tells in microseconds.</summary>
    public const long Grain = TimeSpan.TicksPerMillisecond;

    private const int Most = 16_384;

    private readonly Dictionary<Network, Cut> _cuts = [];
    private readonly Dictionary<Network, Guessing> _suspected = [];
    private long _tidiedTicks;

    /// <summary>Whose right password was among his guesses.</summary>
    public LateLogins Late { get; } = new();

    /// <summary>Somebody is to be banned or throttled, or waits for it.</summary>
    public void Suspect(Suspicion suspicion)
    {
        MakeRoom(suspicion.Time.UtcTicks);
        if (_suspected.Count < Most)
        {
            _suspected[suspicion.Source.Subject] = new Guessing(suspicion.Time.UtcTicks, suspicion.Guessed);
        }
    }

    /// <summary>Somebody is throttled: an earlier ban of his is over, and those who log in now end the throttle.</summary>
    public void Throttle(Suspicion suspicion)
    {
        _cuts.Remove(suspicion.Source.Subject);
        Suspect(suspicion);
    }

    /// <summary>A ban was decided: what the PBX answers from now on it had before the kernel has it.</summary>
    /// <param name="at">The last of what it stands on.</param>
    public void Add(Network subject, DateTimeOffset at)
    {
        MakeRoom(at.UtcTicks);
        if (_cuts.Count < Most)
        {
            _cuts[subject] = new Cut(at.UtcTicks, 0);
        }
    }

    /// <summary>The kernel has the ban.</summary>
    /// <param name="at">By the machine's clock.</param>
    public void Enforced(Network subject, DateTimeOffset at)
    {
        if (_cuts.TryGetValue(subject, out var cut))
        {
            _cuts[subject] = cut with { EnforcedTicks = at.UtcTicks };
        }
    }

    /// <summary>Whether such a login is one of the guesses for which its sender is cut off: answered after the ban, or within the same second and for the same account.</summary>
    public bool Holds(in PbxEvent login)
    {
        var subject = login.Source.Subject;
        var isCut = _cuts.TryGetValue(subject, out var cut);
        var isLate = (isCut && cut.Holds(login.TimeTicks)) || IsOfBurst(login, subject, isCut ? cut.EnforcedTicks : 1);
        if (isLate)
        {
            Late.Add(subject, isCut ? cut.DecidedTicks : login.TimeTicks, login.TimeTicks);
        }

        return isLate;
    }

    /// <summary>A guard of before cut him off.</summary>
    /// <param name="enforced">Since when the kernel has the ban.</param>
    public void Restore(Ban ban, DateTimeOffset enforced, DateTimeOffset now)
    {
        Add(ban.Subject, ban.Time);
        Enforced(ban.Subject, enforced);
        if (now - enforced <= Memory)
        {
            // That guard did not live to see all that the PBX had of him.
            Late.Presume(ban);
        }
    }

    /// <summary>The ban is over before its time.</summary>
    public void End(Network subject)
    {
        _cuts.Remove(subject);
        _suspected.Remove(subject);
        Late.EndBan(subject);
    }

    /// <summary>The same, and nothing speaks against him any more; or nobody carries the ban out.</summary>
    public void Remove(Network subject)
    {
        End(subject);
        Late.Remove(subject);
    }

    // At most once a second: a flood with more bans than there is room for would else walk through all of them for each.
    private void MakeRoom(long nowTicks)
    {
        if ((_cuts.Count < Most && _suspected.Count < Most) || Math.Abs(nowTicks - _tidiedTicks) < TimeSpan.TicksPerSecond)
        {
            return;
        }

        _tidiedTicks = nowTicks;
        foreach (var old in _suspected.Where(entry => Math.Abs(nowTicks - entry.Value.Ticks) > Memory.Ticks).Select(entry => entry.Key).ToList())
        {
            _suspected.Remove(old);
        }

        foreach (var old in _cuts.Where(entry => Math.Abs(nowTicks - entry.Value.LastTicks) > Memory.Ticks).Select(entry => entry.Key).ToList())
        {
            _cuts.Remove(old);
            _suspected.Remove(old);
        }
    }

    // Until the kernel has the ban, however long that takes: neighbours behind his address have accounts of their own.
    private bool IsOfBurst(in PbxEvent login, Network subject, long enforcedTicks)
    {
        if (!_suspected.TryGetValue(subject, out var guessing) || login.TimeTicks < guessing.Ticks - Grain)
        {
            return false;
        }

        var last = enforcedTicks == 0 ? guessing.Ticks + Memory.Ticks : Math.Max(enforcedTicks, guessing.Ticks + Burst.Ticks);
        return login.TimeTicks <= last && guessing.Accounts.Contains(Detector.Hash(login.Account));
    }

    /// <param name="Accounts">Hashes of the names whose passwords were wrong; no text of it, for a flood makes as many as there is room for.</param>
    private readonly record struct Guessing(long Ticks, IReadOnlyList<uint> Accounts);

    /// <param name="DecidedTicks">The last of what the ban stands on.</param>
    /// <param name="EnforcedTicks">0: not yet.</param>
    private readonly record struct Cut(long DecidedTicks, long EnforcedTicks)
    {
        public long LastTicks => Math.Max(DecidedTicks, EnforcedTicks);

        public bool Holds(long ticks) =>
            (ticks > DecidedTicks - Grain && ticks - DecidedTicks <= Reaction.Ticks) || (EnforcedTicks != 0 && ticks > EnforcedTicks && ticks - EnforcedTicks <= Memory.Ticks);
    }
}
