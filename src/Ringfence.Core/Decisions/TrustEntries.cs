using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Decisions;

/// <summary>Makes trust out of what is configured; the edges add the machine's own addresses, ssh sessions and contacts.</summary>
internal static class TrustEntries
{
    /// <param name="resolve">The addresses of a DNS name, as last looked up; none if it is not known.</param>
    public static IEnumerable<TrustEntry> Configured(TrustSettings settings, Func<string, IReadOnlyList<Address>> resolve) =>
        settings.Networks.Select(network => new TrustEntry(network, $"address = {network} in ringfence.conf", TrustSource.Configured))
            .Concat(settings.Names.SelectMany(name => resolve(name).Select(address => Single(address, $"{name} in ringfence.conf", TrustSource.Name))));

    /// <param name="resolve">As for <see cref="Configured"/>.</param>
    public static IEnumerable<TrustEntry> Trunks(TrunkReading trunks, Func<string, IReadOnlyList<Address>> resolve) =>
        trunks.Hosts.SelectMany(host => host.Network is { } network
            ? [new TrustEntry(network, host.Origin, TrustSource.Trunk)]
            : resolve(host.Name!).Select(address => Single(address, $"{host.Origin} ({host.Name})", TrustSource.Trunk)));

    /// <summary>The machine's own addresses, the ssh sessions and the registered phones, as init found them.</summary>
    public static IEnumerable<TrustEntry> Of(MachineSurvey survey) =>
        survey.Own.Select(own => Single(own.Address, $"own address on {own.Interface}", TrustSource.Own))
            .Concat(survey.SshPeers.Select(peer => Single(peer, "ssh session", TrustSource.SshPeer)))
            .Concat((survey.Phones ?? []).Select(phone => Single(phone.Address, phone.Reason, TrustSource.Contact)));

    private static TrustEntry Single(Address address, string reason, TrustSource source) => new(Network.Of(address), reason, source);
}
