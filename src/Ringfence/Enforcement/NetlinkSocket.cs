using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Ringfence.Core.Firewall;

namespace Ringfence.Enforcement;

/// <summary>A socket to the kernel's netfilter, in the network namespace of the thread that opened it.</summary>
internal sealed partial class NetlinkSocket : IDisposable
{
    private const int AddressFamilyNetlink = 16;
    private const int RawCloseOnExec = 3 | 0x80000;
    private const int ProtocolNetfilter = 12;

    private const int LevelSocket = 1;
    private const int SendBuffer = 7;
    private const int ReceiveBuffer = 8;
    private const int SendBufferForce = 32;
    private const int ReceiveBufferForce = 33;
    private const int LevelNetlink = 270;
    private const int AddMembership = 1;
    private const int DropMembership = 2;
    private const int ShortErrors = 10;

    private readonly Socket _socket;

    private NetlinkSocket(Socket socket, uint port)
    {
        _socket = socket;
        Port = port;
    }

    /// <summary>The number that the kernel knows this socket by; notifications carry it.</summary>
    public uint Port { get; }

    /// <summary>The longest message that the kernel takes from this socket.</summary>
    public int MaxSendBytes { get; private set; }

    /// <exception cref="FirewallException">The kernel has no netlink for us.</exception>
    public static NetlinkSocket Open()
    {
        var descriptor = CreateSocket(AddressFamilyNetlink, RawCloseOnExec, ProtocolNetfilter);
        if (descriptor < 0)
        {
            throw Failure("open");
        }

        var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));
        try
        {
            // Port 0: the kernel gives one that is free.
            var address = new SocketAddressNetlink { Family = AddressFamilyNetlink };
            var length = Marshal.SizeOf<SocketAddressNetlink>();
            if (Bind(descriptor, address, length) != 0 || GetName(descriptor, ref address, ref length) != 0)
            {
                throw Failure("bind");
            }

            // Without it each error carries the whole message that it refuses.
            SetOption(socket, LevelNetlink, ShortErrors, 1);
            socket.Blocking = false;
            var opened = new NetlinkSocket(socket, address.Port);
            opened.MaxSendBytes = opened.Grow(SendBufferForce, SendBuffer, 4 << 20) - 32;
            opened.Grow(ReceiveBufferForce, ReceiveBuffer, 4 << 20);
            return opened;
        }
        catch (FirewallException)
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>From now on receives every commit of anybody in this namespace.</summary>
    /// <param name="bufferBytes">What may wait for us: a flushed set of 100,000 tells each element.</param>
    public void Subscribe(int bufferBytes)
    {
        Grow(ReceiveBufferForce, ReceiveBuffer, bufferBytes);
        SetOption(_socket, LevelNetlink, AddMembership, NftProtocol.NotificationGroup);
    }

    /// <summary>Receives no commits until <see cref="Resume"/>: while nobody listens the kernel does not write a notification for each of a million elements.</summary>
    public void Pause() => TrySetOption(_socket, LevelNetlink, DropMembership, NftProtocol.NotificationGroup);

    public void Resume() => TrySetOption(_socket, LevelNetlink, AddMembership, NftProtocol.NotificationGroup);

    /// <returns>0 or an errno of <see cref="KernelWords"/>.</returns>
    public int Send(ReadOnlySpan<byte> message)
    {
        _socket.Send(message, SocketFlags.None, out var error);
        return ErrnoOf(error);
    }

    /// <summary>Takes what is there, without waiting: the kernel answers while it is being asked.</summary>
    /// <returns>Bytes received, 0 if nothing is there; and an errno if notifications were lost (<see cref="KernelWords.NoBuffers"/>).</returns>
    public (int Length, int Errno) Receive(Span<byte> buffer)
    {
        var length = _socket.Receive(buffer, SocketFlags.None, out var error);
        return error == SocketError.WouldBlock ? (0, 0) : (length, ErrnoOf(error));
    }

    /// <summary>Waits for a notification.</summary>
    /// <returns>Bytes received; -1: some were lost, since they came faster than they were read.</returns>
    /// <exception cref="FirewallException">The socket broke.</exception>
    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken stop)
    {
        try
        {
            return await _socket.ReceiveAsync(buffer, SocketFlags.None, stop);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.NoBufferSpaceAvailable)
        {
            return -1;
        }
        catch (SocketException e)
        {
            throw new FirewallException($"nftables: the kernel's notifications broke off: {e.Message}", e);
        }
    }

    public void Dispose() => _socket.Dispose();

    // The forced size needs CAP_NET_ADMIN in the machine's first user namespace; a container may only have the other.
    private int Grow(int forced, int plain, int bytes)
    {
        if (!TrySetOption(_socket, LevelSocket, forced, bytes))
        {
            TrySetOption(_socket, LevelSocket, plain, bytes);
        }

        Span<byte> value = stackalloc byte[4];
        _socket.GetRawSocketOption(LevelSocket, plain, value);
        return MemoryMarshal.Read<int>(value);
    }

    private static void SetOption(Socket socket, int level, int option, int value)
    {
        if (!TrySetOption(socket, level, option, value))
        {
            throw new FirewallException($"nftables: the kernel refused netlink option {option}: nf_tables may be missing in this kernel") { IsLasting = true };
        }
    }

    private static bool TrySetOption(Socket socket, int level, int option, int value)
    {
        try
        {
            socket.SetRawSocketOption(level, option, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int ErrnoOf(SocketError error) => error switch
    {
        SocketError.Success => 0,
        SocketError.NoBufferSpaceAvailable => KernelWords.NoBuffers,
        SocketError.MessageSize => KernelWords.TooLong,
        SocketError.AccessDenied => KernelWords.NotPermitted,
        _ => KernelWords.AnswerLost,
    };

    private static FirewallException Failure(string what)
    {
        var reason = new Win32Exception(Marshal.GetLastPInvokeError());
        return new FirewallException($"nftables: can't {what} a netlink socket: {reason.Message}", reason) { IsLasting = true };
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int CreateSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int descriptor, in SocketAddressNetlink address, int length);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    private static partial int GetName(int descriptor, ref SocketAddressNetlink address, ref int length);

    /// <summary>struct sockaddr_nl of man 7 netlink.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct SocketAddressNetlink
    {
        public ushort Family;
        public ushort Padding;
        public uint Port;
        public uint Groups;
    }
}
