using System.Net;
using System.Net.Sockets;
using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Fraud;
using Ringfence.Core.Gate;
using Ringfence.Core.Numbers;
using Ringfence.Gate;
using Ringfence.Tests.Fraud;
using Ringfence.Tests.Sources;
using Xunit;

namespace Ringfence.Tests.Gate;

/// <summary>Whatever a stranger does with a connection to the gate, other calls get their answers, and a call whose verdict nobody heard is taken back once.</summary>
public sealed class GateFloodTests : IDisposable
{
    private const string Nonce = "415623447";
    private const string Pin = "482913";

    // As many as the gate holds.
    private const int Most = 1024;

    // Whatever is awaited here does not come of it that a connection took too long.
    private static readonly GateSettings Patient = new() { Timeout = TimeSpan.FromHours(1) };

    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly Recorder _recorder = new();
    private readonly Socket _listener = GateServer.Listen(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly string _pins = Path.Combine(Path.GetTempPath(), $"rf-pins-{Guid.NewGuid():N}");

    public void Dispose()
    {
        _listener.Dispose();
        _stop.Dispose();
        File.Delete(_pins);
    }

    [Theory]
    [InlineData("")]
    [InlineData("agi_network: yes\nagi_network_script: gate/")]
    public async Task Connections_that_say_too_little_make_room_for_calls(string said)
    {
        var (_, serving) = Serve(Patient);
        var silent = new List<Socket>();
        for (var number = 0; number < Most; number++)
        {
            silent.Add(await ConnectAsync());
            await silent[^1].SendAsync(Encoding.Latin1.GetBytes(said), _stop.Token);
        }

        Assert.Equal("allow", await VerdictAsync("1.1"));

        silent.ForEach(static one => one.Dispose());
        await EndAsync(serving);
    }

    [Fact]
    public async Task Calls_that_never_say_that_they_heard_their_verdict_make_room_for_others()
    {
        var (_, serving) = Serve(new GateSettings { Timeout = TimeSpan.FromSeconds(1) });
        var mute = new List<Socket>();
        for (var number = 0; number < Most; number++)
        {
            mute.Add(await ConnectAsync());
            await mute[^1].SendAsync(Request($"2.{number}"), _stop.Token);
        }

        Assert.Equal("allow", await VerdictAsync("1.1"));

        mute.ForEach(static one => one.Dispose());
        await EndAsync(serving);
        Assert.Equal(_recorder.Asked.Where(static id => id != "1.1").Order(), _recorder.Dropped.Order());
    }

    [Fact]
    public async Task Connections_that_are_reset_end_nothing_but_themselves()
    {
        var (gate, serving) = Serve(Patient);
        var whole = Request("2.1");
        const int Count = 3_000;
        for (var number = 0; number < Count; number++)
        {
            using var one = await ConnectAsync();
            one.LingerState = new LingerOption(true, 0);
            await one.SendAsync(whole.AsMemory(0, number % 4 is 0 ? 0 : number % 4 is 1 ? whole.Length / 2 : whole.Length), _stop.Token);
            if (number % 4 is 3)
            {
                await one.ReceiveAsync(new byte[8], _stop.Token);
            }
        }

        Assert.Equal("allow", await VerdictAsync("1.1"));
        Assert.True(SpinWait.SpinUntil(() => gate.Failed + gate.Asked >= Count, TimeSpan.FromSeconds(30)), $"{gate.Failed} failed");
        Assert.False(serving.IsCompleted);
        await EndAsync(serving);
        Assert.Equal(_recorder.Asked.Count(static id => id == "2.1"), _recorder.Dropped.Count(static id => id == "2.1"));
        Assert.DoesNotContain("1.1", _recorder.Dropped);
    }

    [Theory]
    [InlineData("200 result=1\n200 result=1\n200 result=1\n", "allow")]
    [InlineData("200 result=1\n200 result=1\n200 result=1\n200 result=1\n200 result=1\n", "allow")]
    [InlineData("HANGUP\n", "")]
    [InlineData("200 result=1\nHANGUP\n", "")]
    [InlineData("\n", "")]
    [InlineData("510 Invalid or unknown command\n", "")]
    [InlineData("520-Invalid command syntax.  Proper usage follows:\n", "")]
    [InlineData("200 result", "")]
    public async Task Answers_that_come_at_once_are_taken_one_by_one_and_one_that_is_none_takes_the_call_back(string answers, string verdict)
    {
        var (gate, serving) = Serve(Patient);
        using (var one = await ConnectAsync())
        {
            await one.SendAsync(Request("2.1"), _stop.Token);
            await one.ReceiveAsync(new byte[1], _stop.Token);
            await one.SendAsync(Encoding.Latin1.GetBytes(answers), _stop.Token);
            one.Shutdown(SocketShutdown.Send);
            await ReadAsync(one);
            Assert.True(SpinWait.SpinUntil(() => gate.Failed + gate.Asked == 1, TimeSpan.FromSeconds(30)));
            Assert.Equal(verdict.Length > 0 ? 1 : 0, gate.Asked);
        }

        await EndAsync(serving);
        Assert.Equal(["2.1"], _recorder.Asked);
        Assert.Equal(verdict.Length > 0 ? [] : ["2.1"], _recorder.Dropped);
    }

    [Theory]
    [InlineData("agi_network: yes\nagi_network_script: gate/415623447\nagi_callerid: ")]
    [InlineData("agi_network: yes\nagi_network_script: gate/")]
    [InlineData("x")]
    public async Task A_request_without_an_end_is_no_more_than_one_lost_connection(string begin)
    {
        var (gate, serving) = Serve(Patient);
        using var one = await ConnectAsync();
        await one.SendAsync(Encoding.Latin1.GetBytes(begin), _stop.Token);
        var filler = new byte[1000];
        Array.Fill(filler, (byte)'7');
        try
        {
            while (gate.Failed == 0)
            {
                await one.SendAsync(filler, _stop.Token);
            }
        }
        catch (SocketException)
        {
            // It was ended.
        }

        Assert.True(SpinWait.SpinUntil(() => gate.Failed == 1, TimeSpan.FromSeconds(30)));
        Assert.Equal("allow", await VerdictAsync("1.1"));
        await EndAsync(serving);
    }

    [Fact]
    public async Task An_answer_without_a_line_end_takes_the_call_back()
    {
        var (gate, serving) = Serve(Patient);
        using var one = await ConnectAsync();
        await one.SendAsync(Request("2.1"), _stop.Token);
        await one.ReceiveAsync(new byte[1], _stop.Token);
        await one.SendAsync(new byte[AgiReply.MostBytes + 1], _stop.Token);

        Assert.True(SpinWait.SpinUntil(() => gate.Failed == 1, TimeSpan.FromSeconds(30)));
        Assert.Equal(["2.1"], _recorder.Dropped);
        await EndAsync(serving);
    }

    [Fact]
    public async Task A_call_may_speak_byte_by_byte()
    {
        var (_, serving) = Serve(Patient);

        Assert.Equal("allow", await VerdictAsync("1.1", piece: 1));

        await EndAsync(serving);
        Assert.Equal(["1.1"], _recorder.Asked);
        Assert.Empty(_recorder.Dropped);
    }

    [Fact]
    public async Task Whoever_sends_and_never_reads_holds_nobody_up()
    {
        var (_, serving) = Serve(Patient);
        using var one = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 1 };
        await one.ConnectAsync(_listener.LocalEndPoint!, _stop.Token);
        await one.SendAsync(Request("2.1"), _stop.Token);

        Assert.Equal("allow", await VerdictAsync("1.1"));
        await EndAsync(serving);
        Assert.Equal(["2.1"], _recorder.Dropped);
    }

    [Fact]
    public async Task A_stop_takes_each_call_back_that_has_not_heard_all_of_its_verdict()
    {
        var (_, serving) = Serve(Patient);
        const int Count = 50;
        var half = new List<Socket>();
        for (var number = 0; number < Count; number++)
        {
            half.Add(await ConnectAsync());
            await half[^1].SendAsync(Request($"2.{number}"), _stop.Token);
            await half[^1].ReceiveAsync(new byte[8], _stop.Token);
        }

        await EndAsync(serving);
        half.ForEach(static one => one.Dispose());
        Assert.Equal(Count, _recorder.Dropped.Distinct().Count());
        Assert.Equal(Count, _recorder.Dropped.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_whose_caller_is_gone_while_he_is_asked_for_his_PIN_is_over(bool isStop)
    {
        WritePin();
        var (gate, serving) = Serve(Patient with { Pins = GatePin.All });
        using (var one = await ConnectAsync())
        {
            await one.SendAsync(Request("2.1"), _stop.Token);
            await TalkAsync(one, static command => IsPrompt(command) ? null : "200 result=1");
            if (isStop)
            {
                await EndAsync(serving);
            }
        }

        Assert.True(SpinWait.SpinUntil(() => gate.Failed == 1, TimeSpan.FromSeconds(30)));
        Assert.Equal(["2.1"], _recorder.Dropped);
        await EndAsync(serving);
    }

    [Fact]
    public async Task While_one_caller_thinks_of_his_PIN_others_are_answered_and_his_talk_goes_on()
    {
        WritePin();
        var (_, serving) = Serve(Patient with { Pins = GatePin.Abroad });
        using var one = await ConnectAsync();
        await one.SendAsync(Request("2.1", TestCalls.SierraLeone), _stop.Token);
        await TalkAsync(one, static command => IsPrompt(command) ? null : "200 result=1");
        for (var call = 0; call < 20; call++)
        {
            Assert.Equal("allow", await VerdictAsync($"1.{call}"));
        }

        foreach (var digit in $"200 result={Pin}\n")
        {
            await one.SendAsync(new[] { (byte)digit }, _stop.Token);
        }

        Assert.Contains(await TalkAsync(one, static _ => "200 result=1"), static command => command.EndsWith("\"allow\"", StringComparison.Ordinal));
        await EndAsync(serving);
        Assert.Empty(_recorder.Dropped);
    }

    private static bool IsPrompt(string command) => command.StartsWith("GET DATA", StringComparison.Ordinal);

    private void WritePin()
    {
        var book = PinBook.Parse("");
        book.Set("201", Pin, new byte[16]);
        Pins.Write(_pins, book);
    }

    private (GateServer Gate, Task Serving) Serve(GateSettings settings)
    {
        var gate = new GateServer(settings, _recorder, TestCalls.Rules, new Tariff(null, "DE"), new Pins(_pins), TimeProvider.System, new ListLogger<GateServer>([]));
        return (gate, gate.ServeAsync(_listener, _stop.Token));
    }

    private async Task EndAsync(Task serving)
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving);
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(_listener.LocalEndPoint!, _stop.Token);
        return socket;
    }

    private static byte[] Request(string id, string dialled = TestCalls.Berlin) => Encoding.Latin1.GetBytes(
        $"agi_network: yes\nagi_network_script: gate/{Nonce}\nagi_request: agi://127.0.0.1:4573/gate/{Nonce}\n"
        + string.Concat(((string[])[GateCall.Version, id, "PJSIP/201-00000007", dialled, "", "trunk-a", "", "", "201", "", Nonce]).Select(static (argument, at) => $"agi_arg_{at + 1}: {argument}\n")) + "\n");

    // "": it was told none.
    private async Task<string> VerdictAsync(string id, int piece = int.MaxValue)
    {
        using var asterisk = await ConnectAsync();
        foreach (var part in Request(id).Chunk(piece))
        {
            await asterisk.SendAsync(part, _stop.Token);
        }

        return (await TalkAsync(asterisk, static _ => "200 result=1")).Find(static command => command.Contains("RINGFENCE_VERDICT", StringComparison.Ordinal))?.Split('"')[1] ?? "";
    }

    // Until the other side ends, or there is nothing to answer: the commands.
    private async Task<List<string>> TalkAsync(Socket asterisk, Func<string, string?> reply)
    {
        var commands = new List<string>();
        var line = new StringBuilder();
        var next = new byte[1];
        while (await asterisk.ReceiveAsync(next, _stop.Token) > 0)
        {
            if (next[0] != '\n')
            {
                line.Append((char)next[0]);
                continue;
            }

            commands.Add(line.ToString());
            line.Clear();
            if (reply(commands[^1]) is not { } answer)
            {
                break;
            }

            await asterisk.SendAsync(Encoding.Latin1.GetBytes($"{answer}\n"), _stop.Token);
        }

        return commands;
    }

    private async Task ReadAsync(Socket socket)
    {
        try
        {
            while (await socket.ReceiveAsync(new byte[100], _stop.Token) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // Reset: not all that it was sent was read.
        }
    }

    // Lets everything out.
    private sealed class Recorder : IGate
    {
        private readonly Lock _lock = new();
        private readonly List<string> _asked = [];
        private readonly List<string> _dropped = [];

        public List<string> Asked
        {
            get
            {
                lock (_lock)
                {
                    return [.. _asked];
                }
            }
        }

        public List<string> Dropped
        {
            get
            {
                lock (_lock)
                {
                    return [.. _dropped];
                }
            }
        }

        public GateAnswer Ask(string id, in CallAttempt attempt, bool hasPin)
        {
            lock (_lock)
            {
                _asked.Add(id);
            }

            return new GateAnswer(GateVerdict.Allow, 60, "", "so long and no longer");
        }

        public void See(SiteEvent seen)
        {
        }

        public void Drop(string id)
        {
            lock (_lock)
            {
                _dropped.Add(id);
            }
        }
    }
}
