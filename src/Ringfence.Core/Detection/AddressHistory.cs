using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary>One refusal, as little of it as the rules and the evidence need.</summary>
internal record struct Refusal(
    long TimeTicks, long Line, long TextAt, uint AccountHash, ushort TextLength, ushort Log, EventKind Kind, Origin Origin, Proof Proof);

/// <summary>What one address (or IPv6 /64) did lately: its newest refusals, oldest first, bounded.</summary>
internal sealed class AddressHistory(Address key)
{
    private Refusal[] _ring = [];
    private int _start;

    public Address Key { get; } = key;

    public int Count { get; private set; }

    /// <summary>Judged until then: what it does before is neither kept nor counted (it is banned, or spared and told).</summary>
    public long QuietUntilTicks { get; set; }

    /// <summary>The Call-ID of the last "No matching endpoint found": the "Failed to authenticate" with the same one is the same attempt.</summary>
    public uint UnknownSession { get; set; }

    // The places in AddressTable's lists.
    public AddressHistory? Newer { get; set; }

    public AddressHistory? Older { get; set; }

    public bool IsProtected { get; set; }

    public ref readonly Refusal this[int index] => ref _ring[(_start + index) % _ring.Length];

    public void Add(in Refusal refusal, int capacity)
    {
        if (Count == _ring.Length)
        {
            if (Count >= capacity)
            {
                _start = (_start + 1) % _ring.Length;
                Count--;
            }
            else
            {
                Grow(Math.Min(capacity, Math.Max(4, Count * 2)));
            }
        }

        _ring[(_start + Count) % _ring.Length] = refusal;
        Count++;
    }

    public void Clear()
    {
        Count = 0;
        _start = 0;
        UnknownSession = 0;
    }

    /// <summary>Refusals of a kind that one of Asterisk's channels told since a moment.</summary>
    public int CountSince(EventKind kind, Origin origin, long sinceTicks)
    {
        var count = 0;
        for (var i = 0; i < Count; i++)
        {
            ref readonly var refusal = ref this[i];
            count += refusal.Kind == kind && refusal.Origin == origin && refusal.TimeTicks >= sinceTicks ? 1 : 0;
        }

        return count;
    }

    /// <summary>Distinct account names among them.</summary>
    public int CountAccountsSince(EventKind kind, Origin origin, long sinceTicks)
    {
        var distinct = 0;
        for (var i = 0; i < Count; i++)
        {
            ref readonly var refusal = ref this[i];
            if (refusal.Kind != kind || refusal.Origin != origin || refusal.TimeTicks < sinceTicks)
            {
                continue;
            }

            var again = false;
            for (var j = 0; j < i && !again; j++)
            {
                ref readonly var earlier = ref this[j];
                again = earlier.AccountHash == refusal.AccountHash && earlier.Kind == kind && earlier.Origin == origin && earlier.TimeTicks >= sinceTicks;
            }

            distinct += again ? 0 : 1;
        }

        return distinct;
    }

    private void Grow(int size)
    {
        var ring = new Refusal[size];
        for (var i = 0; i < Count; i++)
        {
            ring[i] = this[i];
        }

        _ring = ring;
        _start = 0;
    }
}
