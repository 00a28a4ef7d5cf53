using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Ringfence.Core.Firewall;

/// <summary>The messages in what one receive gave. A message that does not fit what is left ends the walk: never an exception.</summary>
internal ref struct NetlinkMessages(ReadOnlySpan<byte> datagram)
{
    private ReadOnlySpan<byte> _rest = datagram;

    public NetlinkMessage Current { get; private set; }

    public readonly NetlinkMessages GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.Length < NftProtocol.HeaderBytes)
        {
            return false;
        }

        var length = MemoryMarshal.Read<uint>(_rest);
        if (length < NftProtocol.HeaderBytes || length > _rest.Length)
        {
            return false;
        }

        Current = new NetlinkMessage(_rest[..(int)length]);
        _rest = _rest[Math.Min(_rest.Length, ((int)length + 3) & ~3)..];
        return true;
    }
}

/// <summary>One message: a header of 16 bytes at least.</summary>
internal readonly ref struct NetlinkMessage(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public ushort Type => MemoryMarshal.Read<ushort>(_bytes[4..]);

    public ushort Flags => MemoryMarshal.Read<ushort>(_bytes[6..]);

    public uint Sequence => MemoryMarshal.Read<uint>(_bytes[8..]);

    /// <summary>The socket that caused it: 0 is the kernel itself.</summary>
    public uint Port => MemoryMarshal.Read<uint>(_bytes[12..]);

    public byte Family => _bytes.Length > NftProtocol.HeaderBytes ? _bytes[NftProtocol.HeaderBytes] : (byte)0;

    /// <summary>Of an error message: 0 for "done", else the kernel's errno, positive. null if the message is too short to say.</summary>
    public int? Errno => _bytes.Length >= NftProtocol.HeaderBytes + 4 ? unchecked(-MemoryMarshal.Read<int>(_bytes[NftProtocol.HeaderBytes..])) : null;

    public NetlinkAttributes Attributes =>
        new(_bytes[Math.Min(_bytes.Length, NftProtocol.HeaderBytes + NftProtocol.FamilyHeaderBytes)..]);
}

/// <summary>Attributes one behind the other; the first that does not fit ends the walk.</summary>
internal ref struct NetlinkAttributes(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _all = bytes;
    private ReadOnlySpan<byte> _rest = bytes;

    public ushort Type { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Itself, so that foreach gives the attribute it stands on.</summary>
    public readonly NetlinkAttributes Current => this;

    public readonly NetlinkAttributes Nested => new(Value);

    public readonly NetlinkAttributes GetEnumerator() => new(_all);

    /// <summary>The value as a number in network order; null if it is not 4 bytes wide.</summary>
    public readonly uint? UInt32 => Value.Length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(Value) : null;

    /// <summary>The value as a number in network order; null if it is not 8 bytes wide.</summary>
    public readonly ulong? UInt64 => Value.Length == 8 ? BinaryPrimitives.ReadUInt64BigEndian(Value) : null;

    /// <summary>The value as text, without the zero byte behind it.</summary>
    public readonly ReadOnlySpan<byte> Text => Value.IndexOf((byte)0) is >= 0 and var end ? Value[..end] : Value;

    public bool MoveNext()
    {
        if (_rest.Length < 4)
        {
            return false;
        }

        var length = MemoryMarshal.Read<ushort>(_rest);
        if (length < 4 || length > _rest.Length)
        {
            return false;
        }

        Type = (ushort)(MemoryMarshal.Read<ushort>(_rest[2..]) & NftProtocol.AttributeTypeMask);
        Value = _rest[4..length];
        _rest = _rest[Math.Min(_rest.Length, (length + 3) & ~3)..];
        return true;
    }

    /// <summary>The value of the first attribute of that type; empty if there is none.</summary>
    public readonly NetlinkAttributes Find(ushort type)
    {
        foreach (var attribute in this)
        {
            if (attribute.Type == type)
            {
                return attribute;
            }
        }

        return default;
    }
}
