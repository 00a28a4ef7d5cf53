namespace Ringfence.Core.Perimeter;

/// <summary>The ports of this machine as its own configuration says, where it does.</summary>
/// <param name="Sip">SIP in clear: UDP and TCP.</param>
/// <param name="Sips">SIP over TLS.</param>
/// <param name="Wss">WebSocket over TLS.</param>
/// <param name="Rtp">First and last port of media.</param>
/// <param name="Ssh">What sshd listens on.</param>
internal sealed record MachinePorts(IReadOnlyList<ushort> Sip, IReadOnlyList<ushort> Sips, IReadOnlyList<ushort> Wss, (ushort First, ushort Last) Rtp, IReadOnlyList<ushort> Ssh)
{
    /// <summary>Asterisk's and OpenSSH's own defaults: pjsip.conf.sample, http.conf.sample, rtp.conf.sample (without the file rtp.conf Asterisk takes 5000 to 31000, res_rtp_asterisk.c), sshd_config(5).</summary>
    public static readonly MachinePorts Usual = new([5060], [5061], [8089], (10000, 20000), [22]);
}

/// <summary>Services that need no section: what they are, and to whom they are open unless a section says otherwise.</summary>
internal static class ServiceDefaults
{
    /// <summary>In the order in which a port goes to the first that has it.</summary>
    public static IReadOnlyList<(string Name, IReadOnlyList<PortRange> Ports, IReadOnlyList<string> Open)> Of(MachinePorts machine) =>
    [
        ("ssh", Tcp(machine.Ssh), [ZoneSettings.Admin]),
        ("sip", [.. Udp(machine.Sip), .. Tcp(machine.Sip)], [ZoneSettings.Phones, ZoneSettings.Trunks]),
        ("sips", Tcp(machine.Sips), [ZoneSettings.Phones, ZoneSettings.Trunks]),
        ("wss", Tcp(machine.Wss), [ZoneSettings.Phones]),

        // Media comes from where the other side's SDP says, which no list knows; strictrtp keeps strangers out of a call (rtp.conf).
        ("rtp", [new PortRange(PortProtocol.Udp, machine.Rtp.First, machine.Rtp.Last)], [ZoneSettings.Phones, ZoneSettings.Trunks, ZoneSettings.World]),
        ("web", Tcp([80, 443]), [ZoneSettings.Admin]),

        // TFTP, and FreePBX's provisioning over HTTP and HTTPS.
        ("provisioning", [.. Udp([69]), .. Tcp([84, 1443])], [ZoneSettings.Phones]),
        ("ami", Tcp([5038]), []),
        ("iax", Udp([4569]), [ZoneSettings.Trunks]),

        // OpenVPN and WireGuard keep strangers out by themselves.
        ("vpn", Udp([1194, 51820]), [ZoneSettings.World]),
    ];

    /// <summary>Names that need no ports in their section.</summary>
    public static readonly IReadOnlyList<string> Names = [.. Of(MachinePorts.Usual).Select(static service => service.Name)];

    private static List<PortRange> Tcp(IReadOnlyList<ushort> ports) => [.. ports.Select(static port => PortRange.Of(PortProtocol.Tcp, port))];

    private static List<PortRange> Udp(IReadOnlyList<ushort> ports) => [.. ports.Select(static port => PortRange.Of(PortProtocol.Udp, port))];
}
