using System.Globalization;
using Ringfence.SystemTests.Doors;
using Xunit;

namespace Ringfence.SystemTests.Sources;

/// <summary>A source of messages that tells nothing while the log shows a busy PBX: status is red and ends with 1.</summary>
public sealed class SilentSourceTests : IAsyncLifetime
{
    private Machine _machine = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _machine = new Machine("silent");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_machine is not null)
        {
            await _machine.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("hep 127.0.0.1:9060", "Asterisk logs events and has told nothing over HEP at all: are res_hep and res_hep_pjsip loaded, and is capture_address in hep.conf right?", "[hep]", "listen = 127.0.0.1:9060", "password = x")]
    [InlineData("wire lo", "Asterisk logs events and nothing was seen on the wire at all: are interface and port in [wire] right?", "[wire]", "interface = lo")]
    public async Task Silence_while_the_PBX_is_busy_is_a_problem_that_status_names_and_ends_with_1(string source, string problem, params string[] settings)
    {
        _machine.Configure(["[general](+)", "canary = 0", .. settings]);
        await _machine.StartGuardAsync(Stop);
        var idle = await _machine.AskAsync(Stop, "status");

        // Five minutes of silence are a fault: that they are over is what the log's own times say.
        var time = TimeProvider.System.GetLocalNow().AddMinutes(6).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        await File.AppendAllTextAsync(
            _machine.In("notice"),
            $"[{time}.000] NOTICE[1] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '<sip:1001@{Machine.Own}>' failed for '{Machine.Attacker(7)}:5060' (callid: 1) - Failed to authenticate\n",
            Stop);
        await _machine.UntilAsync(async () => (await _machine.AskAsync(Stop, "status")).ExitCode == 1, Stop);

        var silent = (await _machine.JsonAsync(Stop, "status")).GetProperty("sources").EnumerateArray().Single(one => one.GetProperty("name").GetString() == source);
        Assert.Equal((false, problem), (silent.GetProperty("alive").GetBoolean(), silent.GetProperty("problem").GetString()));
        Assert.Contains(problem, string.Join(' ', (await _machine.AskAsync(Stop, "status")).Said.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Equal(0, idle.ExitCode);
    }
}
