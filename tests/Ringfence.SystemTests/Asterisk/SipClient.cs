using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Ringfence.SystemTests.Asterisk;

public enum SipTransport
{
    Udp,
    Tcp,
    Tls,
    Ws,
    Wss,
}

/// <summary>A phone or an attacker: one socket in one namespace, from one address, that sends what it is told, byte for byte.</summary>
internal sealed class SipClient : IDisposable
{
    /// <summary>For an answer that must come. On a veth it takes under a millisecond, but a first TLS handshake on a busy machine took more than a second.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>For an answer that may not come: a banned sender waits this long for none. That none came is no proof of a ban.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    private readonly Socket _socket;
    private readonly IPEndPoint _pbx;
    private readonly SipTransport _transport;
    private readonly byte[] _buffer = new byte[65_536];
    private Stream? _stream;
    private int _unread;

    private SipClient(Socket socket, IPEndPoint pbx, SipTransport transport)
    {
        _socket = socket;
        _pbx = pbx;
        _transport = transport;
    }

    /// <param name="ns">Name of the network namespace.</param>
    /// <param name="source">The address to send from.</param>
    /// <param name="port">The port to send from; 0: any.</param>
    /// <param name="pbxPort">The port to send to, if it is not the usual one.</param>
    public static SipClient Open(string ns, string source, string pbx, SipTransport transport, int port = 0, int? pbxPort = null)
    {
        var local = new IPEndPoint(IPAddress.Parse(source), port);
        var remote = new IPEndPoint(IPAddress.Parse(pbx), pbxPort ?? transport switch { SipTransport.Tls => 5061, SipTransport.Ws => 8088, SipTransport.Wss => 8089, _ => 5060 });
        var socket = Netns.RunIn(ns, () =>
        {
            var isUdp = transport == SipTransport.Udp;
            var made = new Socket(local.AddressFamily, isUdp ? SocketType.Dgram : SocketType.Stream, isUdp ? ProtocolType.Udp : ProtocolType.Tcp);
            made.Bind(local);
            if (isUdp)
            {
                made.Connect(remote);
            }

            return made;
        });
        return new SipClient(socket, remote, transport);
    }

    /// <summary>This end as it stands in Via and Contact.</summary>
    public string Local => _socket.LocalEndPoint!.ToString()!;

    /// <summary>The PBX as it stands in URIs.</summary>
    public string Host => _pbx.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{_pbx.Address}]" : _pbx.Address.ToString();

    /// <summary>Sends a request and waits for its final answer.</summary>
    /// <param name="limit">For how long; <see cref="Patience"/> if unset.</param>
    /// <returns>null: no answer, no connection, or the connection was cut.</returns>
    public Task<SipAnswer?> AskAsync(SipRequest request, CancellationToken stop, TimeSpan? limit = null) => AskAsync(request.ToBytes(Host, Local, _transport), stop, limit);

    /// <summary>Sends bytes as they are and waits for a final answer.</summary>
    /// <inheritdoc cref="AskAsync(SipRequest, CancellationToken, TimeSpan?)" path="/param"/>
    public async Task<SipAnswer?> AskAsync(byte[] request, CancellationToken stop, TimeSpan? limit = null)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(limit ?? Patience);
        try
        {
            await SendAsync(request, patience.Token);
            while (true)
            {
                var answer = await ReadAsync(patience.Token);
                // The PBX may ask whether the phone is there (OPTIONS) before it answers what the phone asked.
                if (answer is null or { Status: >= 200 })
                {
                    return answer;
                }
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            // A reset, or an ICMP error where the PBX rejects: no answer either way.
            return null;
        }
    }

    public Task SendAsync(SipRequest request, CancellationToken stop) => SendAsync(request.ToBytes(Host, Local, _transport), stop);

    /// <summary>Sends bytes as they are and waits for nothing.</summary>
    public async Task SendAsync(byte[] request, CancellationToken stop)
    {
        if (_transport == SipTransport.Udp)
        {
            await _socket.SendAsync(request, stop);
            return;
        }

        _stream ??= await ConnectAsync(stop);
        await _stream.WriteAsync(IsWebSocket ? Framed(request) : request, stop);
    }

    /// <summary>Asks, and answers the challenge with a password.</summary>
    /// <param name="account">The account in the Authorization header; the request's user if unset.</param>
    /// <param name="nonce">Use this nonce in place of the challenge's.</param>
    /// <param name="limit">For each answer; <see cref="Patience"/> if unset.</param>
    /// <returns>The answer to the second request, or the first's if it was no challenge.</returns>
    public async Task<SipAnswer?> LogInAsync(SipRequest request, string password, CancellationToken stop, string? account = null, string? nonce = null, TimeSpan? limit = null)
    {
        request = request with { CallId = request.CallId ?? SipRequest.Fresh() };
        var challenge = await AskAsync(request, stop, limit);
        if (challenge is not { Status: 401 })
        {
            return challenge;
        }

        if (request.Method == "INVITE")
        {
            await SendAsync(Acknowledge(request, challenge), stop);
        }

        var second = request with
        {
            Sequence = request.Sequence + 1,
            Branch = "z9hG4bK" + SipRequest.Fresh(),
            Authorization = Digest.Answer(challenge, request.Method, request.RequestUri(Host), account ?? request.User, password, nonce),
        };
        var answer = await AskAsync(second, stop, limit);
        if (answer is { Status: >= 200 } && request.Method == "INVITE")
        {
            await SendAsync(Acknowledge(second, answer), stop);
        }

        return answer;
    }

    public Task<SipAnswer?> RegisterAsync(string account, string password, CancellationToken stop)
        => LogInAsync(new SipRequest("REGISTER", account), password, stop);

    /// <summary>Whether the PBX says anything to this sender.</summary>
    /// <param name="limit">For how long one waits; <see cref="Silence"/> if unset.</param>
    public async Task<bool> IsAnsweredAsync(CancellationToken stop, TimeSpan? limit = null) => await AskAsync(new SipRequest("OPTIONS", "1001"), stop, limit ?? Silence) is not null;

    public void Dispose()
    {
        _stream?.Dispose();
        _socket.Dispose();
    }

    private bool IsWebSocket => _transport is SipTransport.Ws or SipTransport.Wss;

    private async Task<Stream> ConnectAsync(CancellationToken stop)
    {
        await _socket.ConnectAsync(_pbx, stop);
        var plain = new NetworkStream(_socket);
        if (_transport == SipTransport.Tcp)
        {
            return plain;
        }

        if (_transport == SipTransport.Ws)
        {
            await UpgradeAsync(plain, stop);
            return plain;
        }

        // The laboratory's certificate signs itself: that it is the laboratory's is all that can be asked.
        var encrypted = new SslStream(
            plain, leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate?.Subject == "CN=pbx.example.com");
        await encrypted.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "pbx.example.com" }, stop);
        if (_transport == SipTransport.Wss)
        {
            await UpgradeAsync(encrypted, stop);
        }

        return encrypted;
    }

    // RFC 7118: each message of WebSocket is one of SIP. Byte for byte: .NET's own WebSocket wants text to be UTF-8, which Asterisk does not.
    private async Task UpgradeAsync(Stream plain, CancellationToken stop)
    {
        await plain.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"GET /ws HTTP/1.1\r\nHost: {Host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: sip\r\nSec-WebSocket-Version: 13\r\n\r\n"),
            stop);
        var head = new StringBuilder();
        var next = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await plain.ReadExactlyAsync(next, stop);
            head.Append((char)next[0]);
        }

        if (!head.ToString().StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal))
        {
            throw new IOException($"the PBX does not speak WebSocket: {head}");
        }
    }

    private static byte[] Framed(byte[] message)
    {
        byte[] mask = [0x5a, 0x11, 0xc3, 0x08];
        byte[] head = message.Length < 126 ? [0x81, (byte)(0x80 | message.Length)] : [0x81, 0xfe, (byte)(message.Length >> 8), (byte)message.Length];
        return [.. head, .. mask, .. message.Select((value, at) => (byte)(value ^ mask[at & 3]))];
    }

    private async Task<SipAnswer?> ReadFrameAsync(CancellationToken stop)
    {
        try
        {
            await _stream!.ReadExactlyAsync(_buffer.AsMemory(0, 2), stop);
            int length = _buffer[1];
            if (length == 126)
            {
                await _stream.ReadExactlyAsync(_buffer.AsMemory(0, 2), stop);
                length = (_buffer[0] << 8) | _buffer[1];
            }

            await _stream.ReadExactlyAsync(_buffer.AsMemory(0, length), stop);
            return SipAnswer.Parse(Encoding.Latin1.GetString(_buffer, 0, length));
        }
        catch (EndOfStreamException)
        {
            return null;
        }
    }

    private async Task<SipAnswer?> ReadAsync(CancellationToken stop)
    {
        if (_transport == SipTransport.Udp)
        {
            var length = await _socket.ReceiveAsync(_buffer, stop);
            return SipAnswer.Parse(Encoding.Latin1.GetString(_buffer, 0, length));
        }

        if (IsWebSocket)
        {
            return await ReadFrameAsync(stop);
        }

        // RFC 3261 section 18.3: on a stream a message ends where its Content-Length says.
        while (true)
        {
            var text = Encoding.Latin1.GetString(_buffer, 0, _unread);
            var head = text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
            if (head > 4 && int.TryParse(SipAnswer.Parse(text[..head]).Header("Content-Length"), out var body) && _unread >= head + body)
            {
                _unread -= head + body;
                _buffer.AsSpan(head + body, _unread).CopyTo(_buffer);
                return SipAnswer.Parse(text[..(head + body)]);
            }

            var read = await _stream!.ReadAsync(_buffer.AsMemory(_unread), stop);
            if (read == 0)
            {
                return null;
            }

            _unread += read;
        }
    }

    // RFC 3261 section 17.1.1.3: an answer that is not 2xx is acknowledged in the INVITE's own transaction.
    private static SipRequest Acknowledge(SipRequest invite, SipAnswer answer) => invite with
    {
        Method = "ACK",
        Body = "",
        Authorization = null,
        ToTag = answer.Parameter("To", "tag"),
        Branch = answer.Status < 300 ? "z9hG4bK" + SipRequest.Fresh() : invite.Branch,
    };
}
