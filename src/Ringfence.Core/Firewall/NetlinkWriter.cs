using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Ringfence.Core.Firewall;

/// <summary>Netlink messages one behind the other in a buffer that grows and is used again.</summary>
/// <remarks>Headers are in the machine's own byte order, what nftables defines is in network order; everything is padded to 4 bytes (RFC 3549 section 2.2).</remarks>
internal sealed class NetlinkWriter
{
    private byte[] _buffer = new byte[4096];
    private int _length;
    private int _messageAt;

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    public int Length => _length;

    public void Clear() => _length = 0;

    /// <param name="resource">The last field of the netfilter header: 0, or the subsystem for the two ends of a batch.</param>
    public void BeginMessage(ushort type, ushort flags, uint sequence, byte family = NftProtocol.FamilyInet, ushort resource = 0)
    {
        _messageAt = _length;
        var header = Take(NftProtocol.HeaderBytes + NftProtocol.FamilyHeaderBytes);
        MemoryMarshal.Write(header[4..], type);
        MemoryMarshal.Write(header[6..], flags);
        MemoryMarshal.Write(header[8..], sequence);
        header[NftProtocol.HeaderBytes] = family;
        BinaryPrimitives.WriteUInt16BigEndian(header[(NftProtocol.HeaderBytes + 2)..], resource);
    }

    public void EndMessage() => MemoryMarshal.Write(_buffer.AsSpan(_messageAt), _length - _messageAt);

    /// <returns>What <see cref="EndNest"/> wants.</returns>
    public int BeginNest(ushort type)
    {
        var at = _length;
        MemoryMarshal.Write(Take(4)[2..], (ushort)(type | NftProtocol.AttributeNested));
        return at;
    }

    public void EndNest(int at) => MemoryMarshal.Write(_buffer.AsSpan(at), checked((ushort)(_length - at)));

    public void Bytes(ushort type, ReadOnlySpan<byte> value)
    {
        var attribute = Take((4 + value.Length + 3) & ~3);
        MemoryMarshal.Write(attribute, checked((ushort)(4 + value.Length)));
        MemoryMarshal.Write(attribute[2..], type);
        value.CopyTo(attribute[4..]);
    }

    /// <summary>Text with the zero byte that the kernel wants behind it.</summary>
    public void Text(ushort type, ReadOnlySpan<byte> value)
    {
        Span<byte> terminated = stackalloc byte[value.Length + 1];
        value.CopyTo(terminated);
        terminated[value.Length] = 0;
        Bytes(type, terminated);
    }

    public void Number(ushort type, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        Bytes(type, bytes);
    }

    public void Number(ushort type, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        Bytes(type, bytes);
    }

    private Span<byte> Take(int count)
    {
        if (_length + count > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + count));
        }

        var taken = _buffer.AsSpan(_length, count);
        taken.Clear();
        _length += count;
        return taken;
    }
}
