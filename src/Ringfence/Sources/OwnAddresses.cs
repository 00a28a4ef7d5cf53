using System.Net.NetworkInformation;
using Ringfence.Core.Events;

namespace Ringfence.Sources;

/// <summary>The addresses at which this machine is itself.</summary>
internal static class OwnAddresses
{
    public static readonly IReadOnlyList<Network> Loopback = [Network.Parse("127.0.0.0/8")!.Value, Network.Parse("::1/128")!.Value];

    /// <returns>Loopback, and each address of each interface by itself (not its network: neighbours are not the machine).</returns>
    public static IReadOnlyList<Network> Read()
    {
        var own = new List<Network>(Loopback);
        try
        {
            own.AddRange(NetworkInterface.GetAllNetworkInterfaces()
                .SelectMany(link => link.GetIPProperties().UnicastAddresses)
                .Select(unicast => Address.From(unicast.Address))
                .Select(address => new Network(address, address.IsIPv4 ? 32 : 128))
                .Where(network => !Loopback.Any(loopback => loopback.Contains(network))));
        }
        catch (NetworkInformationException)
        {
            // An interface went away while it was read; the next reading has it right, and loopback is certain.
        }

        return [.. own.Distinct()];
    }
}
