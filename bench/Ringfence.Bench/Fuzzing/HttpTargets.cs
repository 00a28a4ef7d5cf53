using System.Text;
using Ringfence.Core.Events;
using Ringfence.Core.Sip;
using Ringfence.Core.Wire;

namespace Ringfence.Bench.Fuzzing;

/// <summary>What strangers ask of the PBX's HTTP server and what it answers, as its streams are read.</summary>
internal static class HttpTargets
{
    private const string Refused = "HTTP/1.1 401 Unauthorized\r\nServer: Asterisk/22.10.1\r\nWWW-Authenticate: Basic realm=\"Asterisk REST Interface\"\r\nContent-type: application/json\r\nContent-Length: 37\r\n\r\n{\"message\":\"Authentication required\"}";

    private static readonly byte[][] Asked = Bytes(
        "GET /ari/asterisk/info HTTP/1.1\r\nHost: x\r\nAuthorization: Basic YXBwOndyb25nLXNlY3JldA==\r\n\r\n",
        "GET /ari/events?app=x&%61pi%5fkey=app%3awrong-secret HTTP/1.1\r\nHost: x\r\nReferer: http://x/?api_key=a:b\r\n\r\n",
        "POST /rawman HTTP/1.1\r\nContent-Length: 46\r\n\r\naction=login&username=%61pp&secret=wrong-secret",
        "POST /ari/x HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n4\r\napi_\r\n14\r\nkey=app:wrong-secret\r\n0\r\n\r\n",
        "GET /ari/x?api_key=a:b HTTP/1.1\r\nHost: x\r\nOrigin: http://y\r\nSec-Fetch-Site: cross-site\r\n\r\n",
        "GET /arawman HTTP/1.1\r\nAuthorization: Digest username=\"app\", realm=\"asterisk\", nonce=\"1\", uri=\"/arawman\", response=\"0\"\r\n\r\n",
        "GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: sip\r\n\r\n");

    private static readonly byte[][] Said = Bytes(
        Refused,
        $"{Refused}{Refused}",
        "HTTP/1.1 200 OK\r\nContent-type: text/plain\r\nContent-Length: 51\r\n\r\nResponse: Error\r\nMessage: Authentication failed\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 142\r\n\r\n<ajax-response>\n<response type='object' id='unknown'><generic response='Error' message='Authentication failed' /></response>\n</ajax-response>\n  ",
        "HTTP/1.1 401 Unauthorized\r\nWWW-authenticate: Digest nonce=\"1\", stale=true\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\u0081\u0005hello",
        "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\nHTTP/1.1 200 OK\r\n\r\nwithout a length");

    private static readonly Flow Stranger = new(new Endpoint(Address.Parse("198.51.100.7")!.Value, 40_000), new Endpoint(Address.Parse("10.80.0.1")!.Value, 8088));

    private static HttpRequests _requests = new();
    private static HttpAnswers _answers;
    private static HttpRequests _asking = new();
    private static HttpAnswers _answering;
    private static int _turn;

    private static readonly byte[] Room = new byte[WebSocketFrames.RoomBytes];
    private static WebSocketFrames _frames = new(isAligned: true);
    private static byte[] _kept = [];

    public static IEnumerable<FuzzTarget> All =>
    [
        new("http-requests", _ => Asked, Requests),
        new("http-answers", _ => Said, Answers),
        new("http-logins", _ => [.. Asked, .. Said], Logins),
        new("websocket", corpus => [.. corpus.Messages.Take(64).SelectMany(Framed)], WebSocket),
    ];

    // Whole and in parts, masked and not.
    private static IEnumerable<byte[]> Framed(byte[] message)
    {
        message = message[..Math.Min(message.Length, 4_000)];
        yield return [0x81, 126, (byte)(message.Length >> 8), (byte)message.Length, .. message];
        yield return [0x82, 0xfe, (byte)(message.Length >> 8), (byte)message.Length, 1, 2, 3, 4, .. message.Select((value, at) => (byte)(value ^ ((at & 3) + 1)))];
        var first = message[..Math.Min(message.Length, 100)];
        yield return [0x01, (byte)first.Length, .. first, 0x89, 1, 0, 0x80, 126, (byte)((message.Length - first.Length) >> 8), (byte)(message.Length - first.Length), .. message[first.Length..]];
    }

    // What is left of one is the beginning of the next, as in a stream.
    private static void WebSocket(ReadOnlySpan<byte> input)
    {
        if (++_turn % 32 == 0 || _kept.Length > WebSocketFrames.LongestFrame)
        {
            _frames = new WebSocketFrames(isAligned: (_turn & 32) == 0);
            _kept = [];
        }

        byte[] all = [.. _kept, .. input];
        ReadOnlySpan<byte> rest = all;
        var taken = 0;
        while (_frames.Take(ref rest, Room) is { IsEmpty: false })
        {
            if (++taken > all.Length + 2)
            {
                throw new InvalidOperationException($"{taken} messages in {all.Length} bytes");
            }
        }

        _kept = rest.ToArray();
        if (_frames.HeldBytes > 2 * WebSocketFrames.RoomBytes)
        {
            throw new InvalidOperationException($"{_frames.HeldBytes} bytes held");
        }
    }

    private static byte[][] Bytes(params string[] texts) => [.. texts.Select(Encoding.Latin1.GetBytes)];

    // A connection now and then is a new one.
    private static void Requests(ReadOnlySpan<byte> input)
    {
        _requests = ++_turn % 32 == 0 ? new HttpRequests() : _requests;
        _requests.Read(input);
        if (_requests.Settle() is { } asked && (asked.Account.Length > 64 || asked.Text.Length > 220 || _requests.HeldBytes > 32_768))
        {
            throw new InvalidOperationException($"{_requests.HeldBytes} bytes held, an account of {asked.Account.Length} bytes, a path of {asked.Text.Length}");
        }
    }

    private static void Answers(ReadOnlySpan<byte> input)
    {
        // An answer without a length takes all that follows.
        if (++_turn % 2 == 0)
        {
            _answers.Forget();
        }

        var rest = input;
        while (_answers.Take(ref rest) is { Status: > 0 } answer)
        {
            FuzzTargets.Ignore(answer.StatusLine.IsEmpty && answer.Body.IsEmpty);
        }
    }

    // Both ends of one connection: what begins as an answer is the PBX's.
    private static void Logins(ReadOnlySpan<byte> input)
    {
        if (++_turn % 8 == 0)
        {
            _asking = new HttpRequests();
            _answering.Forget();
        }

        if (!input.StartsWith("HTTP/"u8))
        {
            _asking.Read(input);
            return;
        }

        var rest = input;
        while (_answering.Take(ref rest) is { Status: > 0 } answer)
        {
            FuzzTargets.Ignore(HttpLogins.Judge(answer, _asking, Stranger, DateTime.UnixEpoch.Ticks, _turn).Kind == EventKind.None);
        }
    }
}
