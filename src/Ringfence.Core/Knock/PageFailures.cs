using Ringfence.Core.Events;

namespace Ringfence.Core.Knock;

/// <summary>How often networks have failed at the page: it decides who goes first, and locks nobody out.</summary>
/// <remarks>Forgotten an hour after the last one, and where there are too many the one that was quiet for longest.</remarks>
internal sealed class PageFailures
{
    public const int MostNetworks = 8192;

    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    private readonly Dictionary<Network, (int Count, DateTimeOffset Last)> _networks = [];

    public int Count => _networks.Count;

    /// <summary>What one renter of addresses has as a rule; where strangers share it, the address.</summary>
    public static Network NetworkOf(Address source) => source.Neighbourhood ?? source.Subject;

    public (int Network, int Provider) Of(Address source, DateTimeOffset now) => (CountOf(NetworkOf(source), now), CountOf(ProviderOf(source), now));

    public void Add(Address source, DateTimeOffset now)
    {
        Add(NetworkOf(source), now);
        Add(ProviderOf(source), now);
    }

    /// <summary>The last one was none.</summary>
    public void Forgive(Address source)
    {
        foreach (var network in (Network[])[NetworkOf(source), ProviderOf(source)])
        {
            if (_networks.TryGetValue(network, out var known))
            {
                _networks[network] = known with { Count = Math.Max(0, known.Count - 1) };
            }
        }
    }

    // What registries give to one provider at least: an IPv6 /32 (RIPE-738); of IPv4 there is no such size.
    private static Network ProviderOf(Address source) => new(source, source.IsIPv4 ? 16 : 32);

    private int CountOf(Network network, DateTimeOffset now) => _networks.TryGetValue(network, out var known) && (now - known.Last).Duration() <= Remembered ? known.Count : 0;

    private void Add(Network network, DateTimeOffset now)
    {
        var count = CountOf(network, now);
        if (_networks.Count == MostNetworks && !_networks.ContainsKey(network))
        {
            _networks.Remove(_networks.MinBy(static pair => pair.Value.Last).Key);
        }

        _networks[network] = (Math.Min(count + 1, 1_000_000), now);
    }
}
