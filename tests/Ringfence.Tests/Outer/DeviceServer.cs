using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace Ringfence.Tests.Outer;

/// <summary>An HTTP server as a firewall has one.</summary>
/// <param name="listener">Listens already, where the test wants it.</param>
internal sealed class DeviceServer(Socket listener) : FakeServer(listener)
{
    public ConcurrentQueue<FakeRequest> Asked { get; } = [];

    /// <summary>The status line and the body, or null: nothing is ever said.</summary>
    public Func<FakeRequest, (string Status, string Body)?> Answer { get; set; } = static _ => ("200 OK", "");

    protected override async Task AnswerAsync(FakeRequest request, Socket connection, Stream stream, CancellationToken stop)
    {
        Asked.Enqueue(request);
        if (Answer(request) is not { } answer)
        {
            await Task.Delay(Timeout.Infinite, stop);
            return;
        }

        if (answer.Status == "reset")
        {
            connection.LingerState = new LingerOption(true, 0);
            return;
        }

        var body = Encoding.UTF8.GetBytes(answer.Body);
        await stream.WriteAsync((byte[])[.. Encoding.Latin1.GetBytes($"HTTP/1.1 {answer.Status}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n"), .. body], stop);
    }
}
