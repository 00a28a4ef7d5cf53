using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Api;
using Ringfence.Commands;
using Ringfence.Core.Configuration;
using Ringfence.Tests.Api;
using Xunit;

namespace Ringfence.Tests.Commands;

/// <summary>What <c>calls live</c>, <c>calls stops</c> and <c>calls lift</c> say.</summary>
public sealed class LiveCallsVerbTests
{
    private static readonly LiveCallReport Call = new("1.1", "1009", "1009", "+23279000001", "SL", "high", "trunk-a", "phone", FakeDaemon.Now, 75, 0.5m, 0.4m, Cut: false);

    private static readonly StopReport Holding = new(
        3, FakeDaemon.Now.AddMinutes(-8), FakeDaemon.Now.AddMinutes(52), "enforced", "RF3001", "spend-5m", "1009", "SL", "", false, "spend: spend-5m", 12.5m, 10, ["02:00 UTC 1009 to +23279000001 (SL, high): 35 s, 1.25 EUR"])
    { Refused = 4, RefusedAt = FakeDaemon.Now.AddSeconds(-7) };

    private static LiveCallsReport Report => new(FakeDaemon.Now, "enforce", "EUR", [Call, Call with { Id = "2.1", Extension = "1001", Seconds = null, Cost = 0 }], 0.5m, 0.4m, [Holding, Holding with { Number = 2, State = "over" }], null);

    [Fact]
    public void The_screen_has_sums_stops_and_the_dearest_calls_as_far_as_it_goes()
    {
        var lines = LiveScreen.Lines(Report, 100, 24);

        Assert.Equal("08:00:00 UTC  2 calls to outside, 0.50 EUR so far, 0.40 EUR a minute", lines[0]);
        Assert.Equal("stop 3: 1009's calls to SL, 52 min left: spend: spend-5m", lines[1]);
        Assert.Matches("^1009 +\\+23279000001 +SL +high +trunk-a +0:01:15 +0.40 +0.50$", lines[4]);
        Assert.Equal("q: leave", lines[^1]);
        var low = LiveScreen.Lines(Report with { Calls = [.. Enumerable.Repeat(Call, 500)] }, 40, 12);
        Assert.True(low.Count <= 12 && low.All(static line => line.Length <= 40));
        Assert.StartsWith("... and ", low[^2], StringComparison.Ordinal);
    }

    [Fact]
    public void No_byte_of_a_callers_moves_the_cursor()
    {
        var lines = LiveScreen.Lines(Report with { Calls = [Call with { Extension = "\e[2J\r\n1009", Number = "\u202e+1", Trunk = "a\tb" }], Problem = "\e]0;x\a" }, 200, 24);

        Assert.DoesNotContain(lines, static line => line.Any(static c => char.IsControl(c) || c == '\u202e'));
    }

    [Fact]
    public async Task Stops_are_told_with_their_evidence_and_what_is_over_only_if_asked()
    {
        var daemon = new FakeDaemon { Calls = Report };
        var (code, output, _) = await RunAsync(daemon, "calls", "stops");

        Assert.Equal(ExitCode.Fine, code);
        Assert.Matches("^3  stopped  1009's calls to SL, since .+, until .+ \\(52 min left\\)\n", output);
        Assert.Contains("12.50 EUR by then; 10 calls hung up, 4 refused at the gate, the last 7 s ago\n", output, StringComparison.Ordinal);
        Assert.Contains("02:00 UTC 1009 to +23279000001", output, StringComparison.Ordinal);
        Assert.DoesNotContain("2  over", output, StringComparison.Ordinal);
        Assert.Contains("2  over", (await RunAsync(daemon, "calls", "stops", "--all")).Output, StringComparison.Ordinal);
        Assert.Equal("the disk is full\n", (await RunAsync(new FakeDaemon { Calls = Report with { Problem = "the disk is full" } }, "calls", "stops")).Error);
    }

    [Fact]
    public async Task Lift_takes_a_number_or_all_and_says_what_leaves_again()
    {
        var daemon = new FakeDaemon { Calls = Report, Left = [Holding with { Number = 2, Region = "" }] };

        Assert.Equal((ExitCode.Fine, "stop 3 lifted: 1009's calls to SL; what they came to until now counts no more\nstop 2 still holds: 1009's calls to outside: ringfence calls lift 2\n"), ((await RunAsync(daemon, "calls", "lift", "3")) is var (code, output, _) ? (code, output) : default));
        Assert.Equal(ExitCode.Mistake, (await RunAsync(daemon, "calls", "lift")).Code);
        Assert.Equal(ExitCode.Mistake, (await RunAsync(daemon, "calls", "lift", "3", "--all")).Code);
        Assert.Equal(ExitCode.Mistake, (await RunAsync(daemon, "calls", "lift", "x")).Code);
        Assert.Equal([("lift", (int?)3)], daemon.Asked);
    }

    [Fact]
    public async Task Without_a_terminal_it_is_one_table()
    {
        var (code, output, _) = await RunAsync(new FakeDaemon { Calls = Report }, "calls", "live");

        Assert.Equal(ExitCode.Fine, code);
        Assert.Equal(5, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains(output.Split('\n'), static line => line.StartsWith("Extension  Number ", StringComparison.Ordinal) && line.EndsWith("A minute  Cost", StringComparison.Ordinal));
        Assert.DoesNotContain("\e", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_only_records_tell_of_calls_nobody_is_told_that_none_goes_on_and_a_place_is_named_once()
    {
        var report = new LiveCallsReport(FakeDaemon.Now, "enforce", "EUR", [], 0, 0, [], null) { Source = "records", Records = [new("/cdr/Master.csv", null, 0, 0, null, "/cdr/Master.csv: there is no such file")], Note = "[ami] names no user" };

        var (_, output, _) = await RunAsync(new FakeDaemon { Calls = report }, "calls", "live");

        Assert.Equal("what calls go on is not known\n[ami] names no user\nrecords of /cdr/Master.csv: not read yet: there is no such file, 0 calls known by them alone\n", output);
        Assert.Contains("[ami] names no user", LiveScreen.Lines(report, 100, 24));
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(FakeDaemon daemon, params string[] args)
    {
        using var directory = new TemporaryDirectory();
        var config = RingfenceConfig.Default with { Socket = Path.Combine(directory.Path, "ringfence.sock") };
        await using var api = await ApiServer.StartAsync(daemon, config.Socket, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        return await new Console { Config = config }.RunAsync(args);
    }

    private sealed class TemporaryDirectory : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("rf-live-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
