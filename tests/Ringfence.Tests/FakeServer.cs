using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ringfence.Tests;

/// <summary>An HTTP server that answers as a test says, several requests at once, each on a connection of its own.</summary>
internal abstract class FakeServer : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    /// <param name="listener">Listens already.</param>
    protected FakeServer(Socket listener)
    {
        _listener = listener;
        Address = (IPEndPoint)_listener.LocalEndPoint!;
        _serving = ServeAsync();
    }

    public IPEndPoint Address { get; }

    /// <summary>Wraps each connection: TLS.</summary>
    public Func<Stream, Task<Stream>>? Wrap { get; init; }

    public static Socket Listening(IPAddress address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, 0));
        socket.Listen();
        return socket;
    }

    public async ValueTask DisposeAsync()
    {
        // Perhaps a second time: a test takes it down before its end.
        if (_serving.IsCompleted)
        {
            return;
        }

        await _stop.CancelAsync();
        _listener.Dispose();
        await _serving;
        _stop.Dispose();
    }

    protected abstract Task AnswerAsync(FakeRequest request, Socket connection, Stream stream, CancellationToken stop);

    private async Task ServeAsync()
    {
        var served = new List<Task>();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                served.Add(ServeAsync(await _listener.AcceptAsync(_stop.Token)));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        await Task.WhenAll(served);
    }

    private async Task ServeAsync(Socket connection)
    {
        try
        {
            using (connection)
            {
                Stream stream = new NetworkStream(connection);
                stream = Wrap is null ? stream : await Wrap(stream);
                await using (stream)
                {
                    if (await ReadAsync(stream) is { } request)
                    {
                        await AnswerAsync(request, connection, stream, _stop.Token);
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
        {
            // Whoever asked has gone, or the test is over.
        }
    }

    private async Task<FakeRequest?> ReadAsync(Stream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (head.Length < 8192 && !head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one, _stop.Token) > 0)
        {
            head.Append((char)one[0]);
        }

        var lines = head.ToString().Split("\r\n");
        if (lines[0].Split(' ') is not [var method, var path, ..])
        {
            return null;
        }

        var headers = lines.Skip(1).Where(static line => line.Contains(':', StringComparison.Ordinal)).Select(static line => line.Split(':', 2)).ToDictionary(static pair => pair[0], static pair => pair[1].Trim(), StringComparer.OrdinalIgnoreCase);
        var body = new byte[headers.TryGetValue("Content-Length", out var length) ? int.Parse(length, CultureInfo.InvariantCulture) : 0];
        await stream.ReadExactlyAsync(body, _stop.Token);
        return new FakeRequest(method, path, headers, Encoding.UTF8.GetString(body), head.ToString());
    }
}

/// <param name="Path">With the query, escaped as it came.</param>
/// <param name="Head">All before the body, as it came.</param>
internal sealed record FakeRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body, string Head);
