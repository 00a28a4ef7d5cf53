using System.Text.Json;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>`ringfence parse` on what a real Asterisk has just written under attack.</summary>
public sealed class ParseRealLogsTests : IClassFixture<AsteriskLab>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly AsteriskLab _lab;

    public ParseRealLogsTests(AsteriskLab lab)
    {
        lab.Require();
        _lab = lab;
    }

    public static TheoryData<string> Logs => ["security_json", "security", "security_plain", "notice", "messages", "full"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Logs))]
    public async Task No_address_that_only_an_attackers_text_names_is_reported(string log)
    {
        const string Victim = "192.0.2.77";
        var from = _lab.LengthOf("security_json");
        var sender = AsteriskLab.Attacker(46);
        using var attacker = _lab.Attack(sender, SipTransport.Udp);

        foreach (var forgery in Forgery.All)
        {
            await attacker.SendAsync(forgery.Packet(Victim, attacker.Local), Stop);
        }

        await attacker.AskAsync(new SipRequest("OPTIONS", "nobody") { CallId = "the-end" }, Stop);
        await _lab.AppendedAsync("security_json", from, "the-end", Stop);
        var events = await ParseAsync(log);
        // What stands where a packet's text may stand is shown as forgeable, and never counted.
        Assert.DoesNotContain(events, seen => seen.Address == Victim && seen.Proof != "forgeable");
        Assert.Contains(events, seen => seen.Address == sender);
    }

    [Theory]
    [InlineData("security_json", SipTransport.Udp)]
    [InlineData("security_json", SipTransport.Tls)]
    [InlineData("security", SipTransport.Tcp)]
    [InlineData("security_plain", SipTransport.Udp)]
    public async Task A_wrong_password_is_read_with_its_sender_and_account(string log, SipTransport transport)
    {
        var sender = AsteriskLab.Attacker(47);
        using var attacker = _lab.Attack(sender, transport);
        var from = _lab.LengthOf(log);

        await attacker.RegisterAsync("1003", "wrong", Stop);

        await _lab.AppendedAsync(log, from, "ChallengeResponseFailed", Stop);
        Assert.Contains(
            await ParseAsync(log),
            seen => seen with { Proof = "" } == new Seen("password_refused", sender, transport.ToString().ToUpperInvariant(), "1003", ""));
    }

    private async Task<List<Seen>> ParseAsync(string log)
    {
        var run = await ToolRun.OfAsync([RingfenceProgram.Path, "parse", _lab.Log(log)], Limit, Stop);
        Assert.True(run.ExitCode == 0, run.Said);
        return [.. run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Read)];
    }

    private static Seen Read(string line)
    {
        using var json = JsonDocument.Parse(line);
        string Text(string name) => json.RootElement.GetProperty(name).GetString() ?? "";
        return new Seen(Text("event"), Text("address"), Text("transport"), Text("account"), Text("proof"));
    }

    private sealed record Seen(string Event, string Address, string Transport, string Account, string Proof);
}
