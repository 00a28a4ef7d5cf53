using Ringfence.Core.Events;

namespace Ringfence.Sources;

/// <summary>The addresses at which this machine is itself.</summary>
internal static class OwnAddresses
{
    /// <summary>Why they are trusted, for people.</summary>
    public const string Reason = "address of this machine";

    /// <returns>Loopback, and each address of each interface by itself (not its network: neighbours are not the machine).</returns>
    public static IReadOnlyList<Network> Read() =>
    [
        .. Network.Loopback,
        .. (InterfaceAddress.ReadAll() ?? [])
            .Select(own => Network.Of(own.Address))
            .Where(network => !Network.Loopback.Any(loopback => loopback.Contains(network)))
            .Distinct(),
    ];
}
