using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>Wrong passwords in datagrams that seem to come from the trunks cut neither of them off, however many they are and whatever the guard reads.</summary>
public sealed class GuardForgedTrunkTests : IClassFixture<AsteriskLab>
{
    // What Asterisk answers on one core beside the test: more would be lost before it reads them, and prove nothing.
    private const int APause = 50;


    private readonly AsteriskLab _lab;

    public GuardForgedTrunkTests(AsteriskLab lab)
    {
        lab.Require();
        Requires.Tool("nft");
        Requires.Tool("sipp");
        _lab = lab;
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(10_000, false)]
    [InlineData(1, true)]
    [InlineData(3, true)]
    [InlineData(10_000, true)]
    public async Task A_trunk_in_whose_name_datagrams_are_forged_still_brings_calls(int datagrams, bool withMessages)
    {
        await using var guard = await GuardProcess.StartAsync(_lab, [.. GuardProcess.NoCanary, .. withMessages ? GuardProcess.Hep : []], Stop);

        await ForgeAsync(datagrams, AsteriskLab.TrunkByAddress, AsteriskLab.TrunkByPassword);

        var log = await LogAfterAllAsync();
        foreach (var trunk in (string[])[AsteriskLab.TrunkByAddress, AsteriskLab.TrunkByPassword])
        {
            // Of a thousand datagrams a busy PBX may lose some; of three it loses none.
            Assert.InRange(log.Split($"/{trunk}/5060").Length - 1, Math.Min(datagrams, 1_000), 3 * datagrams);
        }

        Assert.True(await guard.HasReadAllAsync(Stop), "the guard did not read its logs to the end");
        Assert.Empty(await guard.BansAsync(Stop));
        Assert.Empty(await guard.KernelBansAsync(Stop));
        var call = await AttackTools.TrunkCallAsync(_lab, Stop);
        Assert.True(call.ExitCode == 0, call.Said);
        using var trunkByPassword = _lab.Attack(AsteriskLab.TrunkByPassword, SipTransport.Udp, 5060);
        Assert.True(await trunkByPassword.IsAnsweredAsync(Stop, SipClient.Patience), guard.Said);

        // That the trunks are not banned means something only if a stranger would be for the same.
        await Guesses.UntilBannedAsync(_lab, guard, AsteriskLab.Attacker(datagrams == 1 ? 39 : datagrams == 3 ? 40 : 41), SipTransport.Tcp, Stop);
        Assert.Single(await guard.KernelBansAsync(Stop));
    }

    [Fact]
    public async Task A_stranger_in_whose_name_datagrams_are_forged_is_told_of_and_not_banned_where_HEP_shows_them_and_the_limits_are_off()
    {
        const string Stranger = "198.51.100.42";
        await using var guard = await GuardProcess.StartAsync(_lab, [.. GuardProcess.NoCanary, .. GuardProcess.Hep, "[firewall]", "rate = 0"], Stop);

        await ForgeAsync(20, Stranger);

        Assert.True(await Eventually.HoldsAsync(async () => (await ActionsAsync(guard, Stranger)).Count > 0, TimeSpan.FromSeconds(30), Stop), guard.Said);
        await LogAfterAllAsync();
        Assert.True(await guard.HasReadAllAsync(Stop), "the guard did not read its logs to the end");
        Assert.All(await ActionsAsync(guard, Stranger), action => Assert.Equal("alert", action));
        Assert.Empty(await guard.KernelBansAsync(Stop));

        await Guesses.UntilBannedAsync(_lab, guard, AsteriskLab.Attacker(43), SipTransport.Tcp, Stop);
        Assert.Single(await guard.KernelBansAsync(Stop));
    }

    private static async Task<IReadOnlyList<string>> ActionsAsync(GuardProcess guard, string address)
    {
        using var why = await guard.AskJsonAsync(Stop, "why", address);
        return [.. why.RootElement.GetProperty("decisions").EnumerateArray().Select(decision => decision.GetProperty("action").GetString()!)];
    }

    // Asterisk logs in order: once this is there, so is all that came before.
    private async Task<string> LogAfterAllAsync()
    {
        const string Last = "the-last-one";
        var log = "";
        var isThere = await Eventually.HoldsAsync(
            async () =>
            {
                using var phone = _lab.PhoneAt(AsteriskLab.Phone(21), SipTransport.Udp);
                if (await phone.AskAsync(new SipRequest("OPTIONS", "1005") { CallId = Last + SipRequest.Fresh() }, Stop, SipClient.Silence) is null)
                {
                    return false;
                }

                log = await _lab.AppendedAsync("security_json", 0, Last, Stop);
                return log.Contains(Last, StringComparison.Ordinal);
            },
            TimeSpan.FromSeconds(60),
            Stop);
        Assert.True(isThere, "Asterisk did not log what came last");
        return log;
    }

    // So many in each name, in turn, none of which echoes a challenge: a forger sees no answer.
    private async Task ForgeAsync(int datagrams, params string[] names)
    {
        var to = (await _lab.RunAsync("pbx", ["cat", "/sys/class/net/att0/address"], TimeSpan.FromSeconds(30), Stop)).Output;
        using var link = RawFrames.Open(_lab.Namespace("att"), "pbx0", to);
        for (var sent = 0; sent < datagrams * names.Length; sent++)
        {
            var name = names[sent % names.Length];
            var request = new SipRequest("REGISTER", "trunk-auth")
            {
                Authorization = $"Digest username=\"trunk-auth\",realm=\"asterisk\",nonce=\"1/a\",uri=\"sip:{AsteriskLab.World}\",response=\"0\",algorithm=MD5",
            };
            link.Send(name, AsteriskLab.World, "", request.ToBytes(AsteriskLab.World, $"{name}:5060", SipTransport.Udp));
            if (sent % APause == APause - 1)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Stop);
            }
        }
    }
}
