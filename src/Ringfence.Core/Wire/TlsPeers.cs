using System.Buffers.Binary;
using Ringfence.Core.Events;

namespace Ringfence.Core.Wire;

/// <summary>What can be seen of TLS: who connected, and whose handshakes failed. The newest 1,024 peers or so: of two in one place the newer.</summary>
/// <remarks>RFC 8446 section 5.1 and RFC 5246 section 6.2.1: a record is its type, a version that begins with 3, and a length.</remarks>
internal sealed class TlsPeers
{
    private const int Entries = 1_024;
    private const int HeadBytes = 5;
    private const byte AlertRecord = 21;
    private const byte HandshakeRecord = 22;
    private const byte LastRecord = 23;
    private const byte ClientHello = 1;

    private readonly TlsPeer[] _peers = new TlsPeer[Entries];

    /// <summary>Connections since start.</summary>
    public long Connections { get; private set; }

    /// <summary>Alerts in clear since start: handshakes that failed.</summary>
    public long Failures { get; private set; }

    /// <returns>Whether bytes begin with a record of TLS.</returns>
    public static bool IsTls(ReadOnlySpan<byte> stream) => stream is [>= 20 and <= LastRecord, 3, <= 4, ..];

    /// <returns>What is known of a peer; nothing: all zero.</returns>
    public TlsPeer Of(Address address) => _peers[Slot(address)] is var peer && peer.Address == address ? peer : default;

    /// <summary>Takes a segment that begins with a record, or with the middle of one.</summary>
    public void See(ReadOnlySpan<byte> segment, Address peer)
    {
        while (segment.Length >= HeadBytes && IsTls(segment))
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(segment[3..]);
            var record = segment[HeadBytes..Math.Min(segment.Length, HeadBytes + length)];
            if (segment[0] == HandshakeRecord && record is [ClientHello, ..])
            {
                Connections++;
                Count(peer, 1, 0);
            }
            else if (segment[0] == AlertRecord && record is [1 or 2, not 0 and not 90])
            {
                // Longer alerts are encrypted; 0 and 90 are a farewell (close_notify, user_canceled).
                Failures++;
                Count(peer, 0, 1);
            }

            segment = segment[(HeadBytes + record.Length)..];
        }
    }

    private void Count(Address address, int connections, int failures)
    {
        ref var peer = ref _peers[Slot(address)];
        peer = peer.Address == address
            ? peer with { Connections = peer.Connections + connections, Failures = peer.Failures + failures }
            : new TlsPeer(address, connections, failures);
    }

    private static int Slot(Address address) => address.GetHashCode() & (Entries - 1);
}

internal readonly record struct TlsPeer(Address Address, long Connections, long Failures);
