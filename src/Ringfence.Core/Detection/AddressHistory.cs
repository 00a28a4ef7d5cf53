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

    public int Length { get; private set; }

    /// <summary>Judged until then: what it does before is neither kept nor counted (it is banned, or spared and told).</summary>
    public long QuietUntilTicks { get; set; }

    /// <summary>The Call-ID of the last "No matching endpoint found": the "Failed to authenticate" with the same one is the same attempt.</summary>
    public uint UnknownSession { get; set; }

    /// <summary>For <see cref="AddressTable"/>: how often the hand passes by before the address is forgotten.</summary>
    public byte Credit { get; set; }

    public ref readonly Refusal this[int index] => ref _ring[_start + index < _ring.Length ? _start + index : _start + index - _ring.Length];

    public void Add(in Refusal refusal, int capacity)
    {
        if (Length == _ring.Length)
        {
            if (Length >= capacity)
            {
                _start = (_start + 1) % _ring.Length;
                Length--;
            }
            else
            {
                Grow(Math.Min(capacity, Math.Max(4, Length * 2)));
            }
        }

        _ring[(_start + Length) % _ring.Length] = refusal;
        Length++;
    }

    public void Clear()
    {
        Length = 0;
        _start = 0;
        UnknownSession = 0;
    }

    /// <summary>Refusals of the kind and channel of <paramref name="seen"/>, at most <paramref name="window"/> from it.</summary>
    public int Count(in PbxEvent seen, TimeSpan window)
    {
        var count = 0;
        for (var i = 0; i < Length; i++)
        {
            count += Counts(this[i], seen, window) ? 1 : 0;
        }

        return count;
    }

    /// <summary>Distinct account names among them.</summary>
    public int CountAccounts(in PbxEvent seen, TimeSpan window)
    {
        var distinct = 0;
        for (var i = 0; i < Length; i++)
        {
            ref readonly var refusal = ref this[i];
            if (!Counts(refusal, seen, window))
            {
                continue;
            }

            var again = false;
            for (var j = 0; j < i && !again; j++)
            {
                ref readonly var earlier = ref this[j];
                again = earlier.AccountHash == refusal.AccountHash && Counts(earlier, seen, window);
            }

            distinct += again ? 0 : 1;
        }

        return distinct;
    }

    // Both ways: a clock that was set back, or a second log that is read a little behind the first, must not make hours one window.
    private static bool Counts(in Refusal refusal, in PbxEvent seen, TimeSpan window) =>
        refusal.Kind == seen.Kind && refusal.Origin == seen.Origin && Math.Abs(refusal.TimeTicks - seen.TimeTicks) <= window.Ticks;

    private void Grow(int size)
    {
        var ring = new Refusal[size];
        for (var i = 0; i < Length; i++)
        {
            ring[i] = this[i];
        }

        _ring = ring;
        _start = 0;
    }
}
