using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary>One refusal, as little of it as the rules and the evidence need: 48 bytes.</summary>
internal record struct Refusal(
    long TimeTicks, long Line, long TextAt, uint AccountHash, uint SessionHash, ushort Port, ushort TextLength, ushort Log, EventKind Kind, Origin Origin, Proof Proof)
{
    /// <summary>The tellers of this refusal, a bit each; see <see cref="Tellers"/>.</summary>
    public ushort ToldBy { get; set; }

    /// <summary>The tellers that told its repetition with credentials.</summary>
    public ushort RepeatedBy { get; set; }

    /// <summary>The tellers that also told its second half, "Failed to authenticate" behind "No matching endpoint found".</summary>
    public ushort AnsweredBy { get; set; }

    /// <summary>The door that told it, by <see cref="Detector.AddLog"/>; 0: the PBX.</summary>
    public ushort Door { get; init; }

    /// <summary>Somebody logged in from there since, as another account: it counts for <see cref="Rules.GuessingBetweenLogins"/> alone.</summary>
    public bool IsForgiven { get; set; }
}

/// <summary>What one address (or IPv6 /64) did lately: its newest refusals, oldest first, bounded.</summary>
/// <param name="rings">Where it gets room for them.</param>
internal sealed class AddressHistory(Address key, RefusalRings rings) : Remembered<Address>(key)
{
    private Refusal[] _ring = [];
    private int _start;

    public int Length { get; private set; }

    /// <summary>When it is not looked at: it is banned, or spared and told.</summary>
    public QuietTime Quiet { get; set; }

    /// <summary>The last login with the right password; 0: none.</summary>
    public long LoginTicks { get; private set; }

    /// <summary>What it tried over a day; null: nothing.</summary>
    public TriedAccounts? Tried { get; private set; }

    public ref readonly Refusal this[int index] => ref At(index);

    /// <summary>Whether one of the refusals was seen in the messages, and proves the address.</summary>
    public bool HasProvenMessages
    {
        get
        {
            for (var i = 0; i < Length; i++)
            {
                if (this[i] is { Origin: Origin.Sip, Proof: Proof.Proven })
                {
                    return true;
                }
            }

            return false;
        }
    }

    public void Add(in Refusal refusal, int capacity)
    {
        if (Length == _ring.Length || Length >= capacity)
        {
            if (Length >= capacity)
            {
                _start = (_start + 1) % _ring.Length;
                Length--;
            }
            else
            {
                // From one: under a flood of forged sources most addresses have one refusal each.
                Grow(Math.Min(capacity, Math.Max(1, Length * 2)));
            }
        }

        _ring[(_start + Length) % _ring.Length] = refusal;
        Length++;
    }

    /// <summary>Challenges without an answer, lately, but for those of OPTIONS.</summary>
    public Challenges Unanswered { get; private set; }

    /// <summary>The same of OPTIONS, which other PBXs send as a sign of life and do not mean to answer for.</summary>
    public Challenges UnansweredOptions { get; private set; }

    /// <summary>When it was told that somebody guesses there between logins; 0: never.</summary>
    public long ToldTicks { get; set; }

    /// <summary>The PBX asked for a password.</summary>
    /// <param name="window">After so long the count begins anew.</param>
    public void Challenge(long timeTicks, Proof proof, TimeSpan window) => Unanswered = Unanswered.And(timeTicks, proof, window);

    /// <summary>It did so for an OPTIONS.</summary>
    public void ChallengeOptions(long timeTicks, Proof proof, TimeSpan window) => UnansweredOptions = UnansweredOptions.And(timeTicks, proof, window);

    /// <summary>The challenge of that session was answered: a call or a login like any other.</summary>
    /// <param name="isOptions">It was of an OPTIONS: what that answers is none of the others.</param>
    public void Answer(uint session, bool isOptions)
    {
        if (isOptions)
        {
            UnansweredOptions = UnansweredOptions.Less();
        }
        else
        {
            Unanswered = Unanswered.Less();
        }

        Tried?.Answer(session);
        Keep(refusal => refusal.Kind != EventKind.ChallengeSent || refusal.SessionHash != session);
    }

    /// <returns>false: it says nothing new.</returns>
    public bool Try(in Refusal refusal, int most, TimeSpan window) => (Tried ??= new TriedAccounts(rings)).Add(refusal, most, window);

    /// <summary>Forgets what is proven so well or less: it has been judged.</summary>
    public void Forget(Proof judged)
    {
        Keep(refusal => refusal.Proof > judged);
        Tried?.Forget();
        (Unanswered, UnansweredOptions) = (default, default);
    }

    /// <summary>A login with the right password: what came before it counts no more, also if a second log tells it only later.</summary>
    /// <param name="account">Whose; what others were refused is kept, forgiven.</param>
    /// <param name="origin">Who told it: logs and messages may have two names for one account.</param>
    public void LogIn(long timeTicks, uint account, Origin origin)
    {
        LoginTicks = Math.Max(LoginTicks, timeTicks);
        if (Length > 0)
        {
            Forgive(timeTicks, account, origin);
        }

        (Unanswered, UnansweredOptions) = (default, default);
        (Tried ??= new TriedAccounts(rings)).LogIn(timeTicks);
    }

    /// <summary>The clock was set back. What was counted by the clock of before is dropped: it would come into the window a second time.</summary>
    public void SetBack(ClockStep step)
    {
        Quiet = Quiet.After(step);
        LoginTicks = step.Corrected(LoginTicks);
        ToldTicks = step.Corrected(ToldTicks);
        Tried?.SetBack(step);
        Keep(refusal => !step.IsOld(refusal.TimeTicks));
    }

    /// <summary>Whether another log, or the same one written anew, has told the attempt already; the teller is remembered then.</summary>
    public bool IsRetold(in Refusal told)
    {
        for (var i = Length - 1; i >= 0; i--)
        {
            ref var refusal = ref At(i);
            if (refusal.TimeTicks == told.TimeTicks && refusal.SessionHash == told.SessionHash && refusal.AccountHash == told.AccountHash
                && refusal.Port == told.Port && refusal.Kind == told.Kind && refusal.Origin == told.Origin && (refusal.ToldBy & told.ToldBy) == 0)
            {
                refusal.ToldBy |= told.ToldBy;
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the wrong answer belongs to an unknown account's request of the same session, told by the same teller; each request has one answer.</summary>
    public bool IsSecondHalf(in Refusal answer)
    {
        for (var i = Length - 1; i >= 0; i--)
        {
            ref var refusal = ref At(i);
            if (refusal.Kind == EventKind.AccountUnknown && refusal.Origin == Origin.Notice && refusal.SessionHash == answer.SessionHash
                && refusal.AccountHash == answer.AccountHash && (refusal.ToldBy & answer.ToldBy) != 0 && (refusal.AnsweredBy & answer.ToldBy) == 0)
            {
                refusal.AnsweredBy |= answer.ToldBy;
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether it is the second request of a login that was refused once already: the first one without credentials, the second one with.</summary>
    /// <remarks>
    /// Asterisk tells an unknown account, and an address that its access list does not let in, for each of the two. One for one, within the
    /// time in which a challenge is answered.
    /// </remarks>
    public bool IsSecondRequest(in Refusal second)
    {
        for (var i = Length - 1; i >= 0; i--)
        {
            ref var first = ref At(i);
            if (first.Kind == second.Kind && first.Origin == second.Origin && first.SessionHash == second.SessionHash && first.AccountHash == second.AccountHash
                && first.Port == second.Port && (first.ToldBy & second.ToldBy) != 0 && (first.RepeatedBy & second.ToldBy) == 0
                && Math.Abs(second.TimeTicks - first.TimeTicks) <= TriedAccounts.Patience.Ticks)
            {
                first.RepeatedBy |= second.ToldBy;
                return true;
            }
        }

        return false;
    }

    private static bool IsOfAnAccount(in Refusal refusal) => refusal is { Door: 0, Kind: EventKind.PasswordRefused or EventKind.AccountUnknown };

    // By itself: what a lambda needs is made at the beginning of its method, and most who log in have no refusals.
    private void Forgive(long timeTicks, uint account, Origin origin)
    {
        for (var i = 0; i < Length; i++)
        {
            ref var refusal = ref At(i);
            var isSameName = refusal.Origin == origin && refusal.AccountHash == account;
            refusal.IsForgiven = !isSameName && (refusal.IsForgiven || (refusal.TimeTicks <= timeTicks && refusal.Origin == origin && IsOfAnAccount(refusal)));
        }

        // To be registered as somebody else one logs in first: as often as one tries.
        Keep(refusal => refusal.TimeTicks > timeTicks || refusal.IsForgiven || refusal.Kind == EventKind.NumberRefused);
    }

    private void Keep(Predicate<Refusal> isKept)
    {
        var kept = 0;
        for (var i = 0; i < Length; i++)
        {
            if (isKept(At(i)))
            {
                At(kept++) = At(i);
            }
        }

        Length = kept;
        if (kept == 0)
        {
            // Most who were judged do not come back soon: 20,000 of them held 8 MB (bench: replay).
            rings.Return(_ring);
            _ring = [];
            _start = 0;
        }
    }

    private ref Refusal At(int index) => ref _ring[_start + index < _ring.Length ? _start + index : _start + index - _ring.Length];

    private void Grow(int size)
    {
        var ring = rings.Rent(size);
        for (var i = 0; i < Length; i++)
        {
            ring[i] = this[i];
        }

        rings.Return(_ring);
        _ring = ring;
        _start = 0;
    }
}

/// <summary>Challenges that were not answered: so many since then.</summary>
/// <param name="Proven">Those of them that prove who asked.</param>
internal readonly record struct Challenges(long SinceTicks, int Count, int Proven)
{
    /// <summary>One more.</summary>
    /// <param name="window">After so long the count begins anew.</param>
    public Challenges And(long timeTicks, Proof proof, TimeSpan window)
    {
        var one = proof == Proof.Proven ? 1 : 0;
        return Math.Abs(timeTicks - SinceTicks) > window.Ticks ? new(timeTicks, 1, one) : this with { Count = Count + 1, Proven = Proven + one };
    }

    /// <summary>One was answered.</summary>
    public Challenges Less() => this with { Count = Math.Max(0, Count - 1), Proven = Math.Max(0, Proven - 1) };
}
