using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary>Different things seen lately, each with its last time: the addresses that guess one account, say.</summary>
/// <param name="most">So many are told apart; beyond it the one that was first is forgotten.</param>
internal sealed class DistinctTimes(int most)
{
    private Entry[] _entries = [];
    private int _length;
    private int _next;

    public void Add(ulong what, long timeTicks, Proof proof)
    {
        for (var i = 0; i < _length; i++)
        {
            ref var known = ref _entries[i];
            if (known.What == what)
            {
                known = new Entry(what, timeTicks, proof > known.Proof ? proof : known.Proof);
                return;
            }
        }

        if (_length < most)
        {
            if (_length == _entries.Length)
            {
                Array.Resize(ref _entries, Math.Min(most, Math.Max(2, 2 * _length)));
            }

            _entries[_length++] = new Entry(what, timeTicks, proof);
            return;
        }

        _entries[_next] = new Entry(what, timeTicks, proof);
        _next = (_next + 1) % most;
    }

    public int Count(long nowTicks, TimeSpan window, Proof least)
    {
        var count = 0;
        foreach (ref readonly var entry in _entries.AsSpan(0, _length))
        {
            count += entry.Proof >= least && Math.Abs(nowTicks - entry.TimeTicks) <= window.Ticks ? 1 : 0;
        }

        return count;
    }

    public void Clear()
    {
        _entries = [];
        _length = 0;
        _next = 0;
    }

    private readonly record struct Entry(ulong What, long TimeTicks, Proof Proof);
}
