using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ringfence.Tests.Feeds;

/// <summary>An HTTP server that answers each request with the bytes that a test wants, whole or not, and then closes the connection.</summary>
internal sealed class ListServer : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    /// <param name="listener">Listens already, where the test wants it; null: on loopback.</param>
    public ListServer(Socket? listener = null)
    {
        _listener = listener ?? Listening(IPAddress.Loopback);
        Address = (IPEndPoint)_listener.LocalEndPoint!;
        _serving = ServeAsync();
    }

    public IPEndPoint Address { get; }

    /// <summary>The heads of the requests so far.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    /// <summary>Writes the answer; it may wait, and what it writes goes out at once.</summary>
    public Func<string, Stream, CancellationToken, Task> Answer { get; set; } = (_, stream, stop) => stream.WriteAsync(Ok("192.0.2.1\n"), stop).AsTask();

    public Uri Url(string path = "/list") => new($"http://{Address}{path}");

    public static Socket Listening(IPAddress address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, 0));
        socket.Listen();
        return socket;
    }

    public static byte[] Ok(string body, params string[] headers) => Ok(Encoding.Latin1.GetBytes(body), headers);

    public static byte[] Ok(byte[] body, params string[] headers) =>
        [.. Encoding.Latin1.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\nConnection: close\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n"), .. body];

    public static byte[] Head(string status, params string[] headers) =>
        Encoding.Latin1.GetBytes($"HTTP/1.1 {status}\r\nConnection: close\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n");

    /// <summary>Answers with this from now on.</summary>
    public void Says(byte[] answer) => Answer = (_, stream, stop) => stream.WriteAsync(answer, stop).AsTask();

    public async ValueTask DisposeAsync()
    {
        // Perhaps a second time: a test takes it down before its end.
        if (!_serving.IsCompleted)
        {
            await _stop.CancelAsync();
            _listener.Dispose();
            await _serving;
            _stop.Dispose();
        }
    }

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var connection = await _listener.AcceptAsync(_stop.Token);
                await using var stream = new NetworkStream(connection);
                var head = await HeadAsync(stream);
                Asked.Enqueue(head);
                await Answer(head.Split(' ') is [_, var path, ..] ? path : "", stream, _stop.Token);
                connection.Shutdown(SocketShutdown.Both);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // Whoever asked has gone, or the test is over.
            }
        }
    }

    private async Task<string> HeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (head.Length < 8192 && !head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one, _stop.Token) > 0)
        {
            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}
