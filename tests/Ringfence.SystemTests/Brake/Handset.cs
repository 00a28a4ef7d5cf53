using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Ringfence.SystemTests.Asterisk;
using Xunit;

namespace Ringfence.SystemTests.Brake;

/// <summary>A phone that is called too: it registers, answers or sends on, and does in a call what people do. It hangs up nothing by itself.</summary>
internal sealed class Handset : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly string _host;
    private readonly string _account;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<SipAnswer>> _awaited = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Leg> _legs = new(StringComparer.Ordinal);
    private readonly Task _listening;

    private Handset(Socket socket, string host, string account)
    {
        (_socket, _host, _account) = (socket, host, account);
        _listening = ListenAsync();
    }

    /// <summary>Whoever calls it is sent there by a 302; null: it answers.</summary>
    public string? SendsOnTo { get; set; }

    /// <summary>Calls of it that go on, those that it took among them.</summary>
    public IReadOnlyList<Leg> Legs => [.. _legs.Values.Where(static leg => !leg.HasEnded)];

    private string Local => _socket.LocalEndPoint!.ToString()!;

    /// <summary>A phone of the office, registered.</summary>
    /// <param name="number">Of its address, 11 to 40.</param>
    public static async Task<Handset> OfAsync(AsteriskLab lab, string account, int number)
    {
        var phone = new Handset(Bound(lab.Namespace("cli"), AsteriskLab.Phone(number)), AsteriskLab.Office, account);
        Assert.Equal(200, (await phone.AskAsync(new SipRequest("REGISTER", account) { CallId = SipRequest.Fresh() })).Status);
        return phone;
    }

    /// <summary>Somebody outside, whose calls come in over the trunk.</summary>
    public static Handset Outside(AsteriskLab lab) => new(Bound(lab.Namespace("att"), AsteriskLab.TrunkByAddress), AsteriskLab.World, "4930999999");

    /// <summary>Calls, and waits for the final answer.</summary>
    public async Task<Leg> CallAsync(string number, int expected = 200)
    {
        var invite = new SipRequest("INVITE", _account) { Target = number, CallId = SipRequest.Fresh() };
        var answer = await AskAsync(invite);
        Assert.Equal(expected, answer.Status);
        return _legs[invite.CallId] = new Leg(this, invite with { ToTag = answer.Parameter("To", "tag") });
    }

    /// <summary>The call that it took, once it has.</summary>
    public async Task<Leg> TakenAsync(CancellationToken stop)
    {
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(Legs.Count > 0), TimeSpan.FromSeconds(20), stop), $"nobody called {_account}");
        return Legs[^1];
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _socket.Dispose();
        await _listening;
        _stop.Dispose();
    }

    private static Socket Bound(string ns, string address) => Netns.RunIn(ns, () =>
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        return socket;
    });

    private async Task SendAsync(SipRequest request) => await _socket.SendToAsync(request.ToBytes(_host, Local, SipTransport.Udp), new IPEndPoint(IPAddress.Parse(_host), 5060), _stop.Token);

    private async Task<SipAnswer> AskAsync(SipRequest request)
    {
        var answer = await OnceAsync(request);
        if (answer.Status != 401)
        {
            return answer;
        }

        return await OnceAsync(request with
        {
            Sequence = request.Sequence + 1,
            Branch = "z9hG4bK" + SipRequest.Fresh(),
            Authorization = Digest.Answer(answer, request.Method, request.RequestUri(_host), _account, AsteriskLab.PasswordOf(_account)),
        });
    }

    private async Task<SipAnswer> OnceAsync(SipRequest request)
    {
        var awaited = _awaited[$"{request.CallId} {request.Sequence} {request.Method}"] = new TaskCompletionSource<SipAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        await SendAsync(request);
        var answer = await awaited.Task.WaitAsync(TimeSpan.FromSeconds(40), TimeProvider.System, _stop.Token);
        if (request.Method == "INVITE")
        {
            // RFC 3261 section 17.1.1.3: what is no 2xx is acknowledged in the INVITE's own transaction.
            await SendAsync(request with { Method = "ACK", Body = "", Authorization = null, ToTag = answer.Parameter("To", "tag"), Branch = answer.Status < 300 ? "z9hG4bK" + SipRequest.Fresh() : request.Branch });
        }

        return answer;
    }

    private async Task ListenAsync()
    {
        var buffer = new byte[65_536];
        while (true)
        {
            SocketReceiveFromResult received;
            try
            {
                received = await _socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            var heard = SipAnswer.Parse(Encoding.Latin1.GetString(buffer, 0, received.ReceivedBytes));
            if (heard.Status >= 200 && _awaited.TryRemove($"{heard.Header("Call-ID")} {heard.Header("CSeq")}", out var awaited))
            {
                awaited.SetResult(heard);
            }
            else if (heard.Status == 0)
            {
                await TakeAsync(heard, received.RemoteEndPoint);
            }
        }
    }

    private async Task TakeAsync(SipAnswer request, EndPoint from)
    {
        var (id, method) = (request.Header("Call-ID"), request.Text.Split(' ', 2)[0]);
        if (method == "ACK")
        {
            return;
        }

        if (method is "BYE" or "CANCEL" && _legs.TryGetValue(id, out var ended))
        {
            ended.HasEnded = true;
        }

        if (method == "INVITE" && SendsOnTo is { } there)
        {
            await AnswerAsync(request, from, "302 Moved Temporarily", $"Contact: <sip:{there}@{_host}>", "");
            return;
        }

        // The other side of the dialog is its From, and our tag is on To.
        if (method == "INVITE")
        {
            _legs.TryAdd(id, new Leg(this, new SipRequest("INVITE", _account) { Target = "x", CallId = id, Sequence = 100, Tag = _account, ToTag = request.Parameter("From", "tag") }));
        }

        await AnswerAsync(request, from, "200 OK", $"Contact: <sip:lab@{Local}>", method == "INVITE" ? $"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n" : "");
    }

    private async Task AnswerAsync(SipAnswer request, EndPoint to, string status, string contact, string body)
    {
        var callee = request.Header("To");
        List<string> lines =
        [
            $"SIP/2.0 {status}",
            .. request.Text.Split("\r\n").Where(static line => line.StartsWith("Via:", StringComparison.OrdinalIgnoreCase) || line.StartsWith("Record-Route:", StringComparison.OrdinalIgnoreCase)),
            $"From: {request.Header("From")}", $"To: {callee}{(callee.Contains(";tag=", StringComparison.Ordinal) ? "" : $";tag={_account}")}", $"Call-ID: {request.Header("Call-ID")}", $"CSeq: {request.Header("CSeq")}",
            contact,
            .. body.Length > 0 ? ["Content-Type: application/sdp"] : Array.Empty<string>(),
            $"Content-Length: {body.Length}", "", body,
        ];
        await _socket.SendToAsync(Encoding.Latin1.GetBytes(string.Join("\r\n", lines)), to, _stop.Token);
    }

    /// <summary>A call of a phone, as the phone has it.</summary>
    internal sealed class Leg(Handset phone, SipRequest dialog)
    {
        // Asterisk keeps a key that comes too soon behind another one until it hears something again, and this phone is silent.
        private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(150);

        private SipRequest _dialog = dialog with { Sequence = dialog.Sequence + 1 };

        public bool HasEnded { get; set; }

        /// <summary>Transfers whoever is at its other end.</summary>
        /// <param name="to">What is dialled for him, or with <paramref name="replaced"/> whose end he gets.</param>
        public async Task ReferAsync(string to, Leg? replaced = null)
        {
            var replaces = replaced is null ? "" : $"?Replaces={replaced._dialog.CallId}%3Bto-tag%3D{replaced._dialog.ToTag}%3Bfrom-tag%3D{replaced._dialog.Tag}";
            var answer = await AskAsync(new SipRequest("REFER", "") { Also = $"Refer-To: <sip:{to}@{phone._host}{replaces}>\r\nReferred-By: <sip:{phone._account}@{phone._host}>" });
            Assert.Equal(202, answer.Status);
        }

        /// <summary>Keys, as SIP INFO.</summary>
        public async Task TypeAsync(string keys, CancellationToken stop)
        {
            foreach (var key in keys)
            {
                await Task.Delay(Gap, TimeProvider.System, stop);
                Assert.Equal(200, (await AskAsync(new SipRequest("INFO", "") { ContentType = "application/dtmf-relay", Body = $"Signal={key}\r\nDuration=60\r\n" })).Status);
            }
        }

        public async Task EndAsync()
        {
            HasEnded = true;
            await AskAsync(new SipRequest("BYE", ""));
        }

        private Task<SipAnswer> AskAsync(SipRequest what)
        {
            // Twice as many: the answer to a challenge takes a number too.
            _dialog = _dialog with { Sequence = _dialog.Sequence + 2 };
            return phone.AskAsync(_dialog with { Method = what.Method, Also = what.Also, ContentType = what.ContentType, Body = what.Body ?? "", Branch = "z9hG4bK" + SipRequest.Fresh() });
        }
    }
}
