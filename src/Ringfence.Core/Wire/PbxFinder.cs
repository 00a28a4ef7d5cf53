using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Ringfence.Core.Events;

namespace Ringfence.Core.Wire;

/// <summary>Finds out which address in a capture is the PBX's: nothing in the file says it.</summary>
/// <remarks>
/// Where a PBX's traffic is captured, all of it goes to the PBX or comes from it; so the PBX is who asked the most peers for a password, or refused
/// or took their requests. A trunk answers one peer, the PBX. An attacker can send answers that nobody asked for, but to the PBX alone; where that
/// makes a draw, the PBX is who was sent more requests.
/// </remarks>
internal sealed class PbxFinder(IEnumerable<ushort> ports)
{
    private const int MostAddresses = 100_000;
    private const int MostPeers = 10_000;
    private const int UdpHeadBytes = 8;

    // A second address of the PBX answers a tenth of those that the first one does, or nobody that matters.
    private const int Share = 10;

    private readonly HashSet<ushort> _ports = [.. ports];
    private readonly Dictionary<Address, Side> _sides = [];

    /// <summary>Its addresses, the one with the most peers first; empty: nobody answered anything.</summary>
    public IReadOnlyList<Address> Found
    {
        get
        {
            var sides = _sides.Where(side => side.Value.Peers.Count > 0)
                .OrderByDescending(side => side.Value.Peers.Count).ThenByDescending(side => side.Value.Requests).ThenBy(side => side.Key).ToList();
            return [.. sides.Where((side, rank) => rank == 0 || (side.Value.Peers.Count > 1 && side.Value.Peers.Count * Share >= sides[0].Value.Peers.Count)).Select(side => side.Key)];
        }
    }

    /// <summary>How many an address answered.</summary>
    public int PeersOf(Address address) => _sides.GetValueOrDefault(address)?.Peers.Count ?? 0;

    public void See(ReadOnlySpan<byte> frame, LinkType link)
    {
        var packet = IpPacket.Parse(frame, link);
        if (!packet.IsValid || packet.OffsetBytes > 0 || packet.Payload.Length < UdpHeadBytes)
        {
            return;
        }

        var from = BinaryPrimitives.ReadUInt16BigEndian(packet.Payload);
        var to = BinaryPrimitives.ReadUInt16BigEndian(packet.Payload[2..]);
        var message = packet.Protocol switch
        {
            IpPacket.Udp => packet.Payload[UdpHeadBytes..],
            IpPacket.Tcp => TcpSegment.Parse(packet.Payload).Payload,
            _ => default,
        };
        if (_ports.Contains(from) && message.StartsWith("SIP/2.0 "u8) && message.Length > 8 && message[8] is >= (byte)'2' and <= (byte)'6')
        {
            if (Of(packet.Source) is { Peers.Count: < MostPeers } side)
            {
                side.Peers.Add(packet.Destination);
            }
        }
        else if (_ports.Contains(to) && !message.StartsWith("SIP/2.0"u8) && message.IndexOf("SIP/2.0"u8) > 0 && Of(packet.Destination) is { } asked)
        {
            asked.Requests++;
        }
    }

    private Side? Of(Address address)
    {
        if (_sides.Count >= MostAddresses && !_sides.ContainsKey(address))
        {
            return null;
        }

        ref var side = ref CollectionsMarshal.GetValueRefOrAddDefault(_sides, address, out _);
        return side ??= new Side();
    }

    private sealed class Side
    {
        public HashSet<Address> Peers { get; } = [];

        public long Requests { get; set; }
    }
}
