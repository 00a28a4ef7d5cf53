using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ringfence.Tests.Outer;

/// <summary>An HTTP server as a firewall has one: several requests at once, each answered by what a test says.</summary>
internal sealed class DeviceServer : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _served = [];
    private readonly Task _serving;

    /// <param name="listener">Listens already, where the test wants it.</param>
    public DeviceServer(Socket listener)
    {
        _listener = listener;
        Address = (IPEndPoint)_listener.LocalEndPoint!;
        _serving = ServeAsync();
    }

    public IPEndPoint Address { get; }

    public ConcurrentQueue<DeviceRequest> Asked { get; } = [];

    /// <summary>The status line and the body, or null: nothing is ever said.</summary>
    public Func<DeviceRequest, (string Status, string Body)?> Answer { get; set; } = static _ => ("200 OK", "");

    /// <summary>Wraps each connection: TLS.</summary>
    public Func<Stream, Task<Stream>>? Wrap { get; init; }

    public async ValueTask DisposeAsync()
    {
        if (_serving.IsCompleted)
        {
            return;
        }

        await _stop.CancelAsync();
        _listener.Dispose();
        await _serving;
        await Task.WhenAll(_served);
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _served.Add(ServeAsync(await _listener.AcceptAsync(_stop.Token)));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
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
                    var request = await ReadAsync(stream);
                    if (request.Method.Length == 0)
                    {
                        return;
                    }

                    Asked.Enqueue(request);
                    if (Answer(request) is not { } answer)
                    {
                        await Task.Delay(Timeout.Infinite, _stop.Token);
                        return;
                    }

                    if (answer.Status == "reset")
                    {
                        connection.LingerState = new LingerOption(true, 0);
                        return;
                    }

                    var body = Encoding.UTF8.GetBytes(answer.Body);
                    await stream.WriteAsync((byte[])[.. Encoding.Latin1.GetBytes($"HTTP/1.1 {answer.Status}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n"), .. body], _stop.Token);
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
        {
            // Whoever asked has gone, or the test is over.
        }
    }

    private async Task<DeviceRequest> ReadAsync(Stream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (head.Length < 8192 && !head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one, _stop.Token) > 0)
        {
            head.Append((char)one[0]);
        }

        var lines = head.ToString().Split("\r\n");
        var headers = lines.Skip(1).Where(line => line.Contains(':', StringComparison.Ordinal))
            .ToDictionary(line => line[..line.IndexOf(':', StringComparison.Ordinal)], line => line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim(), StringComparer.OrdinalIgnoreCase);
        var body = new byte[headers.TryGetValue("Content-Length", out var length) ? int.Parse(length, System.Globalization.CultureInfo.InvariantCulture) : 0];
        await stream.ReadExactlyAsync(body, _stop.Token);
        var words = lines[0].Split(' ');
        return new DeviceRequest(words[0], words.Length > 1 ? words[1] : "", headers, Encoding.UTF8.GetString(body));
    }
}

/// <param name="Path">With the query, escaped as it came.</param>
internal sealed record DeviceRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body);
