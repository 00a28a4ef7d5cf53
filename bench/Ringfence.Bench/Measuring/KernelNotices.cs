using System.Buffers.Binary;
using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Ringfence.Bench.Measuring;

/// <summary>The kernel's own notifications of what enters nftables in this network namespace: seen by everybody, whoever sent it and how.</summary>
/// <remarks>linux/netfilter/nfnetlink.h, nf_tables.h. Own code and not the guard's: what measures must not share its mistakes.</remarks>
internal sealed partial class KernelNotices : IDisposable
{
    private const int LevelSocket = 1;
    private const int ReceiveBufferForce = 33;
    private const int LevelNetlink = 270;
    private const int AddMembership = 1;
    private const int NftablesGroup = 7;
    private const ushort NewRule = (10 << 8) | 6;
    private const ushort NewElement = (10 << 8) | 12;
    private const int HeaderBytes = 16;

    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[1 << 20];

    private KernelNotices(Socket socket) => _socket = socket;

    /// <summary>How often notifications were lost because they came faster than they were read: then a count is too low.</summary>
    public int Overruns { get; private set; }

    /// <exception cref="Win32Exception">Not root, or no nftables.</exception>
    public static KernelNotices Open()
    {
        var descriptor = CreateSocket(family: 16, type: 3 | 0x80000, protocol: 12);
        Span<byte> anyPort = stackalloc byte[12];
        anyPort.Clear();
        anyPort[0] = 16;
        if (descriptor < 0 || Bind(descriptor, anyPort, anyPort.Length) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));
        // 100,000 elements in one commit are told within a few milliseconds.
        socket.SetRawSocketOption(LevelSocket, ReceiveBufferForce, Bytes(256 << 20));
        socket.SetRawSocketOption(LevelNetlink, AddMembership, Bytes(NftablesGroup));
        return new KernelNotices(socket);
    }

    /// <summary>Waits for the next notification and gives the addresses of the block that it brings into a set or a rule.</summary>
    /// <returns>False: the time is up.</returns>
    public bool Wait(TimeSpan timeout, AddressBlock block, Action<int> seen)
    {
        if (timeout <= TimeSpan.Zero || !_socket.Poll(timeout, SelectMode.SelectRead))
        {
            return false;
        }

        var length = _socket.Receive(_buffer, SocketFlags.None, out var error);
        if (error == SocketError.NoBufferSpaceAvailable)
        {
            Overruns++;
            return true;
        }

        for (var rest = _buffer.AsSpan(0, length); rest.Length >= HeaderBytes;)
        {
            var messageBytes = (int)MemoryMarshal.Read<uint>(rest);
            if (messageBytes < HeaderBytes || messageBytes > rest.Length)
            {
                break;
            }

            if (MemoryMarshal.Read<ushort>(rest[4..]) is NewRule or NewElement)
            {
                Find(rest[HeaderBytes..messageBytes], block, seen);
            }

            rest = rest[Math.Min(rest.Length, (messageBytes + 3) & ~3)..];
        }

        return true;
    }

    public void Dispose() => _socket.Dispose();

    // Whatever the shape of somebody's set or rule, an IPv4 address is four bytes at a multiple of four: netlink pads its attributes so.
    private static void Find(ReadOnlySpan<byte> message, AddressBlock block, Action<int> seen)
    {
        for (var at = 0; at + 4 <= message.Length; at += 4)
        {
            var place = BinaryPrimitives.ReadUInt32BigEndian(message[at..]) - block.First;
            if (place < (uint)block.Count)
            {
                seen((int)place);
            }
        }
    }

    private static ReadOnlySpan<byte> Bytes(int value) => BitConverter.GetBytes(value);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int CreateSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int descriptor, ReadOnlySpan<byte> address, int length);
}

/// <summary>Addresses that one measurement uses.</summary>
internal readonly record struct AddressBlock(uint First, int Count);

/// <summary>Which addresses of a block have been seen.</summary>
internal sealed class SeenAddresses(AddressBlock block)
{
    private readonly bool[] _seen = new bool[block.Count];

    public int Count { get; private set; }

    public bool IsComplete => Count == block.Count;

    public void Add(int place)
    {
        Count += _seen[place] ? 0 : 1;
        _seen[place] = true;
    }
}
