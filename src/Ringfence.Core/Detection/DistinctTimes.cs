using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary>Different things seen lately, each with its last time: the addresses that guess one account, say.</summary>
/// <param name="most">So many are told apart; beyond it the one that was first is forgotten.</param>
internal sealed class DistinctTimes(int most)
{
    private const long Never = long.MinValue / 2;

    // The newest beside the others: who tries goes on trying, and most have one. It stands in for its place among the others.
    private Entry _newest;
    private int _newestAt;
    private Entry[] _entries = [];
    private int _length;
    private int _next;

    public void Add(ulong what, long timeTicks, Proof proof)
    {
        if (_length > 0 && _newest.What == what)
        {
            _newest = _newest.And(timeTicks, proof);
            return;
        }

        if (_length > 0)
        {
            PutBack();
        }

        _newestAt = PlaceOf(what);
        var before = _newestAt < _entries.Length && _newestAt < _length ? _entries[_newestAt] : default;
        _newest = (before.What == what ? before : new Entry(what, Never, Never)).And(timeTicks, proof);
        _length = Math.Max(_length, _newestAt + 1);
    }

    public int Count(long nowTicks, TimeSpan window, Proof least)
    {
        var count = 0;
        for (var i = 0; i < _length; i++)
        {
            ref readonly var entry = ref i == _newestAt ? ref _newest : ref _entries[i];
            count += Math.Abs(nowTicks - entry.Last(least)) <= window.Ticks ? 1 : 0;
        }

        return count;
    }

    /// <returns>Whether it was seen within the window, with that proof.</returns>
    public bool Holds(ulong what, long nowTicks, TimeSpan window, Proof least)
    {
        for (var i = 0; i < _length; i++)
        {
            ref readonly var entry = ref i == _newestAt ? ref _newest : ref _entries[i];
            if (entry.What == what && Math.Abs(nowTicks - entry.Last(least)) <= window.Ticks)
            {
                return true;
            }
        }

        return false;
    }

    public void Clear()
    {
        _entries = [];
        _length = 0;
        _next = 0;
    }

    private void PutBack()
    {
        if (_newestAt >= _entries.Length)
        {
            Array.Resize(ref _entries, Math.Min(most, Math.Max(2, 2 * _entries.Length)));
        }

        _entries[_newestAt] = _newest;
    }

    // Where it is; if it is nowhere, the next free place, or that of the first one.
    private int PlaceOf(ulong what)
    {
        for (var i = 0; i < _length; i++)
        {
            if (_entries[i].What == what)
            {
                return i;
            }
        }

        if (_length < most)
        {
            return _length;
        }

        var place = _next;
        _next = (_next + 1) % most;
        return place;
    }

    /// <param name="ProvenTicks">The last time that was proven: an old proof is none of a new time.</param>
    private readonly record struct Entry(ulong What, long TimeTicks, long ProvenTicks)
    {
        public Entry And(long timeTicks, Proof proof) => this with { TimeTicks = timeTicks, ProvenTicks = proof == Proof.Proven ? timeTicks : ProvenTicks };

        public long Last(Proof least) => least == Proof.Proven ? ProvenTicks : TimeTicks;
    }
}
