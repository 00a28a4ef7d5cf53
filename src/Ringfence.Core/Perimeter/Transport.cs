namespace Ringfence.Core.Perimeter;

/// <summary>What has ports; other protocols are no service's.</summary>
internal enum Transport : byte
{
    Tcp = 6,
    Udp = 17,
}

internal static class Transports
{
    /// <summary>As nft, ufw, firewalld and iptables all write it.</summary>
    public static string Name(this Transport transport) => transport == Transport.Tcp ? "tcp" : "udp";
}
