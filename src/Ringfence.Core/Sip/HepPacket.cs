using System.Buffers.Binary;
using Ringfence.Core.Events;

namespace Ringfence.Core.Sip;

/// <summary>One datagram of the Homer Encapsulation Protocol, version 3: a SIP message as the PBX received or sent it, with the addresses of its socket.</summary>
/// <remarks>
/// Source: "HEP3 Network Protocol Specification", rev. 36 (sipcapture): 'HEP3', 16 bits total length, then chunks of vendor, type and length (16 bits each,
/// the length with these six bytes) and a value. Integers are big endian. A chunk of another vendor, or of a type that is not needed here, is passed over.
/// </remarks>
internal readonly ref struct HepPacket
{
    /// <summary>SIP in the chunk "protocol type".</summary>
    private const int Sip = 1;

    private const int HeadBytes = 6;
    private const int ChunkHeadBytes = 6;

    public Endpoint Source { get; private init; }

    public Endpoint Destination { get; private init; }

    /// <summary>Of the socket. Asterisk tells 6 for TLS and WebSocket too: then the topmost Via knows more. <see cref="Transport.Tls"/> may be a WebSocket: Kamailio's
    /// siptrace and repro tell 22 (IPPROTO_IDP), which nobody else uses, for whatever is neither UDP nor plain TCP; each has shaken hands.</summary>
    public Transport Transport { get; private init; }

    /// <summary>When the PBX saw it, by its own clock; UTC ticks. 0: not told.</summary>
    public long TimeTicks { get; private init; }

    /// <summary>The password of the capture; empty: none.</summary>
    public ReadOnlySpan<byte> Password { get; private init; }

    /// <summary>The message; empty: the packet is not HEPv3, is cut, or holds something else than SIP.</summary>
    public ReadOnlySpan<byte> Payload { get; private init; }

    /// <summary>Whole, and about SIP between two addresses.</summary>
    public bool IsValid => !Payload.IsEmpty && Source.Port != 0 && Destination.Port != 0;

    public static HepPacket Parse(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < HeadBytes || !datagram.StartsWith("HEP3"u8) || BinaryPrimitives.ReadUInt16BigEndian(datagram[4..]) != datagram.Length)
        {
            return default;
        }

        Address? source = null;
        Address? destination = null;
        ushort sourcePort = 0;
        ushort destinationPort = 0;
        var transport = Transport.Unknown;
        long seconds = 0;
        long microseconds = 0;
        var type = 0;
        ReadOnlySpan<byte> password = default;
        ReadOnlySpan<byte> payload = default;
        for (var rest = datagram[HeadBytes..]; !rest.IsEmpty;)
        {
            if (rest.Length < ChunkHeadBytes || BinaryPrimitives.ReadUInt16BigEndian(rest[4..]) is var length && (length < ChunkHeadBytes || length > rest.Length))
            {
                return default;
            }

            var value = rest[ChunkHeadBytes..length];
            if (BinaryPrimitives.ReadUInt16BigEndian(rest) == 0)
            {
                switch ((Chunk)BinaryPrimitives.ReadUInt16BigEndian(rest[2..]))
                {
                    case Chunk.Protocol when value.Length == 1:
                        transport = value[0] switch { 17 => Transport.Udp, 6 => Transport.Tcp, 22 => Transport.Tls, _ => Transport.Unknown };
                        break;
                    case Chunk.SourceIPv4 when value.Length == 4:
                    case Chunk.SourceIPv6 when value.Length == 16:
                        source = Address.FromBytes(value);
                        break;
                    case Chunk.DestinationIPv4 when value.Length == 4:
                    case Chunk.DestinationIPv6 when value.Length == 16:
                        destination = Address.FromBytes(value);
                        break;
                    case Chunk.SourcePort when value.Length == 2:
                        sourcePort = BinaryPrimitives.ReadUInt16BigEndian(value);
                        break;
                    case Chunk.DestinationPort when value.Length == 2:
                        destinationPort = BinaryPrimitives.ReadUInt16BigEndian(value);
                        break;
                    case Chunk.Seconds when value.Length == 4:
                        seconds = BinaryPrimitives.ReadUInt32BigEndian(value);
                        break;
                    case Chunk.Microseconds when value.Length == 4:
                        microseconds = BinaryPrimitives.ReadUInt32BigEndian(value);
                        break;
                    case Chunk.Type when value.Length == 1:
                        type = value[0];
                        break;
                    case Chunk.Password:
                        password = value;
                        break;
                    case Chunk.Payload:
                        payload = value;
                        break;
                }
            }

            rest = rest[length..];
        }

        return source is null || destination is null || type != Sip
            ? default
            : new HepPacket
            {
                Source = new Endpoint(source.Value, sourcePort),
                Destination = new Endpoint(destination.Value, destinationPort),
                Transport = transport,
                TimeTicks = seconds == 0 ? 0 : DateTime.UnixEpoch.Ticks + (seconds * TimeSpan.TicksPerSecond) + (microseconds % 1_000_000 * TimeSpan.TicksPerMicrosecond),
                Password = password,
                Payload = payload,
            };
    }

    private enum Chunk : ushort
    {
        Protocol = 2,
        SourceIPv4 = 3,
        DestinationIPv4 = 4,
        SourceIPv6 = 5,
        DestinationIPv6 = 6,
        SourcePort = 7,
        DestinationPort = 8,
        Seconds = 9,
        Microseconds = 10,
        Type = 11,
        Password = 14,
        Payload = 15,
    }
}
