using System.Net;
using System.Net.Sockets;
using System.Text;
using Ringfence.Core.Configuration;

namespace Ringfence.Tests.Sources;

/// <summary>The manager interface of a PBX that says what the test wants: one connection.</summary>
internal sealed class FakeManager : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private TcpClient? _client;

    public FakeManager() => _listener.Start();

    public AmiSettings Settings => new() { Manager = (IPEndPoint)_listener.LocalEndpoint, User = "ringfence", Secret = "s3cret" };

    /// <summary>All that was asked, as it stood on the wire.</summary>
    public StringBuilder Asked { get; } = new();

    private NetworkStream Stream => _client!.GetStream();

    public async Task AcceptAsync(CancellationToken stop, string banner = "Asterisk Call Manager/11.0.0\r\n")
    {
        _client = await _listener.AcceptTcpClientAsync(stop);
        await SayAsync(banner, stop);
    }

    /// <summary>Accepts and lets in whoever asks.</summary>
    public async Task LetInAsync(CancellationToken stop)
    {
        await AcceptAsync(stop);
        await AnswerAsync(await ReadAsync(stop), "Success", "Challenge: 202562115\r\n", stop);
        await AnswerAsync(await ReadAsync(stop), "Success", "Message: Authentication accepted\r\n", stop);
    }

    public async Task SayAsync(string text, CancellationToken stop) => await Stream.WriteAsync(Encoding.Latin1.GetBytes(text), stop);

    public Task AnswerAsync(string action, string response, string rest, CancellationToken stop) =>
        SayAsync($"Response: {response}\r\nActionID: {Header(action, "ActionID")}\r\n{rest}\r\n", stop);

    /// <returns>The next action, with its empty line.</returns>
    public async Task<string> ReadAsync(CancellationToken stop)
    {
        var action = new StringBuilder();
        var one = new byte[1];
        while (!action.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await Stream.ReadExactlyAsync(one, stop);
            action.Append((char)one[0]);
        }

        Asked.Append(action);
        return action.ToString();
    }

    public static string Header(string action, string name) => action.Split("\r\n").Single(line => line.StartsWith(name + ": ", StringComparison.Ordinal))[(name.Length + 2)..];

    public void Close() => _client?.Dispose();

    public void Dispose()
    {
        Close();
        _listener.Dispose();
    }
}
