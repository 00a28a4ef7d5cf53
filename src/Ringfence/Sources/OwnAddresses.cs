using System.Net.NetworkInformation;
using Ringfence.Core.Events;

namespace Ringfence.Sources;

/// <summary>The addresses at which this machine is itself.</summary>
internal static class OwnAddresses
{
    /// <returns>Loopback, and each address of each interface by itself (not its network: neighbours are not the machine).</returns>
    public static IReadOnlyList<Network> Read()
    {
        var own = new List<Network>(Network.Loopback);
        try
        {
            own.AddRange(NetworkInterface.GetAllNetworkInterfaces()
                .SelectMany(link => link.GetIPProperties().UnicastAddresses)
                .Select(unicast => Address.From(unicast.Address))
                .Select(Network.Of)
                .Where(network => !Network.Loopback.Any(loopback => loopback.Contains(network))));
        }
        catch (NetworkInformationException)
        {
            // An interface went away while it was read; the next reading has it right, and loopback is certain.
        }

        return [.. own.Distinct()];
    }
}
