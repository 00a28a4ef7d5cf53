using Ringfence.Core.Events;

namespace Ringfence.Sources;

/// <summary>The addresses at which this machine is itself.</summary>
internal static class OwnAddresses
{
    /// <summary>Why they are trusted, for people.</summary>
    public const string Reason = "address of this machine";

    public static readonly IReadOnlyList<Network> Loopback = [Network.Parse("127.0.0.0/8")!.Value, Network.Parse("::1/128")!.Value];

    /// <returns>Loopback, and each address of each interface by itself (not its network: neighbours are not the machine).</returns>
    public static IReadOnlyList<Network> Read() =>
    [
        .. Loopback,
        .. (InterfaceAddress.ReadAll() ?? [])
            .Select(own => new Network(own.Address, own.Address.IsIPv4 ? 32 : 128))
            .Where(network => !Loopback.Any(loopback => loopback.Contains(network)))
            .Distinct(),
    ];
}
