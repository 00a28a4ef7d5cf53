using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Ringfence.Sources;

/// <summary>Receives what the PBX tells over HEP: a UDP socket, on loopback unless the configuration says otherwise.</summary>
internal sealed class HepReceiver(IPEndPoint listen, ChannelWriter<SourceBatch> batches, TimeProvider clock)
{
    /// <summary>The longest UDP datagram.</summary>
    private const int LongestDatagram = 65_507;

    // Half a second of 50,000 messages a second; the kernel gives it to whoever may (CAP_NET_ADMIN), else net.core.rmem_max.
    private const int BufferBytes = 32 * 1024 * 1024;

    private long _datagrams;

    public string Name { get; } = NameOf(listen);

    /// <summary>Datagrams since start, of whatever kind.</summary>
    public long Datagrams => Interlocked.Read(ref _datagrams);

    /// <summary>Datagrams that the kernel could not keep for us.</summary>
    public DropMeter Drops { get; } = new(clock);

    /// <returns>The source's name, for people and evidence.</returns>
    public static string NameOf(IPEndPoint listen) => $"hep {listen}";

    /// <exception cref="SocketException">The address can't be had, or was lost.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        using var socket = new Socket(listen.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        PacketSocket.Grow(socket, BufferBytes);
        socket.Bind(listen);

        var dropped = 0u;
        var batch = new HepBatch(Name);
        try
        {
            while (true)
            {
                // What is there already goes with it; a lone datagram does not wait for another.
                await TakeAsync(socket, batch, stop);
                while (socket.Available > 0 && batch.Free.Length >= LongestDatagram)
                {
                    await TakeAsync(socket, batch, stop);
                }

                // Before it is read: whether an answer was missed decides what those after it prove.
                var drops = DropsOf(socket);
                Drops.Add(unchecked(drops - dropped));
                dropped = drops;
                batch.LeavesMore = socket.Available > 0;
                await batches.WriteAsync(batch, stop);
                batch = new HepBatch(Name);
            }
        }
        finally
        {
            batch.Dispose();
        }
    }

    private static uint DropsOf(Socket socket)
    {
        const int LevelSocket = 1;
        const int Memory = 55; // SO_MEMINFO
        const int Dropped = 8; // SK_MEMINFO_DROPS of linux/sock_diag.h
        Span<uint> counts = stackalloc uint[Dropped + 1];
        socket.GetRawSocketOption(LevelSocket, Memory, System.Runtime.InteropServices.MemoryMarshal.AsBytes(counts));
        return counts[Dropped];
    }

    private async ValueTask TakeAsync(Socket socket, HepBatch batch, CancellationToken stop)
    {
        var length = await socket.ReceiveAsync(batch.Free, SocketFlags.None, stop);
        Interlocked.Increment(ref _datagrams);
        batch.Take(length);
    }
}
