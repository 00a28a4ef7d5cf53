using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Outer;
using Ringfence.Tests.Api;
using Ringfence.Tests.Feeds;
using Ringfence.Tests.Outer;
using Xunit;

namespace Ringfence.Tests.Commands;

/// <summary>What <c>outer</c> and <c>knock --close</c> say, with a guard and without one.</summary>
public sealed class OuterVerbTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-outer-").FullName;

    private RingfenceConfig Config { get; set; } = RingfenceConfig.Default;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Each_firewall_has_a_line_and_one_with_a_problem_is_found()
    {
        var daemon = new FakeDaemon
        {
            Status = new StatusReport
            {
                From = "daemon",
                Version = "1",
                Now = FakeDaemon.Now,
                Outer = [new OuterStatus("router", "192.0.2.1", 5, 1, 0, FakeDaemon.Now.AddMinutes(-1), null, null, null), new OuterStatus("cloud", "api.example.com", 0, 7, 2, null, FakeDaemon.Now.AddMinutes(1), "api.example.com: HTTP 401", "2 left out")],
            },
        };

        var (code, output, _) = await RunAsync(daemon, "outer");

        Assert.Equal(ExitCode.Found, code);
        Assert.Equal(
            ["router (192.0.2.1): 5 bans told, 1 waiting, answered 1 min ago", "cloud (api.example.com): 0 bans told, 7 waiting, next try in 1 min", "          ! api.example.com: HTTP 401", "          2 left out"],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Without_a_firewall_outside_it_says_which_section_makes_one()
    {
        var (code, output, _) = await RunAsync(new FakeDaemon(), "outer");

        Assert.Equal((ExitCode.Fine, true), (code, output.Contains("docs/outer.md", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_test_is_one_line_for_each_answer_and_fails_where_one_was_not_taken()
    {
        var daemon = new FakeDaemon { OuterSteps = [new OuterTestStep("ban", true, "HTTP 201"), new OuterTestStep("unban", false, "HTTP 500")] };

        var (code, output, _) = await RunAsync(daemon, "outer", "test", "router");

        Assert.Equal((ExitCode.WorldFailed, "taken      ban: HTTP 201\nNOT taken  unban: HTTP 500\n"), (code, output));
    }

    [Fact]
    public async Task Sync_says_what_is_told_again()
    {
        var (code, output, _) = await RunAsync(new FakeDaemon(), "outer", "sync", "router");

        Assert.Equal((ExitCode.Fine, "router is told everything again: 3 bans\n"), (code, output));
    }

    [Fact]
    public async Task Without_a_guard_a_test_asks_the_firewall_by_itself_and_a_list_is_never_replaced_so()
    {
        await using var device = new DeviceServer(ListServer.Listening(IPAddress.Loopback)) { Answer = static request => request.Method == "DELETE" ? ("404 Not Found", "") : ("201 Created", "") };
        Config = Read($"[outer router]\nban = PUT http://{device.Address}/block/<address>\nunban = DELETE http://{device.Address}/block/<address>\n[outer whole]\nall = PUT http://{device.Address}/all <json>");

        var (code, output, error) = await RunAsync(null, "outer", "test", "router");

        Assert.True(code == ExitCode.Fine, output + error);
        Assert.Contains("no guard runs", error, StringComparison.Ordinal);
        Assert.Equal(["PUT", "DELETE"], device.Asked.Select(static request => request.Method));
        var (list, _, why) = await RunAsync(null, "outer", "test", "whole");
        Assert.Equal((ExitCode.Mistake, true), (list, why.Contains("would free everybody", StringComparison.Ordinal)));
        var (none, _, expected) = await RunAsync(null, "outer", "test", "rooter");
        Assert.Equal((ExitCode.Mistake, true), (none, expected.Contains("expected one of router, whole", StringComparison.Ordinal)));
        Assert.Equal(2, device.Asked.Count);
    }

    [Fact]
    public async Task Closing_a_door_says_for_whom_and_that_none_was_open()
    {
        var daemon = new FakeDaemon { DoorsClosed = [new RoamingUserReport("anna", "198.51.100.7", FakeDaemon.Now.AddHours(1))] };

        var (code, output, _) = await RunAsync(daemon, "knock", "--close", "anna");
        var (none, nobody, _) = await RunAsync(new FakeDaemon(), "knock", "--close", "*");
        var (_, json, _) = await RunAsync(daemon, "knock", "--close", "anna", "--json");

        Assert.Equal((ExitCode.Fine, "Shut for 198.51.100.7 (anna). What he has open stays until it is quiet; end it: ringfence ban 198.51.100.7\n"), (code, output));
        Assert.Equal((ExitCode.Found, "No door is open for *.\n"), (none, nobody));
        Assert.Equal("""{"closed":[{"user":"anna","address":"198.51.100.7","until":"2026-11-20T09:00:00.000Z"}]}""" + "\n", json);
        Assert.Contains("anna", daemon.Asked);
    }

    [Fact]
    public async Task What_password_prints_is_read_and_fits_the_password_that_it_shows()
    {
        var (code, output, _) = await RunAsync(null, "knock", "--password", "anna");

        Assert.Equal(ExitCode.Fine, code);
        var user = Assert.Single(Read(output).Roaming.Users);
        var password = output.Split('\n').Single(static line => line.Length == 21 && line.StartsWith("; ", StringComparison.Ordinal))[2..];
        Assert.True(user.Password!.Fits(password));
        Assert.False(user.Password.Fits("anna"));
    }

    [Theory]
    [InlineData("knock", "--close", "anna", "--new", "ben")]
    [InlineData("knock", "--password", "an na")]
    [InlineData("knock", "pbx.example.com", "--close", "anna")]
    public async Task Two_things_at_once_are_a_mistake(params string[] args) => Assert.Equal(ExitCode.Mistake, (await RunAsync(null, args)).ExitCode);

    private static RingfenceConfig Read(string text)
    {
        var reading = ConfigReader.Parse("r", text);
        Assert.Empty(reading.Mistakes);
        return reading.Config!;
    }

    private async Task<(int ExitCode, string Output, string Error)> RunAsync(FakeDaemon? daemon, params string[] args)
    {
        var config = Config with { Socket = Path.Combine(_directory, "ringfence.sock") };
        await using var api = daemon is null ? null : await ApiServer.StartAsync(daemon, config.Socket, NullLoggerFactory.Instance, Stop);
        return await new Console { Config = config }.RunAsync(args);
    }
}
