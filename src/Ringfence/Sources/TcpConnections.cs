using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;

namespace Ringfence.Sources;

/// <summary>The established TCP connections of this machine, IPv4 and IPv6.</summary>
/// <remarks>
/// sock_diag(7). Each read of /proc/net/tcp and tcp6 walks the kernel's whole hash table with a lock per bucket: 7.5 ms on a machine with 24 GB and no connection
/// at all, where asking costs 0.3 ms.
/// </remarks>
internal static unsafe partial class TcpConnections
{
    private const int AddressFamilyNetlink = 16;
    private const int RawCloseOnExec = 3 | 0x80000;
    private const int ProtocolSocketDiag = 4;
    private const byte FamilyIPv4 = 2;
    private const byte FamilyIPv6 = 10;

    // struct nlmsghdr and struct inet_diag_req_v2 of linux/netlink.h and linux/inet_diag.h: 16 and 56 bytes.
    private const int RequestBytes = 72;
    private const ushort ByFamily = 20;
    private const ushort RequestDump = 0x301;
    private const ushort MessageError = 2;
    private const ushort MessageDone = 3;
    private const int HeaderBytes = 16;

    // A busy PBX's connections in one answer; longer ones come in several.
    private const int AnswerBytes = 32 * 1024;

    /// <returns>null: this kernel does not tell.</returns>
    public static List<TcpSocket>? Ask()
    {
        var descriptor = OpenSocket(AddressFamilyNetlink, RawCloseOnExec, ProtocolSocketDiag);
        if (descriptor < 0)
        {
            return null;
        }

        using var kernel = new SafeFileHandle(descriptor, ownsHandle: true);
        var found = new List<TcpSocket>();
        return AskFor(kernel, FamilyIPv4, found) && AskFor(kernel, FamilyIPv6, found) ? found : null;
    }

    private static bool AskFor(SafeFileHandle kernel, byte family, List<TcpSocket> found)
    {
        Span<byte> request = stackalloc byte[RequestBytes];
        request.Clear();
        MemoryMarshal.Write(request, RequestBytes);
        MemoryMarshal.Write(request[4..], ByFamily);
        MemoryMarshal.Write(request[6..], RequestDump);
        request[HeaderBytes] = family;
        request[HeaderBytes + 1] = 6; // IPPROTO_TCP
        MemoryMarshal.Write(request[(HeaderBytes + 4)..], 1U << ProcNetTcp.Established);
        fixed (byte* bytes = request)
        {
            if (Write(kernel, bytes, RequestBytes) != RequestBytes)
            {
                return false;
            }
        }

        // The kernel answers while it is being read: there is nothing to wait for.
        var answer = new byte[AnswerBytes];
        while (true)
        {
            nint length;
            fixed (byte* bytes = answer)
            {
                length = Read(kernel, bytes, AnswerBytes);
            }

            if (length <= 0 || Take(answer.AsSpan(0, (int)length), found) is not { } isDone)
            {
                return false;
            }

            if (isDone)
            {
                return true;
            }
        }
    }

    /// <summary>Adds the connections of one answer, which may be one of several.</summary>
    /// <returns>true: it was the last; null: the kernel refused, or it is no such answer.</returns>
    public static bool? Take(ReadOnlySpan<byte> answer, List<TcpSocket> found)
    {
        while (answer.Length >= HeaderBytes)
        {
            var length = MemoryMarshal.Read<int>(answer);
            var type = MemoryMarshal.Read<ushort>(answer[4..]);
            if (length < HeaderBytes || length > answer.Length || type == MessageError)
            {
                return null;
            }

            if (type == MessageDone)
            {
                return true;
            }

            if (type == ByFamily && Parse(answer[HeaderBytes..length]) is { } socket)
            {
                found.Add(socket);
            }

            answer = answer[Math.Min((length + 3) & ~3, answer.Length)..];
        }

        return false;
    }

    // struct inet_diag_msg: family, state, timer, retransmissions; then struct inet_diag_sockid, of which ports and addresses are in network order.
    private static TcpSocket? Parse(ReadOnlySpan<byte> message)
    {
        if (message.Length < 40 || message[0] is not (FamilyIPv4 or FamilyIPv6))
        {
            return null;
        }

        var addressBytes = message[0] == FamilyIPv4 ? 4 : 16;
        return new TcpSocket(
            Address.FromBytes(message.Slice(8, addressBytes)),
            BinaryPrimitives.ReadUInt16BigEndian(message[4..]),
            Address.FromBytes(message.Slice(24, addressBytes)),
            BinaryPrimitives.ReadUInt16BigEndian(message[6..]),
            message[1]);
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int OpenSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeFileHandle socket, byte* bytes, nuint length);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeFileHandle socket, byte* bytes, nuint length);
}
