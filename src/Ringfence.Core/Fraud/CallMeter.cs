namespace Ringfence.Core.Fraud;

/// <summary>What one limit counts for one key. It is told of each call that the limit looks at, in order of time.</summary>
internal abstract class CallMeter
{
    /// <summary>What <see cref="Figure"/> would be if this call left now; of money without what the call itself will cost.</summary>
    public virtual long Asked(in CallAttempt attempt, long at) => Figure(at);

    /// <summary>The same, of a call whose number the channel tried just before, over another trunk.</summary>
    public virtual long AskedAgain(in CallAttempt attempt, long at) => Asked(attempt, at);

    /// <summary>How long the call may last until the figure comes to that much; null: as long as it likes.</summary>
    /// <returns>Milliseconds from its answer, if that is now.</returns>
    public virtual long? Lasts(in CallAttempt attempt, long figure, long at) => null;

    /// <summary>The call was let out, or sent to the other side without anybody asking.</summary>
    public virtual void Begin(LiveCall call, long at)
    {
    }

    public virtual void Answer(LiveCall call, long at)
    {
    }

    /// <summary>It ended; <see cref="LiveCall.AnsweredAt"/> is 0 where nobody answered.</summary>
    public virtual void End(LiveCall call, long at)
    {
    }

    /// <summary>It began, was answered and ended before anybody told of it: it counts where it was, by <see cref="LiveCall.Since"/>, <see cref="LiveCall.AnsweredAt"/> and <see cref="LiveCall.EndedAt"/>.</summary>
    /// <param name="at">Now, when it is told.</param>
    public virtual void Past(LiveCall call, long at)
    {
        Begin(call, call.Since);
        if (call.AnsweredAt > 0)
        {
            Answer(call, call.AnsweredAt);
        }

        End(call, call.EndedAt);
    }

    /// <summary>A call that goes on turned out to be this key's: it counts from its beginning on.</summary>
    public virtual void Take(LiveCall call, long at)
    {
        Begin(call, call.Since);
        if (call.AnsweredAt > 0)
        {
            Answer(call, call.AnsweredAt);
        }
    }

    /// <summary>It is another's: what was counted of it is taken back.</summary>
    public virtual void TakeBack(LiveCall call, long at) => End(call, at);

    /// <summary>The clock was set, and no time has passed: its calls have moved with it.</summary>
    public virtual void SetClock(long before, long at)
    {
    }

    /// <summary>Something else happened, at the key's extension or, of the site's key, at any: what the rule listens to.</summary>
    public virtual void See(SiteEvent seen)
    {
    }

    /// <returns>Millionths, calls or milliseconds, as the rule's <see cref="CallRule.Unit"/> says.</returns>
    public abstract long Figure(long at);

    /// <returns>When the figure comes to that much by time alone (money and seconds of calls that go on), no later than it can; null: never.</returns>
    public virtual long? Crossing(long figure, long at) => null;

    /// <summary>The call that the figure is about, where it is about one; null: the last one.</summary>
    public virtual LiveCall? Blamed => null;

    /// <summary>Whether a call that has begun is one of those that it counts.</summary>
    public virtual bool Counts(LiveCall call) => true;

    /// <summary>The earliest check that is planned for it; 0: none.</summary>
    public long CheckAt { get; set; }

    /// <summary>What was told so far of the excess that goes on.</summary>
    public AlarmLevel ToldLevel { get; set; }

    /// <summary>When it was told last that the critical level is reached; far back where it never was.</summary>
    public long ToldAt { get; set; } = long.MinValue / 2;

    /// <summary>The same, of the warning level.</summary>
    public long WarnedAt { get; set; } = long.MinValue / 2;

    /// <summary>So much of the figure was found right by the operator, who lifted a stop: it falls with the figure, and never rises.</summary>
    public long Excused { get; private set; }

    /// <summary>So much is found right, and what is reached from now on is told at once.</summary>
    public void Excuse(long much)
    {
        (Excused, ToldLevel) = (much, AlarmLevel.None);
        ToldAt = WarnedAt = long.MinValue / 2;
    }

    /// <summary>So much of the figure is excused by now.</summary>
    public long ExcusedAt(long at) => Excused == 0 ? 0 : Excused = Math.Min(Excused, Figure(at));

    /// <summary>What was usual on days before; null: nothing yet, or the limit grows by nothing.</summary>
    public UsualPeak? Usual { get; set; }
}
