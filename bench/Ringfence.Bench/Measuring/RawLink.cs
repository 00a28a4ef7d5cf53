using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Ringfence.Bench.Measuring;

/// <summary>Puts frames on an interface of this network namespace as they are: packet(7).</summary>
internal sealed partial class RawLink : IDisposable
{
    private const int PacketFamily = 17;
    private const int RawCloseOnExec = 3 | 0x80000;

    private readonly Socket _socket;

    private RawLink(Socket socket) => _socket = socket;

    /// <exception cref="Win32Exception">Not root, or no such interface.</exception>
    public static RawLink Open(string name)
    {
        // Protocol 0: it sends, and is shown nothing.
        var descriptor = CreateSocket(PacketFamily, RawCloseOnExec, 0);
        Span<byte> address = stackalloc byte[20];
        address.Clear();
        BitConverter.TryWriteBytes(address, (ushort)PacketFamily);
        BitConverter.TryWriteBytes(address[4..], IndexOf(name));
        if (descriptor < 0 || Bind(descriptor, address, address.Length) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        return new RawLink(new Socket(new SafeSocketHandle(descriptor, ownsHandle: true)));
    }

    public void Send(byte[] frame) => _socket.Send(frame);

    public void Dispose() => _socket.Dispose();

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int CreateSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int descriptor, ReadOnlySpan<byte> address, int length);

    [LibraryImport("libc", EntryPoint = "if_nametoindex", StringMarshalling = StringMarshalling.Utf8)]
    private static partial uint IndexOf(string name);
}
