using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Ringfence.Bench.Measuring;

/// <summary>A UDP socket that knows when the kernel saw what it received.</summary>
internal sealed partial class TimedSocket : IDisposable
{
    private const nuint Stamp = 0x8907; // SIOCGSTAMPNS (man 7 socket)

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly byte[] _buffer = new byte[4096];

    /// <param name="local">An address of this network namespace.</param>
    public TimedSocket(IPAddress local, IPEndPoint peer)
    {
        _socket.Bind(new IPEndPoint(local, 5060));
        _socket.Connect(peer);

        // The first call turns the timestamps on, and has none yet.
        _ = ReadStamp();
    }

    public void Send(byte[] message) => _socket.Send(message);

    /// <returns>Empty: nothing came in time.</returns>
    public ReadOnlySpan<byte> Receive(TimeSpan patience) =>
        _socket.Poll(patience, SelectMode.SelectRead) ? _buffer.AsSpan(0, _socket.Receive(_buffer)) : default;

    /// <summary>When the kernel saw the packet that was received last; UTC ticks.</summary>
    public long ReceivedTicks()
    {
        var (seconds, nanoseconds) = ReadStamp();
        return DateTime.UnixEpoch.Ticks + (seconds * TimeSpan.TicksPerSecond) + (nanoseconds / TimeSpan.NanosecondsPerTick);
    }

    public void Dispose() => _socket.Dispose();

    private (long Seconds, long Nanoseconds) ReadStamp()
    {
        Span<long> timespec = stackalloc long[2];
        timespec.Clear();
        _ = Control(_socket.SafeHandle, Stamp, timespec);
        return (timespec[0], timespec[1]);
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeHandle socket, nuint request, Span<long> timespec);
}
