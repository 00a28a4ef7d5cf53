using System.Globalization;
using System.Text.RegularExpressions;
using Ringfence.SystemTests.Asterisk;
using Xunit;

namespace Ringfence.SystemTests.Gate;

/// <summary>A real guard behind the gate's dialplan: what calls do while it is killed, while it stands still, and when it is there again.</summary>
public sealed partial class GateGuardTests : GateLab
{
    private const string Home = "4155550101";
    private const string SierraLeone = "901123279000001";
    private const string Emergency = "9911";

    // The dialplan alone lets its home calls out and this guard does not: who decided can be told from the answer.
    private const string Closed = "1003";

    private static readonly IReadOnlyList<string> Guarded =
    [
        .. GuardProcess.NoCanary, "[calls]", "country = US", "outside = 9", "area = 415", "[gate]", $"listen = {Address}", "[permission closed]", "calls = deny", $"extensions = {Closed}",
    ];

    // The clock of a channel runs on while its thread waits for a processor.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    private int _calls;

    [Fact]
    public async Task A_guard_that_is_killed_or_stands_still_keeps_no_home_call_and_lets_out_no_dear_one_and_is_asked_again_when_it_is_back()
    {
        await using var guard = await GuardProcess.StartAsync(Lab, Guarded, Stop, "notice");
        await IsAskedAsync(guard);

        await guard.KillAsync(Stop);
        await DialplanDecidesAsync();
        Assert.DoesNotContain(await WaitsAsync(), wait => wait >= Settings.Timeout);

        await guard.StartAgainAsync(Stop);
        await IsAskedAsync(guard);

        // Who is not asked about does not wait for those who are.
        await guard.SignalAsync("STOP", Stop);
        Assert.Equal(Emergency, (await DialplanDecidesAsync())[0]);
        var waits = await WaitsAsync();
        Assert.Equal(3, waits.Count(wait => wait >= Settings.Timeout - TimeSpan.FromMilliseconds(100)));
        TestContext.Current.TestOutputHelper!.WriteLine($"ms from asking to going on: {string.Join(' ', waits.Select(static wait => wait.TotalMilliseconds))}");
        Assert.All(waits, wait => Assert.InRange(wait, TimeSpan.Zero, Settings.Timeout + Slack));

        await guard.SignalAsync("CONT", Stop);
        await IsAskedAsync(guard);
    }

    private async Task IsAskedAsync(GuardProcess guard)
    {
        // It answers at its socket before its gate listens.
        Assert.True(await Eventually.HoldsAsync(async () => await OneAsync(Closed, Home) == 403, TimeSpan.FromSeconds(30), Stop), guard.Said);
        var before = await AskedAsync(guard);

        using var provider = new Provider(Lab.Namespace("att"), AsteriskLab.TrunkByAddress);
        Assert.Equal([403, 200, 200], [await OneAsync(Closed, Home), await OneAsync("1001", Home), await OneAsync(Closed, Emergency)]);
        Assert.Equal([Home, Emergency], provider.Numbers);
        Assert.Equal(before + 2, await AskedAsync(guard));
    }

    /// <returns>What left, in the order in which it did.</returns>
    private async Task<IReadOnlyList<string>> DialplanDecidesAsync()
    {
        using var provider = new Provider(Lab.Namespace("att"), AsteriskLab.TrunkByAddress);
        var home = OneAsync("1001", Home);
        var closed = OneAsync(Closed, Home);
        var dear = OneAsync("1002", SierraLeone);
        var emergency = OneAsync("1004", Emergency);

        Assert.Equal([200, 200, 403, 200], await Task.WhenAll(home, closed, dear, emergency));
        Assert.Equal([Home, Home, Emergency], provider.Numbers.Order(StringComparer.Ordinal));
        return provider.Numbers;
    }

    private async Task<int?> OneAsync(string account, string number) => (await CallAsync(account, number, 11 + (_calls++ % 28)))?.Status;

    private async Task<long> AskedAsync(GuardProcess guard)
    {
        using var status = await guard.AskJsonAsync(Stop, "status");
        return status.RootElement.GetProperty("calls").GetProperty("asked").GetInt64();
    }

    /// <summary>How long each call so far was with AGI(), as Asterisk's log has it.</summary>
    private async Task<IReadOnlyList<TimeSpan>> WaitsAsync()
    {
        List<TimeSpan> waits = [];
        Dictionary<string, DateTime> since = new(StringComparer.Ordinal);
        foreach (Match match in Step().Matches(await File.ReadAllTextAsync(Lab.Log("full"), Stop)))
        {
            var (at, application, channel) = (DateTime.Parse(match.Groups["at"].Value, CultureInfo.InvariantCulture), match.Groups["application"].Value, match.Groups["channel"].Value);
            if (since.Remove(channel, out var asked))
            {
                waits.Add(at - asked);
            }

            if (application == "AGI")
            {
                since[channel] = at;
            }
        }

        return waits;
    }

    [GeneratedRegex("""^\[(?<at>[^]]+)\] VERBOSE.*Executing \[[^]]*@ringfence-gate:\d+\] (?<application>\w+)\("(?<channel>[^"]+)""", RegexOptions.Multiline | RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex Step();
}
