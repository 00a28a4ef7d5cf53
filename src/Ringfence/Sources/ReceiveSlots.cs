using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Ringfence.Sources;

/// <summary>One packet as the kernel handed it over; its bytes are good until the next call.</summary>
/// <param name="bytes">From the network header on.</param>
/// <param name="isOutgoing">This machine sent it.</param>
/// <param name="isVouched">The kernel does not look at its checksum any more.</param>
/// <param name="timeTicks">When the kernel saw it; UTC.</param>
internal readonly ref struct ReceivedPacket(ReadOnlySpan<byte> bytes, bool isOutgoing, bool isVouched, long timeTicks)
{
    public ReadOnlySpan<byte> Bytes { get; } = bytes;

    public bool IsOutgoing { get; } = isOutgoing;

    public bool IsVouched { get; } = isVouched;

    public long TimeTicks { get; } = timeTicks;
}

/// <summary>struct sockaddr_ll of packet(7).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LinkAddress
{
    public ushort Family;

    /// <summary>The packet's own, big endian.</summary>
    public ushort Protocol;
    public int Interface;
    public ushort Hardware;
    public byte PacketType;
    public byte AddressLength;
    public ulong Address;
}

/// <summary>Where recvmmsg(2) puts packets: the structures that the kernel wants, in memory that stays where it is.</summary>
/// <remarks>The longest IP packet has a slot of its own; of each only the pages that are written become real memory.</remarks>
internal sealed unsafe class ReceiveSlots : IDisposable
{
    private const int SlotBytes = 65_536;
    // Two messages: the time (32 bytes) and what the kernel knows of the packet (40 bytes).
    private const int ControlBytes = 80;
    private const byte Outgoing = 4; // PACKET_OUTGOING
    private const int TimeOfPacket = 35; // SCM_TIMESTAMPNS
    private const int KnownOfPacket = 8; // PACKET_AUXDATA
    private const int LevelSocket = 1; // SOL_SOCKET
    private const int LevelPacket = 263; // SOL_PACKET
    private const uint Vouched = 8 | 128; // TP_STATUS_CSUMNOTREADY: a card would complete it; TP_STATUS_CSUM_VALID: a card looked at it

    private readonly int _count;
    private readonly byte* _bytes;
    private readonly byte* _controls;
    private readonly LinkAddress* _addresses;
    private readonly Message* _messages;
    private readonly Vector* _vectors;

    public ReceiveSlots(int count)
    {
        _count = count;
        _bytes = (byte*)NativeMemory.Alloc((nuint)(count * SlotBytes));
        _controls = (byte*)NativeMemory.AllocZeroed((nuint)(count * ControlBytes));
        _addresses = (LinkAddress*)NativeMemory.AllocZeroed((nuint)(count * sizeof(LinkAddress)));
        _messages = (Message*)NativeMemory.AllocZeroed((nuint)(count * sizeof(Message)));
        _vectors = (Vector*)NativeMemory.AllocZeroed((nuint)(count * sizeof(Vector)));
    }

    /// <returns>struct mmsghdr[], as if nothing had been received yet.</returns>
    public void* Prepare()
    {
        for (var i = 0; i < _count; i++)
        {
            _vectors[i] = new Vector { Base = _bytes + (i * SlotBytes), Length = SlotBytes };
            _messages[i] = new Message
            {
                Name = _addresses + i,
                NameLength = (uint)sizeof(LinkAddress),
                Vectors = _vectors + i,
                VectorCount = 1,
                Control = _controls + (i * ControlBytes),
                ControlLength = ControlBytes,
            };
        }

        return _messages;
    }

    public ReceivedPacket At(int index)
    {
        ref var message = ref _messages[index];
        var bytes = new ReadOnlySpan<byte>(_bytes + (index * SlotBytes), (int)Math.Min(message.Length, SlotBytes));
        var timeTicks = 0L;
        var isVouched = false;

        // struct cmsghdr: length (8 bytes), level, type; then what it is about. Each begins at a multiple of 8.
        var control = new ReadOnlySpan<byte>(message.Control, (int)message.ControlLength);
        while (control.Length >= 24 && MemoryMarshal.Read<long>(control) is >= 16 and var length && length <= control.Length)
        {
            switch (MemoryMarshal.Read<int>(control[8..]), MemoryMarshal.Read<int>(control[12..]))
            {
                case (LevelSocket, TimeOfPacket) when length >= 32: // struct timespec
                    timeTicks = DateTime.UnixEpoch.Ticks + (MemoryMarshal.Read<long>(control[16..]) * TimeSpan.TicksPerSecond) + (MemoryMarshal.Read<long>(control[24..]) / 100);
                    break;
                case (LevelPacket, KnownOfPacket): // struct tpacket_auxdata, which begins with tp_status
                    isVouched = (MemoryMarshal.Read<uint>(control[16..]) & Vouched) != 0;
                    break;
            }

            control = control[Math.Min(control.Length, ((int)length + 7) & ~7)..];
        }

        return new ReceivedPacket(HasTag(bytes) ? bytes[4..] : bytes, _addresses[index].PacketType == Outgoing, isVouched, timeTicks);
    }

    public void Dispose()
    {
        NativeMemory.Free(_bytes);
        NativeMemory.Free(_controls);
        NativeMemory.Free(_addresses);
        NativeMemory.Free(_messages);
        NativeMemory.Free(_vectors);
    }

    // A second VLAN tag, of which four bytes are left: the tag, and the protocol behind it. The first stands beside the packet. The kernel does not tell:
    // since 6.11 sll_protocol is that of what is behind all tags. What could be both, for IP has its length there, is IP if the length is right.
    private static bool HasTag(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 5 || (BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]), bytes[4] >> 4) is not ((0x0800, 4) or (0x86dd, 6)))
        {
            return false;
        }

        return (bytes[0] >> 4) switch
        {
            4 => bytes.Length != 0x0800,
            6 => bytes.Length < 6 || bytes.Length != 40 + BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]),
            _ => true,
        };
    }

    // struct mmsghdr of recvmmsg(2), with struct msghdr in it; 64 bit, which is all that Ringfence is built for.
    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public LinkAddress* Name;
        public uint NameLength;
        public Vector* Vectors;
        public nuint VectorCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
        private readonly int _endOfInner;
        public uint Length;
        private readonly int _endOfOuter;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Vector
    {
        public byte* Base;
        public nuint Length;
    }
}
