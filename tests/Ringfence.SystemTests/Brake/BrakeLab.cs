using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Ringfence.SystemTests.Asterisk;
using Xunit;

namespace Ringfence.SystemTests.Brake;

/// <summary>A real Asterisk with phones and a trunk, at whose other end a provider answers every call.</summary>
public abstract class BrakeLab : PlanLab
{
    /// <summary>10 calls to Sierra Leone come to a unit a second: a limit is reached within seconds, and a test with it.</summary>
    private const string Deck = "prefix,rate\n232,60\n49,0.01\n";

    private protected static readonly IReadOnlyList<string> Manager = ["[ami]", "user = ringfence", "secret = lab-manager-secret"];

    private protected string DeckPath => Path.Combine(Configuration, "rates.csv");

    private protected IReadOnlyList<string> Settings => [.. GuardProcess.NoCanary, .. Manager, "[calls]", "country = DE", "currency = EUR", $"deck = {DeckPath}"];

    private protected virtual string Dialplan => """
        [phones]
        exten => _9.,1,Dial(PJSIP/${EXTEN:1}@trunk-ip,30)
         same => n,Hangup()
        exten => _10XX,1,Dial(PJSIP/${EXTEN},10)
         same => n,Hangup()
        [trunks]
        exten => _X.,1,Answer()
         same => n,Wait(30)
         same => n,Hangup()
        """;

    private protected override async Task WriteAsync()
    {
        Write(Configuration, Dialplan);
        await File.AppendAllTextAsync(Path.Combine(Configuration, "manager.conf"), "[ringfence](+)\nread = security,call\nwrite = call\n", Stop);
        await File.AppendAllTextAsync(Path.Combine(Configuration, "manager.conf"), "[general](+)\ntimestampevents = yes\n", Stop);
        await File.WriteAllTextAsync(DeckPath, Deck, Stop);
    }

    /// <summary>Answers every call that comes over the trunk, and hangs up none.</summary>
    private protected Process Provider() => Running.Start(
        ["ip", "netns", "exec", Lab.Namespace("att"), "sipp", "-sn", "uas", "-i", AsteriskLab.TrunkByAddress, "-p", "5060", "-nostdin", "-timeout", "120", "-aa"],
        static _ => { },
        ("TERM", "xterm"));

    private protected static async Task<JsonElement> LiveAsync(GuardProcess guard)
    {
        using var report = await guard.AskJsonAsync(Stop, "calls", "live");
        return report.RootElement.Clone();
    }

    private protected static List<JsonElement> Calls(JsonElement live) => [.. live.GetProperty("calls").EnumerateArray()];

    private protected static List<JsonElement> Stops(JsonElement live) => [.. live.GetProperty("stops").EnumerateArray().Where(static stop => stop.GetProperty("state").GetString() == "enforced")];
}

/// <summary>Phones that call and never hang up, each from a place of its own: no answer can be taken for another's, and the guard's limit of what a stranger may send is reached by none.</summary>
internal sealed class Phones(AsteriskLab lab) : IAsyncDisposable
{
    private readonly List<SipClient> _calls = [];

    /// <returns>The status of the answer; 0: there was none.</returns>
    public async Task<int> CallAsync(string account, string number, string? from = null)
    {
        var call = lab.PhoneAt(AsteriskLab.Phone(11 + (_calls.Count % 28)), SipTransport.Udp);
        _calls.Add(call);
        return (await call.LogInAsync(new SipRequest("INVITE", account) { Target = number, From = from }, AsteriskLab.PasswordOf(account), TestContext.Current.CancellationToken))?.Status ?? 0;
    }

    public ValueTask DisposeAsync()
    {
        _calls.ForEach(static call => call.Dispose());
        return ValueTask.CompletedTask;
    }
}

/// <summary>What Asterisk tells of channels, with its own times: a session beside the guard's.</summary>
internal sealed class Stream : IDisposable
{
    private readonly System.Net.Sockets.Socket _socket;
    private readonly StringBuilder _heard = new();
    private readonly Task _reading;

    private Stream(System.Net.Sockets.Socket socket)
    {
        _socket = socket;
        _reading = ReadAsync();
    }

    public static async Task<Stream> OpenAsync(AsteriskLab lab, CancellationToken stop)
    {
        var socket = Netns.RunIn(lab.Namespace("pbx"), static () => new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp));
        await socket.ConnectAsync("127.0.0.1", 5038, stop);
        await socket.SendAsync(Encoding.ASCII.GetBytes("Action: Login\r\nUsername: dashboard\r\nSecret: lab-dashboard-secret\r\nEvents: call\r\n\r\n"), System.Net.Sockets.SocketFlags.None, stop);
        return new Stream(socket);
    }

    public string Heard
    {
        get
        {
            lock (_heard)
            {
                return _heard.ToString();
            }
        }
    }

    /// <summary>When an event came of channels of an endpoint, by Asterisk's clock.</summary>
    public IReadOnlyList<DateTimeOffset> Times(string name, string endpoint) =>
    [
        .. Heard.Split("\r\n\r\n").Where(message => message.StartsWith($"Event: {name}\r\n", StringComparison.Ordinal) && message.Contains($"\r\nChannel: PJSIP/{endpoint}-", StringComparison.Ordinal))
            .Select(static message => message.Split("\r\n").First(static line => line.StartsWith("Timestamp: ", StringComparison.Ordinal))["Timestamp: ".Length..])
            .Select(static text => DateTimeOffset.UnixEpoch.AddSeconds(double.Parse(text, CultureInfo.InvariantCulture))),
    ];

    public void Dispose()
    {
        _socket.Dispose();
        _ = _reading;
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await _socket.ReceiveAsync(buffer, System.Net.Sockets.SocketFlags.None) is > 0 and var read)
            {
                lock (_heard)
                {
                    _heard.Append(Encoding.Latin1.GetString(buffer, 0, read));
                }
            }
        }
        catch (Exception ended) when (ended is System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            // The test is over, or Asterisk.
        }
    }
}
