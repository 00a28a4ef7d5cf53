using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary>The accounts that somebody (an address, a network, a User-Agent) asked for over a day without logging in, the last try of each.</summary>
internal sealed class TriedAccounts
{
    // A phone answers a challenge before its transaction ends: timer F, 64 * T1 = 32 s (RFC 3261 section 17.1.2.2).
    private static readonly long Patience = 32 * TimeSpan.TicksPerSecond;

    private Refusal[] _tried = [];
    private int _length;
    private int _oldest;

    /// <summary>The last login with the right password; 0: none.</summary>
    public long LoginTicks { get; private set; }

    /// <param name="most">So many accounts are told apart; beyond it the oldest is forgotten.</param>
    public void Add(in Refusal refusal, int most)
    {
        for (var i = 0; i < _length; i++)
        {
            ref var tried = ref _tried[i];
            if (tried.AccountHash == refusal.AccountHash)
            {
                // Both may tell of one try: the log that the account does not exist, the answer that a password is asked for.
                var isRefused = refusal.Kind != EventKind.ChallengeSent || tried.Kind == EventKind.ChallengeSent;
                tried = isRefused ? refusal with { Proof = refusal.Proof > tried.Proof ? refusal.Proof : tried.Proof } : tried;
                return;
            }
        }

        if (_length < _tried.Length)
        {
            _tried[_length++] = refusal;
        }
        else if (_length < most)
        {
            Array.Resize(ref _tried, Math.Min(most, Math.Max(1, 2 * _length)));
            _tried[_length++] = refusal;
        }
        else
        {
            _tried[_oldest] = refusal;
            _oldest = (_oldest + 1) % _length;
        }
    }

    /// <summary>Whoever logs in is a user: what was tried before is forgotten, and for as long as a window nothing counts against him here.</summary>
    public void LogIn(long timeTicks)
    {
        LoginTicks = Math.Max(LoginTicks, timeTicks);
        Forget();
    }

    public void SetBack(ClockStep step)
    {
        LoginTicks = step.Corrected(LoginTicks);
        Forget();
    }

    public void Forget()
    {
        _tried = [];
        _length = 0;
        _oldest = 0;
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

    /// <returns>Those that <see cref="Count"/> counts, oldest first.</returns>
    public IEnumerable<Refusal> Counted(long nowTicks, TimeSpan window, Proof least) =>
        _tried.Take(_length).Where(tried => Counts(tried, nowTicks, window, least)).OrderBy(tried => tried.TimeTicks);

    private static bool Counts(in Refusal tried, long nowTicks, TimeSpan window, Proof least) =>
        tried.Proof >= least && Math.Abs(nowTicks - tried.TimeTicks) <= window.Ticks && (tried.Kind != EventKind.ChallengeSent || nowTicks - tried.TimeTicks > Patience);
}
