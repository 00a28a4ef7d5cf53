using Ringfence.Core.Events;

namespace Ringfence.Sources;

/// <summary>Whether an address is the machine's own, looked up at most once a second: asked for each message of a flood.</summary>
internal sealed class OwnLook(Func<IReadOnlyList<Network>> read, TimeProvider clock)
{
    private HashSet<Address> _hosts = [];
    private List<Network> _networks = [];
    private long _readAt;
    private bool _isRead;

    public bool Contains(Address address)
    {
        if (!_isRead || clock.GetElapsedTime(_readAt) >= TimeSpan.FromSeconds(1))
        {
            var own = read();
            _hosts = [.. own.Where(network => network.IsHost).Select(network => network.First)];
            _networks = [.. own.Where(network => !network.IsHost)];
            _readAt = clock.GetTimestamp();
            _isRead = true;
        }

        return _hosts.Contains(address) || _networks.Exists(network => network.Contains(address));
    }
}
