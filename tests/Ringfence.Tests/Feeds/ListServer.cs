using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ringfence.Tests.Feeds;

/// <summary>An HTTP server that answers each request with the bytes that a test wants, whole or not, and then closes the connection.</summary>
/// <param name="listener">Listens already, where the test wants it; null: on loopback.</param>
internal sealed class ListServer(Socket? listener = null) : FakeServer(listener ?? Listening(IPAddress.Loopback))
{
    /// <summary>The heads of the requests so far.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    /// <summary>Writes the answer; it may wait, and what it writes goes out at once.</summary>
    public Func<string, Stream, CancellationToken, Task> Answer { get; set; } = (_, stream, stop) => stream.WriteAsync(Ok("192.0.2.1\n"), stop).AsTask();

    public static byte[] Ok(string body, params string[] headers) => Ok(Encoding.Latin1.GetBytes(body), headers);

    public static byte[] Ok(byte[] body, params string[] headers) => [.. Head("200 OK", [$"Content-Length: {body.Length}", .. headers]), .. body];

    public static byte[] Head(string status, params string[] headers) =>
        Encoding.Latin1.GetBytes($"HTTP/1.1 {status}\r\nConnection: close\r\n{string.Concat(headers.Select(static header => header + "\r\n"))}\r\n");

    public Uri Url(string path = "/list") => new($"http://{Address}{path}");

    /// <summary>Answers with this from now on.</summary>
    public void Says(byte[] answer) => Answer = (_, stream, stop) => stream.WriteAsync(answer, stop).AsTask();

    protected override async Task AnswerAsync(FakeRequest request, Socket connection, Stream stream, CancellationToken stop)
    {
        Asked.Enqueue(request.Head);
        await Answer(request.Path, stream, stop);
        connection.Shutdown(SocketShutdown.Both);
    }
}
