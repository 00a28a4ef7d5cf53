using System.Net.NetworkInformation;
using Ringfence.Core.Events;

namespace Ringfence.Sources;

/// <summary>An address of this machine, and the network that its interface stands in.</summary>
internal sealed record OwnNetwork(string Interface, Address Address, Network Network)
{
    /// <summary>Those of all interfaces, without loopback and link-local. The networks are proposals to an operator, not trust: neighbours are strangers.</summary>
    public static IReadOnlyList<OwnNetwork> Read()
    {
        try
        {
            return [.. NetworkInterface.GetAllNetworkInterfaces()
                .SelectMany(card => card.GetIPProperties().UnicastAddresses.Select(own => Of(card.Name, Address.From(own.Address), own.PrefixLength)))
                .Where(own => !IsLocalOnly(own.Address))];
        }
        catch (NetworkInformationException)
        {
            // An interface went away while it was read. Nothing hangs on a proposal.
            return [];
        }
    }

    private static OwnNetwork Of(string card, Address address, int prefixLength) =>
        new(card, address, new Network(address, Math.Min(prefixLength, address.IsIPv4 ? 32 : 128)));

    private static bool IsLocalOnly(Address address) => address.IsIPv4
        ? address.IPv4Bits >> 24 == 127 || address.IPv4Bits >> 16 == 0xa9fe
        : address == new Address(0, 1) || (int)(address.High >> 54) == 0xfe80 >> 6;
}
