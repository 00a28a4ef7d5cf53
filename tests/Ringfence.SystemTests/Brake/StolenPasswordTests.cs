using Ringfence.SystemTests.Asterisk;
using Xunit;

namespace Ringfence.SystemTests.Brake;

/// <summary>A stolen password that calls out over a real trunk of a real Asterisk, and a guard without a gate.</summary>
public sealed class StolenPasswordTests : BrakeLab
{
    private const int Parallel = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

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
            Assert.Equal(200, await phones.CallAsync("1009", $"90023279{call:000000}"));
        }

        // The limit is reached while they talk.
        Assert.True(await Eventually.HoldsAsync(async () => Calls(await LiveAsync(guard)) is [var one] && one.GetProperty("extension").GetString() == "1002", Patience, Stop), guard.Said);
        var stop = Assert.Single(Stops(await LiveAsync(guard)));
        Assert.Equal(("1009", "SL"), (stop.GetProperty("extension").GetString(), stop.GetProperty("region").GetString()));
        Assert.True(stop.GetProperty("hung").GetInt32() == Parallel, $"{stop}{guard.Said}");
        var breach = stop.GetProperty("from").GetDateTimeOffset();
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(stream.Hangups("1009").Count == Parallel), Patience, Stop), stream.Heard);
        var last = stream.Hangups("1009").Concat(stream.Hangups("trunk-ip")).Max();
        TestContext.Current.TestOutputHelper!.WriteLine($"breach {breach:HH:mm:ss.fff}, last hangup {last:HH:mm:ss.fff}: {(last - breach).TotalMilliseconds:0} ms");
        Assert.InRange(last - breach, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Contains("BRAKE 1009", guard.Said, StringComparison.Ordinal);

        // What the stop holds is hung up when it is dialled; what it does not goes on.
        var before = stream.Hangups("1009").Count;
        await phones.CallAsync("1009", "900232795555");
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(stream.Hangups("1009").Count == before + 1), Patience, Stop), stream.Heard);
        Assert.Equal(200, await phones.CallAsync("1009", "9030654321"));

        // A guard that is killed knows what was stopped, and finds the calls that went on meanwhile.
        await guard.KillAsync(Stop);
        await guard.StartAgainAsync(Stop);
        Assert.True(await Eventually.HoldsAsync(async () => Calls(await LiveAsync(guard)).Count == 2, Patience, Stop), guard.Said);
        Assert.Equal(["1002", "1009"], Calls(await LiveAsync(guard)).Select(static call => call.GetProperty("extension").GetString()).Order());
        Assert.All(Calls(await LiveAsync(guard)), static call => Assert.Equal("DE", call.GetProperty("region").GetString()));
        Assert.Equal(stop.GetProperty("number").GetInt32(), Assert.Single(Stops(await LiveAsync(guard))).GetProperty("number").GetInt32());
        before = stream.Hangups("1009").Count;
        await phones.CallAsync("1009", "900232796666");
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(stream.Hangups("1009").Count == before + 1), Patience, Stop), stream.Heard);

        // One command undoes it.
        Assert.Equal(0, (await guard.AskAsync(Stop, "calls", "lift", "--all")).ExitCode);
        Assert.Empty(Stops(await LiveAsync(guard)));
        Assert.Equal(200, await phones.CallAsync("1009", "900232797777"));
        Assert.True(await Eventually.HoldsAsync(async () => Calls(await LiveAsync(guard)).Exists(static call => call.GetProperty("region").GetString() == "SL" && !call.GetProperty("cut").GetBoolean()), Patience, Stop), guard.Said);
        provider.Kill();
    }
}
