namespace Ringfence.Core.Perimeter;

/// <summary>What has ports; other protocols are no service's.</summary>
internal enum PortProtocol : byte
{
    Tcp = 6,
    Udp = 17,
}

internal static class PortProtocols
{
    /// <summary>As nft, ufw, firewalld and iptables all write it.</summary>
    public static string Name(this PortProtocol protocol) => protocol == PortProtocol.Tcp ? "tcp" : "udp";
}
