using System.Buffers.Binary;
using System.Globalization;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;

namespace Ringfence.Sources;

/// <summary>Whom the machine can't do without: its name servers and default gateways. Five UDP packets with a forged source would else cut it off from them.</summary>
/// <param name="resolvers">resolv.conf(5): what programs ask, and behind systemd-resolved's 127.0.0.53 what that asks.</param>
/// <param name="proc">Where route and ipv6_route are; see proc_net(5).</param>
internal sealed class VitalPeers(IReadOnlyList<string>? resolvers = null, string proc = "/proc/net")
{
    private readonly IReadOnlyList<string> _resolvers = resolvers ?? ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"];

    /// <returns>Each by itself; none where a file is missing.</returns>
    public IReadOnlyList<TrustEntry> Read() =>
    [
        .. _resolvers.SelectMany(file => Lines(file).Select(NameServer).OfType<Address>().Select(address => Entry(address, $"name server in {file}"))),
        .. Lines($"{proc}/route").Select(Gateway4).Concat(Lines($"{proc}/ipv6_route").Select(Gateway6)).OfType<Address>().Select(address => Entry(address, "default gateway")),
    ];

    private static TrustEntry Entry(Address address, string reason) => new(Network.Of(address), reason, TrustSource.Own);

    private static Address? NameServer(string[] words) =>
        words is ["nameserver", var server, ..] && Address.Parse(server.Split('%')[0]) is { } address && address != default ? address : null;

    // Iface Destination Gateway Flags RefCnt Use Metric Mask: the numbers as this machine has them in memory.
    private static Address? Gateway4(string[] words) =>
        words is [_, "00000000", var gateway, _, _, _, _, "00000000", ..] && uint.TryParse(gateway, NumberStyles.AllowHexSpecifier, null, out var bits) && bits != 0
            ? Address.FromIPv4(BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(bits) : bits)
            : null;

    // Destination, its length, source, its length, next hop: in the order of the network.
    private static Address? Gateway6(string[] words) =>
        words is [_, "00", _, _, { Length: 32 } hop, ..] && UInt128.TryParse(hop, NumberStyles.AllowHexSpecifier, null, out var bits) && bits != 0 ? new Address(bits) : null;

    private static List<string[]> Lines(string file)
    {
        try
        {
            return [.. File.ReadLines(file).Take(10_000).Select(line => line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))];
        }
        catch (Exception unreadable) when (FileTrouble.Is(unreadable))
        {
            return [];
        }
    }
}
