using System.Net.Sockets;
using System.Runtime.InteropServices;
using Ringfence.Core.Wire;

namespace Ringfence.Sources;

/// <summary>A socket that gets a copy of what passes this machine's interfaces, as its filter picks it.</summary>
/// <remarks>
/// packet(7), SOCK_DGRAM: each packet begins with its network header, whatever the interface is. One socket for all interfaces: an answer is never read
/// before its request, although it left by another. Read by recvmmsg(2) and not by a ring of TPACKET_V3: that hands over a block when it is full or when
/// its timer ends, which is some milliseconds for a lone packet, and a ring counts as our memory.
/// </remarks>
internal sealed unsafe partial class PacketSocket : IDisposable
{
    /// <summary>At most so many packets are taken at once.</summary>
    public const int Most = 32;

    private const int PacketFamily = 17;
    private const int DatagramCloseOnExec = 2 | 0x80000;
    private const ushort AllProtocols = 3; // ETH_P_ALL: the only one that is shown what goes out
    private const int DoNotWait = 0x40;

    private const int LevelSocket = 1;
    private const int ReceiveBuffer = 8;
    private const int AttachFilter = 26;
    private const int ReceiveBufferForce = 33;
    private const int Timestamps = 35; // SO_TIMESTAMPNS
    private const int LevelPacket = 263;
    private const int AddMembership = 1;
    private const int Statistics = 6;
    private const int AuxiliaryData = 8; // PACKET_AUXDATA

    private readonly Socket _socket;
    private readonly int _descriptor;
    private readonly ReceiveSlots _slots = new(Most);
    private readonly byte[] _peeked = new byte[1];

    private PacketSocket(Socket socket, int descriptor)
    {
        _socket = socket;
        _descriptor = descriptor;
    }

    /// <summary>A socket that hears nothing yet.</summary>
    /// <exception cref="WorldFailedException">This process may not have one.</exception>
    public static PacketSocket Open(int bufferBytes)
    {
        // Protocol 0: nothing is heard before the filter is there.
        var descriptor = CreateSocket(PacketFamily, DatagramCloseOnExec, 0);
        if (descriptor < 0)
        {
            throw Refused(Marshal.GetLastPInvokeError());
        }

        var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: true)) { Blocking = false };
        try
        {
            socket.SetRawSocketOption(LevelSocket, Timestamps, Bytes(1));
            socket.SetRawSocketOption(LevelPacket, AuxiliaryData, Bytes(1));
            Grow(socket, bufferBytes);
            return new PacketSocket(socket, descriptor);
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>From now on this filter holds; one that held before is replaced without a gap.</summary>
    /// <exception cref="SocketException">The kernel refuses the program.</exception>
    public void Filter(IReadOnlyList<FilterInstruction> program) => Filter(_socket, program);

    /// <inheritdoc cref="Filter(IReadOnlyList{FilterInstruction})"/>
    public static void Filter(Socket socket, IReadOnlyList<FilterInstruction> program)
    {
        // struct sock_filter is a FilterInstruction's four members in their order, 8 bytes.
        var instructions = program.Select(step => new Instruction(step.Code, step.IfTrue, step.IfFalse, step.Operand)).ToArray();
        fixed (Instruction* first = instructions)
        {
            var whole = new Program { Length = (ushort)instructions.Length, First = first };
            socket.SetRawSocketOption(LevelSocket, AttachFilter, new ReadOnlySpan<byte>(&whole, sizeof(Program)));
        }
    }

    /// <summary>Begins to hear all interfaces, also those that come later.</summary>
    /// <exception cref="SocketException">The kernel refuses.</exception>
    public void Begin()
    {
        var all = new LinkAddress { Family = PacketFamily, Protocol = (ushort)System.Net.IPAddress.HostToNetworkOrder((short)AllProtocols) };
        if (Bind(_descriptor, &all, sizeof(LinkAddress)) != 0)
        {
            throw new SocketException(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Has an interface take also what is not sent to it, as a mirror port (SPAN) brings it; until the socket is closed.</summary>
    /// <exception cref="SocketException">The kernel refuses.</exception>
    public void TakeAll(int link)
    {
        // struct packet_mreq: index, PACKET_MR_PROMISC, no address.
        Span<byte> membership = stackalloc byte[16];
        membership.Clear();
        BitConverter.TryWriteBytes(membership, link);
        BitConverter.TryWriteBytes(membership[4..], (ushort)1);
        _socket.SetRawSocketOption(LevelPacket, AddMembership, membership);
    }

    /// <summary>Waits until there is a packet.</summary>
    public ValueTask<int> WaitAsync(CancellationToken stop) => _socket.ReceiveAsync(_peeked, SocketFlags.Peek, stop);

    /// <summary>Takes what is there, without waiting.</summary>
    /// <returns>Packets; then <see cref="At"/> has them, until the next call.</returns>
    /// <exception cref="SocketException">The socket broke.</exception>
    public int Receive()
    {
        var taken = ReceiveMany(_descriptor, _slots.Prepare(), Most, DoNotWait, null);
        if (taken >= 0)
        {
            return taken;
        }

        var error = Marshal.GetLastPInvokeError();
        return error is Libc.TryAgain or Libc.Interrupted ? 0 : throw new SocketException(error);
    }

    public ReceivedPacket At(int index) => _slots.At(index);

    /// <returns>Packets since the last call that the kernel could not keep for us.</returns>
    public long TakeDrops()
    {
        // struct tpacket_stats: seen, of these dropped; both begin anew when they are read.
        Span<uint> counts = stackalloc uint[2];
        _socket.GetRawSocketOption(LevelPacket, Statistics, MemoryMarshal.AsBytes(counts));
        return counts[1];
    }

    public void Dispose()
    {
        _socket.Dispose();
        _slots.Dispose();
    }

    /// <summary>The forced size needs CAP_NET_ADMIN in the machine's first user namespace; a container may only have what net.core.rmem_max allows.</summary>
    public static void Grow(Socket socket, int bytes)
    {
        try
        {
            socket.SetRawSocketOption(LevelSocket, ReceiveBufferForce, Bytes(bytes));
        }
        catch (SocketException)
        {
            socket.SetRawSocketOption(LevelSocket, ReceiveBuffer, Bytes(bytes));
        }
    }

    private static ReadOnlySpan<byte> Bytes(int value) => BitConverter.GetBytes(value);

    private static WorldFailedException Refused(int error) => new(error switch
    {
        Libc.NotPermitted or Libc.NoPermission =>
            "wire: needs the capability CAP_NET_RAW, as root has it; the service gets it by AmbientCapabilities and CapabilityBoundingSet in its unit (packaging/install brings the new unit)",
        97 => "wire: packet sockets are closed to this process: the unit's RestrictAddressFamilies must have AF_PACKET (packaging/install brings the new unit), and the kernel CONFIG_PACKET",
        _ => $"wire: no packet socket: {Libc.Describe(error)}",
    });

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int CreateSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int descriptor, LinkAddress* address, int length);

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    private static partial int ReceiveMany(int descriptor, void* messages, uint count, int flags, void* timeout);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Operand);

    // struct sock_fprog of linux/filter.h.
    [StructLayout(LayoutKind.Sequential)]
    private struct Program
    {
        public ushort Length;
        public Instruction* First;
    }
}
