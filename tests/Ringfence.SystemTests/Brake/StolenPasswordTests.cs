using Ringfence.SystemTests.Asterisk;
using Xunit;

namespace Ringfence.SystemTests.Brake;

/// <summary>A stolen password that calls out over a real trunk of a real Asterisk, and a guard without a gate.</summary>
public sealed class StolenPasswordTests : BrakeLab
{
    private const int Parallel = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static int Number(System.Text.Json.JsonElement stop) => stop.GetProperty("number").GetInt32();

    [Fact]
    public async Task Ten_calls_to_Sierra_Leone_are_hung_up_within_a_second_of_the_limit_and_nobody_elses_and_that_holds_over_a_kill()
    {
        using var provider = Provider();
        await using var phones = new Phones(Lab);
        using var stream = await Stream.OpenAsync(Lab, Stop);
        await using var guard = await GuardProcess.StartAsync(Lab, Settings, Stop, "notice");
        Assert.True(await Eventually.HoldsAsync(async () => (await LiveAsync(guard)).GetProperty("problem").GetString() is null, Patience, Stop), guard.Said);

        Assert.Equal(200, await phones.CallAsync("1002", "9030123456"));
        for (var call = 0; call < Parallel; call++)
        {
            // From the limit on he gets 403: Asterisk's word for the cause that the brake gives. Where the trunk's leg ended first Asterisk has no cause for his, and says 603.
            Assert.Contains(await phones.CallAsync("1009", $"90023279{call:000000}"), (int[])[200, 403, 603]);
        }

        // The limits that are there for it are reached while they talk, or ring.
        Assert.True(await Eventually.HoldsAsync(async () => Calls(await LiveAsync(guard)) is [var one] && one.GetProperty("extension").GetString() == "1002", Patience, Stop), guard.Said);
        var stops = Stops(await LiveAsync(guard));
        Assert.NotEmpty(stops);
        Assert.All(stops, static stop => Assert.Equal("1009", stop.GetProperty("extension").GetString()));
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(stream.Times("Hangup", "1009").Count == Parallel), Patience, Stop), stream.Heard);
        var breach = stops.Min(static stop => stop.GetProperty("from").GetDateTimeOffset());
        var (from, last) = (stream.Times("Newchannel", "1009").Append(breach).Max(), stream.Times("Hangup", "1009").Concat(stream.Times("Hangup", "trunk-ip")).Max());
        TestContext.Current.TestOutputHelper!.WriteLine($"limit reached {breach:HH:mm:ss.fff}, last call dialled {from:HH:mm:ss.fff}, last hangup {last:HH:mm:ss.fff}: {(last - from).TotalMilliseconds:0} ms");
        Assert.InRange(last - from, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Contains("BRAKE 1009", guard.Said, StringComparison.Ordinal);

        // A guard that is killed knows what was stopped, and finds the call that went on meanwhile.
        await guard.KillAsync(Stop);
        await guard.StartAgainAsync(Stop);
        Assert.True(await Eventually.HoldsAsync(async () => Calls(await LiveAsync(guard)) is [var one] && one.GetProperty("extension").GetString() == "1002", Patience, Stop), guard.Said);
        Assert.Equal(stops.Select(Number).Order(), Stops(await LiveAsync(guard)).Select(Number).Order());
        var held = await phones.CallAsync("1009", "900232796666");
        Assert.Contains(held, (int[])[200, 403, 603]);
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(stream.Times("Hangup", "1009").Count == Parallel + 1), Patience, Stop), stream.Heard);
        Assert.InRange(stream.Times("Hangup", "1009").Max() - stream.Times("Newchannel", "1009").Max(), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Empty(stream.Times("Hangup", "1002"));

        // One command undoes it.
        Assert.Equal(0, (await guard.AskAsync(Stop, "calls", "lift", "--all")).ExitCode);
        Assert.Empty(Stops(await LiveAsync(guard)));
        provider.Kill();
    }
}
