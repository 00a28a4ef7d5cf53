using System.Numerics;
using Ringfence.Core.Events;

namespace Ringfence.Core.Lists;

/// <summary>The fewest networks that make up a range, one after the other: <see cref="Firewall.Interval.Networks"/> without a <see cref="UInt128"/> where the
/// range is IPv4's, for a million ranges are walked more than once.</summary>
internal struct RangeNetworks(Address first, Address last)
{
    private readonly IEnumerator<Network>? _wide = first.IsIPv4 ? null : new Firewall.Interval(first, last, null).Networks().GetEnumerator();
    private readonly long _last = last.IPv4Bits;
    private long _at = first.IPv4Bits;

    public Network Current { get; private set; }

    public readonly RangeNetworks GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_wide is not null)
        {
            if (!_wide.MoveNext())
            {
                return false;
            }

            Current = _wide.Current;
            return true;
        }

        if (_at > _last)
        {
            return false;
        }

        // As wide as the beginning allows, and as what is left allows.
        var hostBits = Math.Min(_at == 0 ? 32 : BitOperations.TrailingZeroCount(_at), BitOperations.Log2((ulong)(_last - _at + 1)));
        Current = new Network(Address.FromIPv4((uint)_at), 32 - hostBits);
        _at += 1L << hostBits;
        return true;
    }
}
