using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>What passes an interface is seen, once, whatever kind of interface it is; and what could not be kept is said.</summary>
public sealed class WireInterfaceTests : IClassFixture<AsteriskLab>, IDisposable
{
    private const string Late = "late0";

    private readonly AsteriskLab _lab;

    public WireInterfaceTests(AsteriskLab lab)
    {
        lab.Require();
        Requires.Tool("nft");
        _lab = lab;
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Ip("pbx", "link", "delete", Late);

    // By frames and not by a VLAN's interface, which not every kernel has. VLAN 0 is a priority alone, and Asterisk answers.
    [Theory]
    [InlineData("att0", "", 2)]
    [InlineData("att0", "81000007", 1)]
    [InlineData("att0", "88a8000781000009", 1)]
    [InlineData("all", "", 2)]
    [InlineData("all", "8100e000", 2)]
    [InlineData("all", "81000007", 0)]
    public async Task A_tagged_request_is_seen_where_it_is_for_this_machine(string listened, string tags, int messages)
    {
        await using var guard = await GuardProcess.StartAsync(_lab, [.. GuardProcess.NoCanary, "[wire]", $"interface = {listened}"], Stop, "no-log");
        using var attacker = await FramesAsync();
        using var marker = _lab.Attack(AsteriskLab.Attacker(53), SipTransport.Udp);

        attacker.Send(AsteriskLab.Attacker(52), AsteriskLab.World, tags, new SipRequest("REGISTER", "1001").ToBytes(AsteriskLab.World, $"{AsteriskLab.Attacker(52)}:5060", SipTransport.Udp));

        // What comes later is seen later: the two of the marker are the last.
        Assert.Equal(401, (await marker.AskAsync(new SipRequest("REGISTER", "1001"), Stop))?.Status);
        await AssertSeenAsync(guard, listened, messages + 2);
    }

    [Fact]
    public async Task An_answer_that_somebody_forges_from_the_pbx_accuses_nobody()
    {
        await using var guard = await GuardProcess.StartAsync(_lab, [.. GuardProcess.NoCanary, "[wire]", "interface = all"], Stop, "no-log");
        using var forger = await FramesAsync();
        for (var guess = 0; guess < 20; guess++)
        {
            var request = new SipRequest("REGISTER", "1001") { Authorization = "Digest username=\"1001\",realm=\"asterisk\",nonce=\"1/a\",uri=\"sip:10.80.0.1\",response=\"0\",algorithm=MD5" };
            var bytes = request.ToBytes(AsteriskLab.World, $"{AsteriskLab.Attacker(54)}:5060", SipTransport.Udp);
            var text = System.Text.Encoding.Latin1.GetString(bytes);

            // To an address where nobody answers, so that all answers are forged.
            forger.Send(AsteriskLab.Attacker(54), "10.80.0.77", "", bytes);
            forger.Send(AsteriskLab.World, AsteriskLab.Attacker(54), "", System.Text.Encoding.Latin1.GetBytes("SIP/2.0 401 Unauthorized" + text[text.IndexOf('\r', StringComparison.Ordinal)..]));
        }

        await AssertSeenAsync(guard, "all", 20);
        Assert.Empty(await guard.BansAsync(Stop));
    }

    [Theory]
    [InlineData(SipTransport.Udp)]
    [InlineData(SipTransport.Tcp)]
    public async Task A_request_on_loopback_and_its_answer_are_seen_once_each(SipTransport transport)
    {
        await using var guard = await GuardProcess.StartAsync(_lab, [.. GuardProcess.NoCanary, "[wire]", "interface = all"], Stop, "no-log");
        using var phone = SipClient.Open(_lab.Namespace("pbx"), "127.0.0.1", "127.0.0.1", transport);

        var answer = await phone.AskAsync(new SipRequest("REGISTER", "1001"), Stop);

        Assert.Equal(401, answer?.Status);
        await AssertSeenAsync(guard, "all", 2);
    }

    [Theory]
    [InlineData("198.51.100.48")]
    [InlineData("2001:db8:bad:4::7")]
    public async Task A_brute_force_whose_packets_are_longer_than_the_link_takes_is_banned(string source)
    {
        await using var guard = await GuardProcess.StartAsync(_lab, [.. GuardProcess.NoCanary, "[wire]", "interface = all"], Stop, "no-log");

        for (var attempt = 0; attempt < 5; attempt++)
        {
            // The answer has the Call-ID too, and so is in fragments as well.
            using var attacker = _lab.Attack(source, SipTransport.Udp);
            await attacker.LogInAsync(new SipRequest("REGISTER", "1001") { CallId = SipRequest.Fresh() + new string('x', 2_600) }, $"guess{attempt}", Stop, limit: SipClient.Silence);
        }

        Assert.True(await Eventually.HoldsAsync(async () => (await guard.BansAsync(Stop)).Count == 1, TimeSpan.FromSeconds(30), Stop), guard.Said);
    }

    [Fact]
    public async Task An_attempt_that_hep_and_the_wire_both_show_counts_once()
    {
        var source = AsteriskLab.Attacker(49);
        await using var guard = await GuardProcess.StartAsync(
            _lab, [.. GuardProcess.NoCanary, "[wire]", "interface = all", .. GuardProcess.Hep], Stop, "no-log");
        async Task GuessAsync(int times)
        {
            for (var attempt = 0; attempt < times; attempt++)
            {
                using var attacker = _lab.Attack(source, SipTransport.Udp);
                await attacker.LogInAsync(new SipRequest("REGISTER", "1001"), "wrong", Stop);
            }
        }

        await GuessAsync(4);
        await AssertSeenAsync(guard, "all", 16);
        Assert.Empty(await guard.BansAsync(Stop));

        await GuessAsync(1);
        Assert.True(await Eventually.HoldsAsync(async () => (await guard.BansAsync(Stop)).Count == 1, TimeSpan.FromSeconds(30), Stop), guard.Said);
        using var why = await guard.AskJsonAsync(Stop, "why", source);
        Assert.Equal(5, Assert.Single(why.RootElement.GetProperty("decisions").EnumerateArray()).GetProperty("evidence").GetArrayLength());
    }

    [Fact]
    public async Task Datagrams_forged_from_the_trunk_do_not_cut_it()
    {
        Requires.Tool("sipp");
        await using var guard = await GuardProcess.StartAsync(_lab, [.. GuardProcess.NoCanary, "[wire]", "interface = all"], Stop, "no-log");
        foreach (var trunk in (string[])[AsteriskLab.TrunkByAddress, AsteriskLab.TrunkByPassword])
        {
            using var forged = _lab.Attack(trunk, SipTransport.Udp);
            for (var packet = 0; packet < 20; packet++)
            {
                await forged.SendAsync(
                    new SipRequest("REGISTER", "1001") { Authorization = "Digest username=\"1001\",realm=\"asterisk\",nonce=\"1/a\",uri=\"sip:10.80.0.1\",response=\"0\",algorithm=MD5" }, Stop);
            }
        }

        var call = await AttackTools.TrunkCallAsync(_lab, Stop);

        Assert.True(call.ExitCode == 0, call.Said);
        Assert.Empty(await guard.BansAsync(Stop));
    }

    [Fact]
    public async Task A_flood_that_overruns_the_guard_is_told_as_dropped_packets()
    {
        await using var guard = await GuardProcess.StartAsync(_lab, [.. GuardProcess.NoCanary, "[wire]", "interface = all"], Stop, "no-log");
        using var flood = Netns.RunIn(_lab.Namespace("att"), () =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(AsteriskLab.Attacker(50)), 5060));
            return socket;
        });

        await guard.SignalAsync("STOP", Stop);
        var nobody = new IPEndPoint(IPAddress.Parse(AsteriskLab.World), 9);
        var packet = new byte[1_000];
        for (var sent = 0; sent < 150_000; sent++)
        {
            flood.SendTo(packet, nobody);
        }

        await guard.SignalAsync("CONT", Stop);
        Assert.True(await Eventually.HoldsAsync(async () => await SourceAsync(guard, "all", "dropped") > 0, TimeSpan.FromSeconds(30), Stop), guard.Said);
        using var status = await guard.AskJsonAsync(Stop, "status");
        Assert.Contains("were dropped since start", status.RootElement.GetProperty("sources").EnumerateArray()
            .Single(source => source.GetProperty("name").GetString() == "wire all").GetProperty("note").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interface_that_is_not_there_is_a_problem_until_it_comes()
    {
        await using var guard = await GuardProcess.StartAsync(_lab, [.. GuardProcess.NoCanary, "[wire]", $"interface = {Late}"], Stop, "no-log");
        var isMissed = await Eventually.HoldsAsync(
            async () =>
            {
                using var before = await guard.AskJsonAsync(Stop, "status");
                return before.RootElement.GetProperty("sources").EnumerateArray().Last().GetProperty("problem").GetString()?.StartsWith($"there is no interface {Late}: ", StringComparison.Ordinal) == true;
            },
            TimeSpan.FromSeconds(30), Stop);

        ConnectLate();
        using var phone = SipClient.Open(_lab.Namespace("att"), "10.80.7.2", "10.80.7.1", SipTransport.Udp);

        Assert.True(isMissed, guard.Said);

        // The longer it is not there the more seldom it is looked for, up to once a minute.
        Assert.True(await Eventually.HoldsAsync(
            async () => await phone.AskAsync(new SipRequest("REGISTER", "1001"), Stop, SipClient.Silence) is not null && await SourceAsync(guard, Late, "events") > 0, TimeSpan.FromSeconds(90), Stop), guard.Said);
    }

    private static async Task AssertSeenAsync(GuardProcess guard, string listened, long messages)
    {
        await Eventually.HoldsAsync(async () => await SourceAsync(guard, listened, "events") >= messages, TimeSpan.FromSeconds(30), Stop);
        Assert.Equal(messages, await SourceAsync(guard, listened, "events"));
    }

    private static async Task<long> SourceAsync(GuardProcess guard, string listened, string member)
    {
        using var status = await guard.AskJsonAsync(Stop, "status");
        return status.RootElement.GetProperty("sources").EnumerateArray().Single(source => source.GetProperty("name").GetString() == $"wire {listened}").GetProperty(member).GetInt64();
    }

    private async Task<RawFrames> FramesAsync()
    {
        var address = await _lab.RunAsync("pbx", ["cat", "/sys/class/net/att0/address"], TimeSpan.FromSeconds(30), Stop);
        return RawFrames.Open(_lab.Namespace("att"), "pbx0", address.Output);
    }

    private void ConnectLate()
    {
        Ip("pbx", "link", "add", Late, "type", "veth", "peer", "name", Late, "netns", _lab.Namespace("att"));
        foreach (var (name, address) in ((string, string)[])[("pbx", "10.80.7.1/24"), ("att", "10.80.7.2/24")])
        {
            Ip(name, "address", "add", address, "dev", Late);
            Ip(name, "link", "set", Late, "up");
        }
    }

    private void Ip(string name, params string[] arguments) =>
        ToolRun.OfAsync(["ip", "-n", _lab.Namespace(name), .. arguments], TimeSpan.FromSeconds(30), CancellationToken.None).GetAwaiter().GetResult();
}
