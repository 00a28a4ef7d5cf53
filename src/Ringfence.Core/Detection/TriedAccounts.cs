using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary>The accounts that somebody (an address, a network, a User-Agent) asked for over a day without logging in, the last try of each.</summary>
/// <param name="rings">Where it gets room for them.</param>
internal sealed class TriedAccounts(RefusalRings rings)
{
    // A phone answers a challenge before its transaction ends: timer F, 64 * T1 = 32 s (RFC 3261 section 17.1.2.2).
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(32);

    private Refusal[] _tried = [];
    private int _length;

    /// <summary>The last login with the right password; 0: none.</summary>
    public long LoginTicks { get; private set; }

    /// <param name="most">So many accounts are told apart.</param>
    /// <param name="window">Beyond it only what is older than this gives way: a challenge counts when it is old enough, and a scanner in a hurry would else push out
    /// each before that.</param>
    /// <returns>false: a challenge for an account that was asked for before, which says nothing new.</returns>
    public bool Add(in Refusal refusal, int most, TimeSpan window)
    {
        var oldest = 0;
        for (var i = 0; i < _length; i++)
        {
            ref var tried = ref _tried[i];
            if (tried.AccountHash == refusal.AccountHash)
            {
                // Both may tell of one try: the log that the account does not exist, the answer that a password is asked for. Of several challenges the first
                // counts: who asks again every half minute would else never be old enough.
                var isNews = refusal.Kind != EventKind.ChallengeSent || refusal.TimeTicks - tried.TimeTicks > window.Ticks;
                var isProvenBetter = refusal.Proof > tried.Proof;

                // An old proof is none of a new time: a forger would keep alive what somebody once mistyped.
                var isWorse = refusal.Proof < tried.Proof && Math.Abs(refusal.TimeTicks - tried.TimeTicks) <= window.Ticks;
                if ((isNews || isProvenBetter) && !isWorse)
                {
                    tried = refusal;
                }

                return isNews || isProvenBetter;
            }

            oldest = tried.TimeTicks < _tried[oldest].TimeTicks ? i : oldest;
        }

        if (_length < Math.Min(most, _tried.Length))
        {
            _tried[_length++] = refusal;
        }
        else if (_length < most)
        {
            // From one, as histories do: under a flood of forged sources most have one each. Whoever tries a second account tries more.
            Grow(Math.Min(most, Math.Max(1, 4 * _length)));
            _tried[_length++] = refusal;
        }
        else if (refusal.TimeTicks - _tried[oldest].TimeTicks > window.Ticks)
        {
            _tried[oldest] = refusal;
        }

        return true;
    }

    /// <summary>Whoever logs in is a user: what was tried before is forgotten, and for as long as a window nothing counts against him here.</summary>
    public void LogIn(long timeTicks)
    {
        LoginTicks = Math.Max(LoginTicks, timeTicks);
        Forget();
    }

    /// <summary>The challenge of that session was answered, which is no scan; a wrong answer is told as a refusal.</summary>
    public void Answer(uint session)
    {
        for (var i = 0; i < _length; i++)
        {
            if (_tried[i].SessionHash == session && _tried[i].Kind == EventKind.ChallengeSent)
            {
                _tried[i--] = _tried[--_length];
            }
        }
    }

    public void SetBack(ClockStep step)
    {
        LoginTicks = step.Corrected(LoginTicks);
        Forget();
    }

    public void Forget()
    {
        _length = 0;

        // A phone asks and logs in again and again: what it needs it keeps.
        if (_tried.Length > 1)
        {
            rings.Return(_tried);
            _tried = [];
        }
    }

    /// <returns>How many accounts were refused, or challenged without an answer, and no login in all that time.</returns>
    public int Count(long nowTicks, TimeSpan window, Proof least)
    {
        if (LoginTicks != 0 && nowTicks - LoginTicks <= window.Ticks)
        {
            return 0;
        }

        var count = 0;
        for (var i = 0; i < _length; i++)
        {
            count += Counts(_tried[i], nowTicks, window, least) ? 1 : 0;
        }

        return count;
    }

    /// <returns>How many of them were refused, and not only asked for a password: all phones of an office are after it lost its network.</returns>
    public Tally CountRefused(long nowTicks, TimeSpan window)
    {
        var count = default(Tally);
        for (var i = 0; i < _length; i++)
        {
            count = _tried[i].Kind != EventKind.ChallengeSent && Counts(_tried[i], nowTicks, window, Proof.Unproven) ? count.And(_tried[i].Proof) : count;
        }

        return count;
    }

    /// <summary>Adds those that <see cref="Count"/> counts, oldest first.</summary>
    /// <param name="counted">Empty.</param>
    public void Counted(long nowTicks, TimeSpan window, Proof least, List<Refusal> counted)
    {
        for (var i = 0; i < _length; i++)
        {
            if (Counts(_tried[i], nowTicks, window, least))
            {
                var at = counted.Count;
                while (at > 0 && counted[at - 1].TimeTicks > _tried[i].TimeTicks)
                {
                    at--;
                }

                counted.Insert(at, _tried[i]);
            }
        }
    }

    private void Grow(int length)
    {
        var tried = rings.Rent(length);
        _tried.AsSpan(0, _length).CopyTo(tried);
        rings.Return(_tried);
        _tried = tried;
    }

    private static bool Counts(in Refusal tried, long nowTicks, TimeSpan window, Proof least) =>
        tried.Proof >= least && Math.Abs(nowTicks - tried.TimeTicks) <= window.Ticks && (tried.Kind != EventKind.ChallengeSent || nowTicks - tried.TimeTicks > Patience.Ticks);
}
