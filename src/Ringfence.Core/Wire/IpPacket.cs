using System.Buffers.Binary;
using Ringfence.Core.Events;

namespace Ringfence.Core.Wire;

/// <summary>One IP packet of a frame; spans into the frame.</summary>
/// <remarks>
/// RFC 791, RFC 8200. What the kernel would not take is not taken here either (a length beyond the frame, a header that is cut), or a packet that
/// the PBX never sees would be one here.
/// </remarks>
internal readonly ref struct IpPacket
{
    public const byte Tcp = 6;
    public const byte Udp = 17;

    private const int EthernetBytes = 14;
    private const int SllBytes = 16;
    private const int Sll2Bytes = 20;
    private const int IPv6Bytes = 40;
    private const byte Fragment = 44;

    public Address Source { get; private init; }

    public Address Destination { get; private init; }

    /// <summary>Of the payload: 6 TCP, 17 UDP. Of a fragment of IPv6 only the first one's word counts.</summary>
    public byte Protocol { get; private init; }

    /// <summary>That of IPv4, over which its checksum goes; empty of IPv6, which has none.</summary>
    public ReadOnlySpan<byte> Header { get; private init; }

    /// <summary>Both addresses as they stand in the packet.</summary>
    public ReadOnlySpan<byte> Addresses { get; private init; }

    /// <summary>Behind all headers of IP; of a fragment its part alone.</summary>
    public ReadOnlySpan<byte> Payload { get; private init; }

    public bool IsFragment { get; private init; }

    /// <summary>By which the fragments of one packet know each other.</summary>
    public uint Identification { get; private init; }

    /// <summary>Where a fragment's payload stands in that of the whole.</summary>
    public int OffsetBytes { get; private init; }

    /// <summary>Not the last fragment.</summary>
    public bool HasMore { get; private init; }

    public bool IsValid { get; private init; }

    /// <summary>It has no header to check, and its fragments know each other without their protocol (RFC 8200 section 4.5).</summary>
    public bool IsIPv6 => Header.IsEmpty;

    /// <summary>A first fragment of IPv6 in which not all headers stand, with that of TCP or UDP: Linux throws it away (RFC 8200 section 4.5;
    /// net/ipv6/reassembly.c, ipv6frag_thdr_truncated).</summary>
    public bool IsTruncatedFirst
    {
        get
        {
            if (!IsIPv6 || OffsetBytes > 0)
            {
                return false;
            }

            const byte HopByHop = 0, Routing = 43, Authentication = 51, NoNext = 59, Options = 60, Icmp = 58;
            var next = Protocol;
            var at = 0;
            while (next is HopByHop or Routing or Fragment or Authentication or NoNext or Options)
            {
                if (next == NoNext || at + 2 > Payload.Length || (next == Fragment && at + 4 <= Payload.Length && (BinaryPrimitives.ReadUInt16BigEndian(Payload[(at + 2)..]) & 0xfff8) != 0))
                {
                    return false;
                }

                var length = next switch
                {
                    Fragment => 8,
                    Authentication => (Payload[at + 1] + 2) * 4,
                    _ => (Payload[at + 1] + 1) * 8,
                };
                next = Payload[at];
                at += length;
            }

            return at + (next switch { Tcp => 20, Udp or Icmp => 8, _ => 1 }) > Payload.Length;
        }
    }

    /// <summary>The packet that a fragment is the last to complete.</summary>
    /// <param name="protocol">What the first fragment says.</param>
    /// <param name="payload">Of all of them. It may begin with more headers of IPv6.</param>
    public IpPacket Completed(byte protocol, ReadOnlySpan<byte> payload) => (this with { Protocol = protocol, Payload = payload, IsFragment = false }).BehindExtensions();

    /// <returns>Not <see cref="IsValid"/> for what is no IP or is cut.</returns>
    public static IpPacket Parse(ReadOnlySpan<byte> frame, LinkType link)
    {
        var ip = Network(frame, link);
        return ip.IsEmpty ? default : (ip[0] >> 4) switch
        {
            4 => IPv4(ip),
            6 => IPv6(ip),
            _ => default,
        };
    }

    // What stands behind the link's header, if that says IP; empty: it says something else.
    private static ReadOnlySpan<byte> Network(ReadOnlySpan<byte> frame, LinkType link)
    {
        switch (link)
        {
            case LinkType.RawIp:
                return frame;
            case LinkType.Null:
                // The family's number of IPv6 differs from system to system; the IP header has its own.
                return frame.Length > 4 ? frame[4..] : default;
            case LinkType.Ethernet when frame.Length > EthernetBytes:
                return Untagged(BinaryPrimitives.ReadUInt16BigEndian(frame[12..]), frame[EthernetBytes..]);
            case LinkType.LinuxSll when frame.Length > SllBytes:
                return Untagged(BinaryPrimitives.ReadUInt16BigEndian(frame[14..]), frame[SllBytes..]);
            case LinkType.LinuxSll2 when frame.Length > Sll2Bytes:
                return Untagged(BinaryPrimitives.ReadUInt16BigEndian(frame), frame[Sll2Bytes..]);
            default:
                return default;
        }
    }

    private static ReadOnlySpan<byte> Untagged(ushort type, ReadOnlySpan<byte> rest)
    {
        // IEEE 802.1Q, 802.1ad and what switches used for it before; each tag is two bytes and the type of what follows.
        while (type is 0x8100 or 0x88a8 or 0x9100)
        {
            if (rest.Length < 4)
            {
                return default;
            }

            type = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            rest = rest[4..];
        }

        return type is 0x0800 or 0x86dd ? rest : default;
    }

    // A length of 0 is that of segments which the kernel joined to more than 64 KiB (BIG TCP). In a packet that is shorter it is a lie: Linux reads nothing behind its header.
    private static IpPacket IPv4(ReadOnlySpan<byte> ip)
    {
        var head = (ip[0] & 15) * 4;
        if (head < 20 || ip.Length < head)
        {
            return default;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(ip[2..]);
        length = length == 0 && ip.Length > ushort.MaxValue ? ip.Length : length;
        if (length < head || length > ip.Length)
        {
            return default;
        }

        var fragment = BinaryPrimitives.ReadUInt16BigEndian(ip[6..]);
        return new IpPacket
        {
            Source = Address.FromBytes(ip.Slice(12, 4)),
            Destination = Address.FromBytes(ip.Slice(16, 4)),
            Protocol = ip[9],
            Header = ip[..head],
            Addresses = ip.Slice(12, 8),
            Payload = ip[head..length],
            IsFragment = (fragment & 0x3fff) != 0,
            Identification = BinaryPrimitives.ReadUInt16BigEndian(ip[4..]),
            OffsetBytes = (fragment & 0x1fff) * 8,
            HasMore = (fragment & 0x2000) != 0,
            IsValid = true,
        };
    }

    private static IpPacket IPv6(ReadOnlySpan<byte> ip)
    {
        if (ip.Length < IPv6Bytes)
        {
            return default;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(ip[4..]);
        length = length == 0 && ip.Length - IPv6Bytes > ushort.MaxValue ? ip.Length - IPv6Bytes : length;
        if (length > ip.Length - IPv6Bytes)
        {
            return default;
        }

        var source = Address.FromBytes(ip.Slice(8, 16));
        var destination = Address.FromBytes(ip.Slice(24, 16));
        var next = ip[6];
        var addresses = ip.Slice(8, 32);
        var rest = ip.Slice(IPv6Bytes, length);

        var packet = new IpPacket { Source = source, Destination = destination, Addresses = addresses, Protocol = next, Payload = rest, IsValid = true }.BehindExtensions();
        if (packet.Protocol != Fragment || !packet.IsValid)
        {
            return packet;
        }

        rest = packet.Payload;
        if (rest.Length < 8)
        {
            return default;
        }

        var fragment = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
        packet = packet with
        {
            Protocol = rest[0],
            Payload = rest[8..],
            // One that is whole has nothing to do with others of its number (RFC 6946).
            IsFragment = fragment > 7 || (fragment & 1) != 0,
            Identification = BinaryPrimitives.ReadUInt32BigEndian(rest[4..]),
            OffsetBytes = fragment & 0xfff8,
            HasMore = (fragment & 1) != 0,
        };
        return packet.IsFragment ? packet : packet.BehindExtensions();
    }

    // RFC 8200 section 4: hop-by-hop, routing, destination options; each says its length in units of 8 bytes beyond the first.
    private IpPacket BehindExtensions()
    {
        var next = Protocol;
        var rest = Payload;
        while (IsIPv6 && next is 0 or 43 or 60)
        {
            if (rest.Length < 8 || (rest[1] + 1) * 8 > rest.Length)
            {
                return default;
            }

            next = rest[0];
            rest = rest[((rest[1] + 1) * 8)..];
        }

        return this with { Protocol = next, Payload = rest };
    }
}
