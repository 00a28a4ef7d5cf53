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
        foreach (var network in new RangeNetworks(First, Last))
        {
            yield return network;
        }
    }
}
