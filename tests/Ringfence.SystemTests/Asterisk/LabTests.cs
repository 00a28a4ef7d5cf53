using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>The laboratory itself: what the guard's tests stand on.</summary>
public sealed class LabTests : IClassFixture<AsteriskLab>
{
    private readonly AsteriskLab _lab;

    public LabTests(AsteriskLab lab)
    {
        lab.Require();
        _lab = lab;
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_real_Asterisk_22_runs()
    {
        var version = await _lab.CliAsync("core show version", Stop);

        Assert.StartsWith("Asterisk 22.", version, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1001", "10.81.0.11", SipTransport.Udp)]
    [InlineData("1002", "10.81.0.12", SipTransport.Tcp)]
    [InlineData("1003", "10.81.0.13", SipTransport.Tls)]
    [InlineData("1004", "2001:db8:81::14", SipTransport.Udp)]
    [InlineData("1005", "2001:db8:81::15", SipTransport.Tcp)]
    public async Task A_phone_registers_over_each_transport(string account, string source, SipTransport transport)
    {
        using var phone = _lab.PhoneAt(source, transport);
        var from = _lab.LengthOf("security_json");

        var answer = await phone.RegisterAsync(account, AsteriskLab.PasswordOf(account), Stop);

        Assert.Equal(200, answer?.Status);
        var said = await _lab.AppendedAsync("security_json", from, "SuccessfulAuth", Stop);
        Assert.Contains($"AccountID=\\\"{account}\\\"", said, StringComparison.Ordinal);
        Assert.Contains($"{source}/", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, SipTransport.Udp)]
    [InlineData(2, SipTransport.Tcp)]
    [InlineData(3, SipTransport.Tls)]
    public async Task A_wrong_password_is_refused_and_logged_with_the_senders_address(int number, SipTransport transport)
    {
        var source = AsteriskLab.Attacker(number);
        using var attacker = _lab.Attack(source, transport);
        var from = _lab.LengthOf("security");

        var answer = await attacker.RegisterAsync("1001", "wrong", Stop);

        Assert.Equal(401, answer?.Status);
        var said = await _lab.AppendedAsync("security", from, "ChallengeResponseFailed", Stop);
        Assert.Contains($"RemoteAddress=\"IPV4/{transport.ToString().ToUpperInvariant()}/{source}/", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_with_a_wrong_password_is_refused_over_IPv6()
    {
        using var attacker = _lab.Attack(AsteriskLab.Attacker6(1), SipTransport.Udp);
        var from = _lab.LengthOf("security");

        var answer = await attacker.LogInAsync(new SipRequest("INVITE", "1001") { Target = "00972599000000" }, "wrong", Stop);

        Assert.Equal(401, answer?.Status);
        var said = await _lab.AppendedAsync("security", from, "ChallengeResponseFailed", Stop);
        Assert.Contains("RemoteAddress=\"IPV6/UDP/2001:db8:bad:1::7/", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_raw_byte_reaches_the_log_as_it_was_sent()
    {
        using var attacker = _lab.Attack(AsteriskLab.Attacker(4), SipTransport.Udp);
        var from = _lab.LengthOf("security");

        await attacker.AskAsync(new SipRequest("OPTIONS", "%0aforged%22") { CallId = "a \"quoted\" id" }, Stop);

        var said = await _lab.AppendedAsync("security", from, "InvalidAccountID", Stop);
        Assert.Contains("AccountID=\"\nforged\"\",SessionID=\"a \"quoted\" id\"", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("svwar")]
    [InlineData("svcrack")]
    [InlineData("svmap")]
    [InlineData("sipsak")]
    [InlineData("sipp")]
    public async Task Each_attack_tool_leaves_lines_with_its_own_address(string tool)
    {
        Requires.Tool(tool);
        var source = AsteriskLab.Attacker(5);
        var from = _lab.LengthOf("notice");

        var isTold = await AttackTools.UntilAsync(_lab, tool, source, async () => await _lab.CountAsync("notice", from, $"failed for '{source}:", Stop) > 0, Stop);

        Assert.True(isTold, $"no line of {source}");
    }

    [Theory]
    [InlineData("1001", "10.81.0.21", "u1")]
    [InlineData("1002", "10.81.0.22", "t1")]
    [InlineData("1003", "2001:db8:81::13", "u1")]
    public async Task A_phone_calls_the_echo_test(string account, string source, string transport)
    {
        Requires.Tool("sipp");

        var call = await AttackTools.CallAsync(_lab, account, source, transport, Stop);

        Assert.True(call.ExitCode == 0, call.Said);
    }

    [Fact]
    public async Task A_trunk_known_by_its_address_brings_a_call()
    {
        Requires.Tool("sipp");

        var call = await AttackTools.TrunkCallAsync(_lab, Stop);

        Assert.True(call.ExitCode == 0, call.Said);
    }
}
