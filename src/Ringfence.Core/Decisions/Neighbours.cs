using Ringfence.Core.Configuration;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;

namespace Ringfence.Core.Decisions;

/// <summary>Networks of which several addresses were banned in a day, and nobody logged in: an IPv4 /24, an IPv6 /56 with several /64s, a /48 with several /56s.</summary>
internal sealed class Neighbours(BanSettings settings)
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly RememberedTable<Network, Entry> _networks = new(8_192, static key => new Entry(key));

    // Not told by whoever logs in by an address alone, and lost at a restart: then the phones' contacts, which are trusted, speak for their network.
    private readonly RecentLogins _logins = new(Day);

    public void LogIn(Address source, long timeTicks)
    {
        if (source.Neighbourhood is { } network)
        {
            _logins.Add(network, timeTicks);
        }

        if (source.Site is { } site)
        {
            _logins.Add(site, timeTicks);
        }
    }

    /// <summary>Takes a ban on proven evidence.</summary>
    /// <returns>The network to be banned; null: not yet, or there is a user in it.</returns>
    public Network? Add(Address banned, DateTimeOffset time)
    {
        if (banned.Neighbourhood is not { } network)
        {
            return null;
        }

        if (banned.Site is not { } site)
        {
            return Add(banned.Subject, network, time);
        }

        // One customer has all of a /56, and his neighbours in the /48 a /56 each: what he does must not cost them theirs.
        var ofSite = Add(banned.Subject, site, time);
        return Add(site, network, time) ?? ofSite;
    }

    /// <summary>What is counted in a network: of an IPv6 /48 its customers, a /56 each.</summary>
    public static string Counted(Network network) => network.First.IsIPv4 ? "addresses" : network.PrefixLength == 56 ? "/64 networks" : "/56 networks";

    private Network? Add(Network part, Network network, DateTimeOffset time)
    {
        var parts = _networks.Use(network).Parts;
        parts.Add((ulong)part.First.GetHashCode(), time.UtcTicks, Proof.Proven);
        return parts.Count(time.UtcTicks, Day, Proof.Proven) >= settings.Neighbours && _logins.SparedUntil(network, time) is null ? network : null;
    }

    public void SetBack(ClockStep step)
    {
        _networks.Clear();
        _logins.SetBack(step);
    }

    private sealed class Entry(Network key) : Remembered<Network>(key)
    {
        public DistinctTimes Parts { get; } = new(64);
    }
}
