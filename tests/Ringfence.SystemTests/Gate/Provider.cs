using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Ringfence.SystemTests.Asterisk;

namespace Ringfence.SystemTests.Gate;

/// <summary>The other side of a trunk: answers every call at once, and remembers which numbers it was sent and how long each call lasted.</summary>
internal sealed class Provider : IDisposable
{
    private const string Sdp = "v=0\r\no=- 1 1 IN IP4 203.0.113.10\r\ns=-\r\nc=IN IP4 203.0.113.10\r\nt=0 0\r\nm=audio 40002 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";

    private readonly Socket _socket;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;
    private readonly ConcurrentDictionary<string, (string Number, long From, long? Until)> _calls = new(StringComparer.Ordinal);

    public Provider(string ns, string address)
    {
        _socket = Netns.RunIn(ns, () =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), 5060));
            return socket;
        });
        _serving = ServeAsync();
    }

    /// <summary>The numbers of the calls, in the order of their beginning.</summary>
    public IReadOnlyList<string> Numbers => [.. _calls.Values.OrderBy(static call => call.From).Select(static call => call.Number)];

    /// <summary>The numbers of the calls that go on.</summary>
    public IReadOnlyList<string> Up => [.. _calls.Values.Where(static call => call.Until is null).OrderBy(static call => call.From).Select(static call => call.Number)];

    /// <summary>How long the call to a number lasted from its answer; null: it goes on, or never was.</summary>
    public TimeSpan? Lasted(string number) =>
        _calls.Values.FirstOrDefault(call => call.Number == number) is { Until: { } until } call ? Stopwatch.GetElapsedTime(call.From, until) : null;

    public void Dispose()
    {
        _stop.Cancel();
        _socket.Dispose();
        _stop.Dispose();
        GC.KeepAlive(_serving);
    }

    private async Task ServeAsync()
    {
        var buffer = new byte[65_536];
        var from = new IPEndPoint(IPAddress.Any, 0);
        while (!_stop.IsCancellationRequested)
        {
            SocketReceiveFromResult received;
            try
            {
                received = await _socket.ReceiveFromAsync(buffer, from, _stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            var text = Encoding.Latin1.GetString(buffer, 0, received.ReceivedBytes);
            var method = text[..Math.Max(0, text.IndexOf(' ', StringComparison.Ordinal))];
            var request = new SipAnswer(0, text);
            var id = request.Header("Call-ID");
            switch (method)
            {
                case "INVITE":
                    _calls.TryAdd(id, (text.Split("sip:", 2)[1].Split('@', 2)[0], Stopwatch.GetTimestamp(), null));
                    await _socket.SendToAsync(Answer(request, Sdp), received.RemoteEndPoint, CancellationToken.None);
                    break;

                case "BYE" or "CANCEL":
                    if (_calls.TryGetValue(id, out var call))
                    {
                        _calls[id] = call with { Until = call.Until ?? Stopwatch.GetTimestamp() };
                    }

                    await _socket.SendToAsync(Answer(request, ""), received.RemoteEndPoint, CancellationToken.None);
                    break;

                case "OPTIONS" or "INFO" or "UPDATE":
                    await _socket.SendToAsync(Answer(request, ""), received.RemoteEndPoint, CancellationToken.None);
                    break;

                default:
                    break;
            }
        }
    }

    private static byte[] Answer(SipAnswer request, string body)
    {
        var to = request.Header("To");
        var lines = new List<string> { "SIP/2.0 200 OK" };
        lines.AddRange(request.Text.Split("\r\n").Where(static line => line.StartsWith("Via:", StringComparison.OrdinalIgnoreCase) || line.StartsWith("Record-Route:", StringComparison.OrdinalIgnoreCase)));
        lines.AddRange(
        [
            $"From: {request.Header("From")}", $"To: {to}{(to.Contains(";tag=", StringComparison.Ordinal) ? "" : ";tag=provider")}", $"Call-ID: {request.Header("Call-ID")}", $"CSeq: {request.Header("CSeq")}",
            "Contact: <sip:provider@203.0.113.10:5060>",
        ]);
        lines.AddRange(body.Length > 0 ? ["Content-Type: application/sdp", $"Content-Length: {body.Length}", "", body] : ["Content-Length: 0", "", ""]);
        return Encoding.Latin1.GetBytes(string.Join("\r\n", lines));
    }
}
