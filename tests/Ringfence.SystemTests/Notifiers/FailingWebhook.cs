using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Ringfence.SystemTests.Notifiers;

/// <summary>A webhook's server in a namespace, which fails until it is told to be well.</summary>
internal sealed class FailingWebhook : IAsyncDisposable
{
    private readonly string _failure;
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _serving;

    public FailingWebhook(Netns pbx, int port, string failure = "503 Service Unavailable")
    {
        _failure = failure;
        _listener = pbx.Run(() =>
        {
            var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return listener;
        });
        _serving = ServeAsync();
    }

    public bool IsWell { get; set; }

    public int Failed { get; private set; }

    public ConcurrentQueue<JsonDocument> Taken { get; } = [];

    public IEnumerable<string> Ids => Taken.Select(message => message.RootElement.GetProperty("id").GetString()!);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            using var client = await _listener.AcceptTcpClientAsync(_end.Token);
            try
            {
                await AnswerAsync(client.GetStream());
            }
            catch (IOException)
            {
                // The guard was killed in the middle.
            }
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one, _end.Token) > 0)
        {
            head.Append((char)one[0]);
        }

        if (head.Length == 0)
        {
            // The guard was killed before it had asked.
            return;
        }

        var length = head.ToString().Split("\r\n").Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
            .Select(line => int.Parse(line.AsSpan(15), CultureInfo.InvariantCulture)).FirstOrDefault();
        var body = new byte[length];
        await stream.ReadExactlyAsync(body, _end.Token);
        if (IsWell)
        {
            Taken.Enqueue(JsonDocument.Parse(body));
        }
        else
        {
            Failed++;
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {(IsWell ? "200 OK" : _failure)}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), _end.Token);
    }
}
