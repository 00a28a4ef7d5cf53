using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Enforcement;

namespace Ringfence.Daemon;

/// <summary>Tells the firewall who meets no limit: who is trusted, and from where a phone logged in with its password.</summary>
/// <remarks>After a restart of the PBX an office of many phones behind one address would otherwise wait for the next look at its contacts, half a minute.
/// Only in the pipeline's turn.</remarks>
internal sealed class Unlimited(IFirewall firewall)
{
    private TrustList? _trust;
    private HashSet<Network> _told = [];

    /// <summary>Logins as they are seen.</summary>
    public RecentLogins Logins { get; } = new(Decider.ThrottleGrace, capacity: 4_096);

    public static List<Network> NetworksOf(TrustList trust) => [.. trust.Entries.Select(entry => entry.Network)];

    public async ValueTask TrustAsync(TrustList trust, DateTimeOffset now, CancellationToken stop)
    {
        _trust = trust;
        await TendAsync(now, stop);
    }

    /// <summary>Once a second.</summary>
    public async ValueTask TendAsync(DateTimeOffset now, CancellationToken stop)
    {
        // Before the first whole list the firewall keeps what an earlier guard told it.
        if (_trust is null)
        {
            return;
        }

        HashSet<Network> networks = [.. _trust.Entries.Select(entry => entry.Network), .. Logins.At(now)];
        if (!networks.SetEquals(_told))
        {
            await firewall.TrustAsync([.. networks], stop);
            _told = networks;
        }
    }
}
