using Ringfence.Core.Events;

namespace Ringfence.Sources;

/// <summary>An address of this machine, and the network that its interface stands in.</summary>
internal sealed record OwnNetwork(string Interface, Address Address, Network Network)
{
    /// <summary>Those of all interfaces, without loopback and link-local. The networks are proposals to an operator, not trust: neighbours are strangers.</summary>
    public static IReadOnlyList<OwnNetwork> Read() =>
    [
        .. (InterfaceAddress.ReadAll() ?? [])
            .Where(own => !IsLocalOnly(own.Address))
            .Select(own => new OwnNetwork(own.Interface, own.Address, new Network(own.Address, own.PrefixLength))),
    ];

    private static bool IsLocalOnly(Address address) => address.IsIPv4
        ? address.IPv4Bits >> 24 == 127 || address.IPv4Bits >> 16 == 0xa9fe
        : address == new Address(0, 1) || (int)(address.High >> 54) == 0xfe80 >> 6;
}
