using System.Buffers;
using System.Buffers.Binary;

namespace Ringfence.Sources;

/// <summary>Packets in the order in which the kernel saw them, each from its network header on.</summary>
internal sealed class WireBatch(string source) : SourceBatch
{
    private const int HeadBytes = 12;
    private const int Outgoing = 1 << 30;
    private const int Vouched = 1 << 29;

    // What one call to the kernel brings, and below what the garbage collector calls large: the 18 batches that can be on their way took 2.3 MB as long as
    // each had room for the longest packet.
    private const int RoomBytes = 64 * 1024;

    private byte[]? _pooled = ArrayPool<byte>.Shared.Rent(RoomBytes);
    private int _length;

    /// <summary>The source's name, for people and evidence: "wire eth0".</summary>
    public string Source => source;

    public bool IsEmpty => _length == 0;

    /// <returns>false: there is no room for it.</returns>
    public bool TryAdd(ReceivedPacket packet)
    {
        var needed = HeadBytes + packet.Bytes.Length;
        if (_pooled!.Length - _length < needed)
        {
            if (_length > 0)
            {
                return false;
            }

            // Longer than any that is not put together by the kernel: it has a batch of its own.
            ArrayPool<byte>.Shared.Return(_pooled);
            _pooled = ArrayPool<byte>.Shared.Rent(needed);
        }

        var free = _pooled.AsSpan(_length);
        BinaryPrimitives.WriteInt32LittleEndian(free, packet.Bytes.Length | (packet.IsOutgoing ? Outgoing : 0) | (packet.IsVouched ? Vouched : 0));
        BinaryPrimitives.WriteInt64LittleEndian(free[4..], packet.TimeTicks);
        packet.Bytes.CopyTo(free[HeadBytes..]);
        _length += needed;
        return true;
    }

    /// <returns>The packet that begins at <paramref name="at"/>, which is moved behind it; empty at the end.</returns>
    public ReceivedPacket Next(ref int at)
    {
        if (at >= _length)
        {
            return default;
        }

        var rest = _pooled.AsSpan(at, _length - at);
        var head = BinaryPrimitives.ReadInt32LittleEndian(rest);
        var length = head & ~(Outgoing | Vouched);
        at += HeadBytes + length;
        return new ReceivedPacket(rest.Slice(HeadBytes, length), (head & Outgoing) != 0, (head & Vouched) != 0, BinaryPrimitives.ReadInt64LittleEndian(rest[4..]));
    }

    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _pooled, null) is { } pooled)
        {
            ArrayPool<byte>.Shared.Return(pooled);
        }
    }
}
