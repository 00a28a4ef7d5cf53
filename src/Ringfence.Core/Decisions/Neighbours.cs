using Ringfence.Core.Configuration;
using Ringfence.Core.Detection;
using Ringfence.Core.Events;

namespace Ringfence.Core.Decisions;

/// <summary>Networks of which several addresses were banned in a day, and nobody logged in.</summary>
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
    }

    /// <summary>Takes a ban on proven evidence.</summary>
    /// <returns>The network to be banned; null: not yet, or there is a user in it.</returns>
    public Network? Add(Address banned, DateTimeOffset time)
    {
        if (banned.Neighbourhood is not { } network)
        {
            return null;
        }

        var addresses = _networks.Use(network).Addresses;
        addresses.Add((ulong)banned.Subject.First.GetHashCode(), time.UtcTicks, Proof.Proven);
        return addresses.Count(time.UtcTicks, Day, Proof.Proven) >= settings.Neighbours && _logins.SparedUntil(network, time) is null ? network : null;
    }

    public void SetBack(ClockStep step)
    {
        _networks.Clear();
        _logins.SetBack(step);
    }

    private sealed class Entry(Network key) : Remembered<Network>(key)
    {
        public DistinctTimes Addresses { get; } = new(64);
    }
}
