using System.Net.NetworkInformation;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;

namespace Ringfence.Sources;

/// <summary>What the machine knows of itself: its own addresses, the networks that it stands in, and who is logged in by ssh.</summary>
internal static class LocalNetwork
{
    /// <summary>The machine's own addresses, as trust.</summary>
    public static IReadOnlyList<TrustEntry> OwnAddresses() =>
        [.. Interfaces().Select(own => new TrustEntry(new Network(own.Address, own.Address.IsIPv4 ? 32 : 128), $"own address on {own.Interface}", TrustSource.Own))];

    /// <summary>The networks of the machine's interfaces, without loopback and link-local: proposals for [trust], not trust.</summary>
    public static IReadOnlyList<(string Interface, Network Network)> Networks() =>
        [.. Interfaces().Where(own => !IsLocalOnly(own.Address)).Select(own => (own.Interface, new Network(own.Address, own.PrefixLength))).Distinct()];

    /// <summary>The addresses from which somebody is logged in by ssh, as trust.</summary>
    public static IReadOnlyList<TrustEntry> SshPeers()
    {
        var peers = new HashSet<Address>();
        try
        {
            peers.UnionWith(LoginSessions.FromUtmp(File.ReadAllBytes("/run/utmp"), pid => Directory.Exists($"/proc/{pid}")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Distributions without utmp have the sessions below.
        }

        try
        {
            foreach (var file in Directory.EnumerateFiles("/run/systemd/sessions"))
            {
                if (!file.EndsWith(".ref", StringComparison.Ordinal) && LoginSessions.FromSystemdSession(File.ReadAllText(file)) is { } peer)
                {
                    peers.Add(peer);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No systemd, or a session ended while it was read: the next look finds the rest.
        }

        return [.. peers.Select(peer => new TrustEntry(new Network(peer, peer.IsIPv4 ? 32 : 128), "ssh session", TrustSource.SshPeer))];
    }

    private static List<(string Interface, Address Address, int PrefixLength)> Interfaces()
    {
        try
        {
            return [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses
                .Select(own => (card.Name, Address.From(own.Address), Math.Min(own.PrefixLength, own.Address.GetAddressBytes().Length * 8))))];
        }
        catch (NetworkInformationException)
        {
            return [];
        }
    }

    private static bool IsLocalOnly(Address address) => address.IsIPv4
        ? address.IPv4Bits >> 24 == 127 || address.IPv4Bits >> 16 == 0xa9fe
        : address.Bits == UInt128.One || (ushort)(address.Bits >> 118) == 0xfe80 >> 6;
}
