using Ringfence.Core.Numbers;

namespace Ringfence.Core.Fraud;

/// <summary>Calls that nobody answered a moment ago. A dialplan whose trunk fails goes on to the next one at once: however many carriers it tries, that is one call.</summary>
/// <remarks>Whoever dials as fast as he can makes no more of them than <see cref="Most"/> twice: what is forgotten counts as one call more.</remarks>
internal sealed class RecentTries
{
    private const int Most = 10_000;

    // Who comes back later, or more often, calls again.
    private const long Retry = 5_000;
    private const int MostTries = 4;

    // Of a call that a gate alone tells of nobody knows the end: it has one when its channel asks again, however much later.
    private const long Longest = 60_000;

    private Dictionary<string, Try> _new = new(StringComparer.Ordinal);
    private Dictionary<string, Try> _old = new(StringComparer.Ordinal);
    private long _since;

    /// <summary>It ended, and nobody had answered it.</summary>
    public void Add(LiveCall call, long at)
    {
        if (at - _since >= Longest || _new.Count >= Most)
        {
            (_new, _old, _since) = (_old, _new, at);
            _new.Clear();
        }

        _old.Remove(call.Id);
        _new[call.Id] = new Try(call.Attempt.Dialled, call.HasBegun ? call.EndedAt + Retry : call.Since + Longest, call.Tries);
    }

    /// <summary>Its channel dials, or asks again.</summary>
    /// <returns>How often it tried that number just before; 0: this is the first time.</returns>
    public int Take(string id, in DialledNumber dialled, long at) =>
        (_new.Remove(id, out var before) || _old.Remove(id, out before)) && at <= before.Until && before.Tries < MostTries && before.Dialled.IsSame(dialled) ? before.Tries + 1 : 0;

    /// <summary>The last of its tries was none.</summary>
    public void TakeBack(string id)
    {
        if (_new.TryGetValue(id, out var last))
        {
            _new[id] = last with { Tries = last.Tries - 1 };
        }
    }

    public void Clear()
    {
        _new.Clear();
        _old.Clear();
        _since = 0;
    }

    private readonly record struct Try(DialledNumber Dialled, long Until, int Tries);
}
