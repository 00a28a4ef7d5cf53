using System.Buffers;
using System.Buffers.Binary;

namespace Ringfence.Sources;

/// <summary>Datagrams that a PBX sent to the HEP socket, in the order in which they came.</summary>
internal sealed class HepBatch(string source) : SourceBatch
{
    private const int LengthBytes = 2;

    // Twice the longest datagram: 60 of a kilobyte before it is full. All 18 that can be on their way take 2.3 MB.
    private const int RoomBytes = 128 * 1024;

    private byte[]? _pooled = ArrayPool<byte>.Shared.Rent(RoomBytes);
    private int _length;

    /// <summary>The source's name, for people and evidence: "hep 127.0.0.1:9060".</summary>
    public string Source => source;

    public bool IsEmpty => _length == 0;

    /// <summary>Where the next datagram may be written; too small for the longest one: the batch is full.</summary>
    public Memory<byte> Free => _pooled.AsMemory(_length + LengthBytes, RoomBytes - _length - LengthBytes);

    /// <summary>Keeps the datagram that was written to <see cref="Free"/>.</summary>
    public void Take(int length)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_pooled.AsSpan(_length), (ushort)length);
        _length += LengthBytes + length;
    }

    /// <returns>The datagram that begins at <paramref name="at"/>, which is moved behind it; empty at the end.</returns>
    public ReadOnlySpan<byte> Next(ref int at)
    {
        if (at >= _length)
        {
            return default;
        }

        var length = BinaryPrimitives.ReadUInt16LittleEndian(_pooled.AsSpan(at));
        var datagram = _pooled.AsSpan(at + LengthBytes, length);
        at += LengthBytes + length;
        return datagram;
    }

    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _pooled, null) is { } pooled)
        {
            ArrayPool<byte>.Shared.Return(pooled);
        }
    }
}
