using System.Numerics;

namespace Ringfence.Core.Events;

/// <summary>The fewest networks that make up the addresses from one to another, both of one family, in order.</summary>
/// <remarks>Without an allocation and almost without a <see cref="UInt128"/>, for a million ranges are walked more than once (bench/lists, bench/geo). IPv4-mapped addresses inside an IPv6 range
/// are left out: none is ever the source of a packet.</remarks>
internal struct RangeNetworks(Address first, Address last)
{
    private readonly bool _isIPv4 = first.IsIPv4;
    private Address _at = first;
    private bool _isOver = first.CompareTo(last) > 0;

    public Network Current { get; private set; }

    public readonly RangeNetworks GetEnumerator() => this;

    public bool MoveNext()
    {
        if (!_isIPv4 && !_isOver && _at.IsIPv4)
        {
            // What is aligned begins at their first address or behind their last one.
            GoOnBehind(Address.FromIPv4(uint.MaxValue));
        }

        if (_isOver)
        {
            return false;
        }

        Current = _isIPv4 ? Widest4() : Widest6();
        GoOnBehind(Current.Last);
        return true;
    }

    public readonly void AddTo(List<Network> networks)
    {
        foreach (var network in this)
        {
            networks.Add(network);
        }
    }

    private void GoOnBehind(Address done)
    {
        _isOver = done.CompareTo(last) >= 0;
        _at = _isOver ? _at : done.Next;
    }

    // As wide as the beginning allows, and as what is left allows.
    private readonly Network Widest4()
    {
        var at = (long)_at.IPv4Bits;
        var hostBits = Math.Min(at == 0 ? 32 : BitOperations.TrailingZeroCount(at), BitOperations.Log2((ulong)(last.IPv4Bits - at + 1)));
        return new Network(_at, 32 - hostBits);
    }

    private readonly Network Widest6()
    {
        var zeros = _at.Low != 0 ? BitOperations.TrailingZeroCount(_at.Low) : _at.High != 0 ? 64 + BitOperations.TrailingZeroCount(_at.High) : 128;
        var low = last.Low - _at.Low;
        var high = last.High - _at.High - (last.Low < _at.Low ? 1UL : 0);

        // A network of more bits than the distance has does not fit.
        var distance = 128 - (high != 0 ? BitOperations.LeadingZeroCount(high) : 64 + BitOperations.LeadingZeroCount(low));
        var network = new Network(_at, 128 - Math.Min(zeros, distance));
        return network.Last.CompareTo(last) > 0 ? new Network(_at, network.PrefixLength + 1) : network;
    }
}
