using Ringfence.Core.Events;

namespace Ringfence.Core.Firewall;

/// <summary>All addresses from <see cref="First"/> to <see cref="Last"/>, both of one family, banned until <see cref="Until"/>.</summary>
/// <param name="Until">null: for ever.</param>
internal readonly record struct Interval(Address First, Address Last, DateTimeOffset? Until)
{
    public static Interval Of(Network network, DateTimeOffset? until) => new(network.First, network.Last, until);

    public bool Overlaps(Interval other) => First.CompareTo(other.Last) <= 0 && other.First.CompareTo(Last) <= 0;

    public bool HasEnded(DateTimeOffset now) => Until is { } until && until <= now;

    /// <summary>The fewest networks that make it up, in order.</summary>
    public IEnumerable<Network> Networks()
    {
        var width = First.IsIPv4 ? 32 : 128;
        var at = First.Bits;
        while (true)
        {
            // The widest network that starts here and ends in here.
            var hostBits = Math.Min(width, (int)UInt128.TrailingZeroCount(at));
            while (hostBits > 0 && at + Mask(hostBits) > Last.Bits)
            {
                hostBits--;
            }

            // IPv4-mapped addresses inside an IPv6 range are left out: none is ever the source of a packet.
            if (new Address(at).IsIPv4 == First.IsIPv4)
            {
                yield return new Network(new Address(at), width - hostBits);
            }

            var last = at + Mask(hostBits);
            if (last >= Last.Bits)
            {
                yield break;
            }

            at = last + 1;
        }
    }

    private static UInt128 Mask(int hostBits) => hostBits == 128 ? UInt128.MaxValue : (UInt128.One << hostBits) - 1;
}
