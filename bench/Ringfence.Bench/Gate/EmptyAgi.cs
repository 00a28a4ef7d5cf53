using System.Net;
using System.Net.Sockets;

namespace Ringfence.Bench.Gate;

/// <summary>A FastAGI server that decides nothing: a task for each connection reads the headers and lets out. What it takes is what sockets and tasks take.</summary>
internal static class EmptyAgi
{
    public static async Task ServeAsync(IPEndPoint address, CancellationToken stop)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(address);
        listener.Listen(1024);
        while (true)
        {
            _ = LetOutAsync(await listener.AcceptAsync(stop), stop);
        }
    }

    private static async Task LetOutAsync(Socket connection, CancellationToken stop)
    {
        using (connection)
        {
            connection.NoDelay = true;
            var buffer = new byte[4096];
            var length = 0;
            while (!buffer.AsSpan(0, length).EndsWith("\n\n"u8))
            {
                length += await connection.ReceiveAsync(buffer.AsMemory(length), stop);
            }

            await connection.SendAsync("SET VARIABLE RINGFENCE_VERDICT \"allow\"\n"u8.ToArray(), stop);
            await connection.ReceiveAsync(buffer, stop);
        }
    }
}
