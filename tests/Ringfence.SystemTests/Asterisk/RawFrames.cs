using System.Buffers.Binary;
using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>Puts Ethernet frames on a link, with whatever addresses and tags: packet(7).</summary>
internal sealed partial class RawFrames : IDisposable
{
    private const int PacketFamily = 17;
    private const int RawCloseOnExec = 3 | 0x80000;

    private readonly Socket _socket;
    private readonly byte[] _to;

    private RawFrames(Socket socket, byte[] to)
    {
        _socket = socket;
        _to = to;
    }

    /// <param name="ns">The namespace in which the link is.</param>
    /// <param name="to">The Ethernet address of whoever is to take the frames: "02:00:00:00:00:01".</param>
    public static RawFrames Open(string ns, string link, string to) => Netns.RunIn(ns, () =>
    {
        var descriptor = CreateSocket(PacketFamily, RawCloseOnExec, 0);
        Span<byte> address = stackalloc byte[20];
        address.Clear();
        BitConverter.TryWriteBytes(address, (ushort)PacketFamily);
        BitConverter.TryWriteBytes(address[4..], IndexOf(link));
        return descriptor >= 0 && Bind(descriptor, address, address.Length) == 0
            ? new RawFrames(new Socket(new SafeSocketHandle(descriptor, ownsHandle: true)), [.. to.Trim().Split(':').Select(part => Convert.ToByte(part, 16))])
            : throw new Win32Exception(Marshal.GetLastPInvokeError());
    });

    /// <summary>A datagram from a SIP port to a SIP port.</summary>
    /// <param name="tags">VLAN tags, the outermost first, as hexadecimal digits: "81000007".</param>
    public void Send(string source, string destination, string tags, byte[] message)
    {
        byte[] udp = [.. Two(5060), .. Two(5060), .. Two(8 + message.Length), 0, 0, .. message];
        byte[] ip =
        [
            0x45, 0, .. Two(20 + udp.Length), 0, 0, 0, 0, 64, 17, 0, 0, .. IPAddress.Parse(source).GetAddressBytes(), .. IPAddress.Parse(destination).GetAddressBytes(),
        ];

        // RFC 1071.
        var sum = Enumerable.Range(0, 10).Sum(word => BinaryPrimitives.ReadUInt16BigEndian(ip.AsSpan(word * 2)));
        sum = (sum & 0xffff) + (sum >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(ip.AsSpan(10), (ushort)~((sum & 0xffff) + (sum >> 16)));
        _socket.Send((byte[])[.. _to, 2, 0, 0, 0, 0, 9, .. Convert.FromHexString(tags), 8, 0, .. ip, .. udp]);
    }

    /// <summary>An IP packet, whole.</summary>
    public void Send(byte[] ip) => _socket.Send(ip[0] >> 4 == 6 ? (byte[])[.. _to, 2, 0, 0, 0, 0, 9, 0x86, 0xdd, .. ip] : [.. _to, 2, 0, 0, 0, 0, 9, 8, 0, .. ip]);

    public void Dispose() => _socket.Dispose();

    private static byte[] Two(int number) => [(byte)(number >> 8), (byte)number];

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int CreateSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int descriptor, ReadOnlySpan<byte> address, int length);

    [LibraryImport("libc", EntryPoint = "if_nametoindex", StringMarshalling = StringMarshalling.Utf8)]
    private static partial uint IndexOf(string name);
}
