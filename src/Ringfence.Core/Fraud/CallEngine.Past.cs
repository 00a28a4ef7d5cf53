namespace Ringfence.Core.Fraud;

/// <summary>Calls of which records tell when they are over: they count at the times at which they were, as far as a limit looks back, and are held against the limits now.</summary>
internal sealed partial class CallEngine
{
    /// <param name="now">When it is told: not before its end.</param>
    /// <param name="isBegun">A gate let it out: that it left has counted, what it cost has not.</param>
    public void Tell(in PastCall past, long now, bool isBegun)
    {
        var at = Come(now);
        if (past.Attempt.Dialled.Kind is Numbers.DialledKind.Emergency or Numbers.DialledKind.Internal)
        {
            return;
        }

        var end = Math.Min(past.Attempt.At + past.Ring + past.Talk, at);
        var begin = Math.Clamp(past.Attempt.At, 0, end);
        var tries = _tried.Take(past.Id, past.Attempt.Dialled, begin);
        var call = new LiveCall(past.Id, past.Attempt, begin) { EndedAt = end, IsCounted = true, Tries = isBegun ? Math.Max(1, tries) : tries };
        call.AnsweredAt = past.Talk > 0 ? Math.Max(call.Since, end - past.Talk) : 0;

        // While it is looked at it is evidence.
        Place(call, call.Since);
        _watch.Past(call, at);
        Remember(call, end);
        _watch.Check(call, at, isNew: true);
        Part(call);
        if (call.AnsweredAt == 0)
        {
            _tried.Add(call, at);
        }
    }

    /// <summary>Something else that a record tells.</summary>
    public void Tell(SiteEvent seen, long now)
    {
        var at = Come(now);
        _watch.See(seen with { At = Math.Clamp(seen.At, 0, at) }, _keys.Site(at), seen.Extension.Length > 0 ? _keys.Extension(seen.Extension, at) : null);
    }
}
