using Ringfence.Core.Host;
using Ringfence.Core.Host.Filter;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Firewall;

/// <summary>Ports that a program listens on and that this machine's own rules let everybody reach.</summary>
internal static class OpenPorts
{
    /// <returns>Where this machine has a firewall that stops anything.</returns>
    public static IEnumerable<Fault> Faults(PbxSnapshot pbx, string what, Func<ListeningSocket, bool> isMeant) => MachineFirewall.Read(pbx) is not { } firewall || !firewall.CanStop(isIPv6: false)
        ? []
        : from open in Of(pbx, firewall)
          where isMeant(open.Socket)
          select new Fault(open.Socket.Place, open.Socket.Shown, $"the firewall lets {what} be reached from {From(firewall)} over {open.Over}") { Severity = Severity(firewall) };

    /// <returns>Only what is sure, over one family at least; without those that are closed over IPv4 and forgotten over IPv6, which is a fault of its own.</returns>
    public static IEnumerable<(ListeningSocket Socket, string Over)> Of(PbxSnapshot pbx, MachineFirewall firewall)
    {
        var sockets = ListeningSocket.All(pbx);
        return from socket in sockets
               where socket.IsOnNetwork && !PrivateNetworks.Contains(socket.Address) && !IPv6Unfiltered.IsOpenOverIPv6Alone(socket, sockets, firewall)
               let over = Over(socket, firewall)
               where over is not null
               select (socket, over);
    }

    /// <summary>What stands between the internet and a port that other machines can send to, where a rule about the program asks.</summary>
    /// <returns>null: nothing, or that is not known. <see cref="Outcomes.Accept"/>: the firewall lets it through, which a rule about the firewall tells. <see cref="Outcomes.Drop"/>: it does not.</returns>
    public static Outcomes? Before(PbxSnapshot pbx, ListeningSocket socket)
    {
        if (MachineFirewall.Read(pbx) is not { } firewall || !firewall.CanStop(isIPv6: false))
        {
            return null;
        }

        var isIPv6 = socket.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        return Over(socket, firewall) is not null && !PrivateNetworks.Contains(socket.Address) ? Outcomes.Accept
            : ((bool[])[.. isIPv6 ? (bool[])[true] : [], .. !isIPv6 || socket.IsDual ? (bool[])[false] : []]).All(over6 => firewall.For(socket.Protocol, socket.Port, over6) == Outcomes.Drop) ? Outcomes.Drop
            : null;
    }

    /// <summary>Behind a router that forwards nothing the internet does not get here, but every machine of the network does.</summary>
    public static Severity? Severity(MachineFirewall firewall) => firewall.HasPublicAddress is false ? Core.Rules.Severity.Low : null;

    public static string From(MachineFirewall firewall) => firewall.HasPublicAddress is false ? "every machine that reaches this one" : "everybody";

    private static string? Over(ListeningSocket socket, MachineFirewall firewall)
    {
        var isIPv6 = socket.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        var over4 = (!isIPv6 || socket.IsDual) && firewall.For(socket.Protocol, socket.Port, isIPv6: false) == Outcomes.Accept;
        var over6 = isIPv6 && firewall.HasPublicIPv6 && firewall.For(socket.Protocol, socket.Port, isIPv6: true) == Outcomes.Accept;
        return (over4, over6) switch { (true, true) => "IPv4 and IPv6", (true, false) => "IPv4", (false, true) => "IPv6", _ => null };
    }
}
