using System.Net;
using System.Net.Sockets;

namespace Ringfence.Bench.Gate;

/// <summary>A FastAGI server that decides nothing: reads the headers, lets out. What it takes is what sockets take.</summary>
internal static class EmptyAgi
{
    public static async Task ServeAsync(IPEndPoint address, CancellationToken stop)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(address);
        listener.Listen(1024);
        if (Environment.GetEnvironmentVariable("LOOP") != null) { Loop(listener); }
        while (true)
        {
            _ = LetOutAsync(await listener.AcceptAsync(stop), stop);
        }
    }

    private static void Loop(Socket listener)
    {
        listener.Blocking = false;
        var all = new Dictionary<Socket, (byte[] Buffer, int Length)>();
        var ready = new List<Socket>();
        while (true)
        {
            ready.Clear();
            ready.Add(listener);
            ready.AddRange(all.Keys);
            Socket.Select(ready, null, null, 250_000);
            foreach (var one in ready)
            {
                if (one == listener)
                {
                    var c = listener.Accept();
                    c.Blocking = false;
                    c.NoDelay = true;
                    all[c] = (new byte[4096], 0);
                    continue;
                }

                var (buffer, length) = all[one];
                var n = one.Receive(buffer.AsSpan(Math.Max(0,length)), SocketFlags.None, out var error);
                if (error == SocketError.WouldBlock) { continue; }
                if (n == 0 || length < 0) { all.Remove(one); one.Dispose(); continue; }
                length += n;
                if (buffer.AsSpan(0, length).EndsWith("\n\n"u8))
                {
                    one.Send("SET VARIABLE RINGFENCE_VERDICT \"allow\"\n"u8, SocketFlags.None, out _);
                    length = -1;
                    all[one] = (new byte[64], -1);
                    continue;
                }
                all[one] = (buffer, length);
            }
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
