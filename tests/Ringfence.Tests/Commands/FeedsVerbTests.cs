using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Api;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Lists;
using Ringfence.Core.Perimeter;
using Ringfence.Feeds;
using Ringfence.Tests.Api;
using Xunit;

namespace Ringfence.Tests.Commands;

/// <summary>What <c>feeds</c> says, with a guard and without one.</summary>
public sealed class FeedsVerbTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-feeds-").FullName;

    private PerimeterSettings _perimeter = PerimeterSettings.None;

    private RingfenceConfig Config => RingfenceConfig.Default with
    {
        Socket = Path.Combine(_directory, "ringfence.sock"),
        Journal = new JournalSettings { Path = Path.Combine(_directory, "ringfence.db") },
        Perimeter = _perimeter,
        Feeds = [new FeedSettings { Name = "voipbl" }, new FeedSettings { Name = "mine", File = "/etc/ringfence/blocked.txt" }],
    };

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Who_is_on_a_list_is_found_on_disk_with_the_entry_and_its_time_and_what_is_private_is_not_blocked()
    {
        Keep("voipbl", "10.0.0.0/9", "203.0.113.0/24", "203.0.113.5");

        var (code, output, _) = await RunAsync("feeds", "why", "203.0.113.5");
        var (_, inside, _) = await RunAsync("feeds", "why", "203.0.113.0/28");
        var (_, own, _) = await RunAsync("feeds", "why", "10.1.2.3");
        var (none, nobody, _) = await RunAsync("feeds", "why", "198.51.100.7");

        Assert.Equal(ExitCode.Found, code);
        Assert.Equal(["voipbl: 203.0.113.0/24, since 2026-11-20 07:00:00 +00:00: blocked", "voipbl: 203.0.113.5, since 2026-11-20 07:00:00 +00:00: blocked"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, inside.Count(letter => letter == '\n'));
        Assert.Contains("10.0.0.0/9, since 2026-11-20 07:00:00 +00:00: not blocked: private or special network (10.0.0.0/8)", own, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Fine, "198.51.100.7 is on no blocklist (voipbl)\nmine never came: ringfence feeds says why\n"), (none, nobody));
    }

    [Fact]
    public async Task That_no_list_has_come_is_no_answer()
    {
        var (code, output, _) = await RunAsync("feeds", "why", "198.51.100.7");

        Assert.Equal((ExitCode.WorldFailed, "voipbl, mine never came: ringfence feeds says why\n"), (code, output));
    }

    [Fact]
    public async Task Whom_the_policy_lets_in_by_his_network_is_not_blocked_though_he_is_on_a_list()
    {
        Keep("voipbl", "203.0.113.5");
        _perimeter = new PerimeterSettings { Zones = [new ZoneSettings { Name = "admin", Networks = [new NotedNetwork(Network.Parse("203.0.113.0/28")!.Value, "", default)] }] };

        var (_, output, _) = await RunAsync("feeds", "why", "203.0.113.5");

        Assert.Contains("203.0.113.5, since 2026-11-20 07:00:00 +00:00: not blocked: zone admin of the firewall's policy (203.0.113.0/28)", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Why_as_json_keeps_its_shape()
    {
        Keep("voipbl", "203.0.113.0/24");

        var (_, output, _) = await RunAsync("feeds", "why", "203.0.113.5", "--json");

        Assert.Equal(
            $$"""{"now":"{{FakeDaemon.Now.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}}","subject":"203.0.113.5","entries":[{"feed":"voipbl","entry":"203.0.113.0/24","since":"2026-11-20T07:00:00.000Z","left_out":null}],"trust":null,"missing":["mine"]}""" + "\n",
            output);
    }

    [Fact]
    public async Task Without_a_guard_what_is_kept_on_disk_is_told()
    {
        Keep("voipbl", "203.0.113.0/24");

        var (code, output, error) = await RunAsync("feeds");

        Assert.Equal(ExitCode.Fine, code);
        Assert.Contains("This is what is kept on disk:", error, StringComparison.Ordinal);
        Assert.StartsWith("voipbl (www.voipbl.org): 1 entry of ", output, StringComparison.Ordinal);
        Assert.Contains("mine (/etc/ringfence/blocked.txt): 0 entries never came", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_update_says_what_was_taken_and_ends_with_3_where_something_was_not()
    {
        var daemon = new FakeDaemon { FeedUpdates = [new FeedUpdateReport("voipbl", null, 50_000, Running: false), new FeedUpdateReport("mine", "refused: it is empty", 7, Running: false), new FeedUpdateReport("slow", null, 0, Running: true)] };
        await using var api = await ApiServer.StartAsync(daemon, Config.Socket, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);

        var (code, output, _) = await RunAsync("feeds", "update", "--force");
        await RunAsync("feeds", "update", "mine");
        var (_, json, _) = await RunAsync("feeds", "update", "--json");

        Assert.Equal(ExitCode.WorldFailed, code);
        Assert.Equal("taken      voipbl: 50000 entries held\nNOT taken  mine: refused: it is empty\ngoes on    slow: it is still coming: see ringfence feeds\n", output);
        object[] asked = [("feeds update", (string?)null, true), ("feeds update", "mine", false), ("feeds update", (string?)null, false)];
        Assert.Equal(asked, daemon.Asked);
        using var document = JsonDocument.Parse(json);
        Assert.Equal(["name", "problem", "entries", "running"], document.RootElement.GetProperty("updates")[0].EnumerateObject().Select(member => member.Name));
    }

    [Fact]
    public async Task Status_shows_each_list_and_counts_a_stale_one_among_the_problems()
    {
        var feed = new FeedStatus("voipbl", "www.voipbl.org", 52_000, 0, FakeDaemon.Now.AddDays(-7), FakeDaemon.Now.AddDays(-7), FakeDaemon.Now.AddMinutes(5), "STALE: the list of 7 d ago is in force: www.voipbl.org: HTTP 503") { Dropped = 9, DroppedAlone = 4, LeftOut = 2 };
        var daemon = new FakeDaemon { Status = new StatusReport { From = "daemon", Version = "1", Now = FakeDaemon.Now, Started = FakeDaemon.Now, Lists = new ListsStatus(60_000, FakeDaemon.Now, null, [feed]) } };
        await using var api = await ApiServer.StartAsync(daemon, Config.Socket, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);

        var (code, output, _) = await RunAsync("status");

        Assert.Equal(ExitCode.Found, code);
        Assert.Contains("2 problems", output, StringComparison.Ordinal);
        Assert.Contains("voipbl (www.voipbl.org): 52000 entries of 7 d ago, next in 5 min, 2 never blocked (own, trusted, private), 9 packets dropped (4 by it alone)", string.Join(' ', output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Contains("! STALE", output, StringComparison.Ordinal);
    }

    private void Keep(string name, params string[] entries)
    {
        var since = new DateTimeOffset(2026, 11, 20, 7, 0, 0, TimeSpan.Zero);
        new KeptList(ListKeeper.DirectoryIn(_directory), name).Write(
            entries.Select(entry => new KeptEntry(Network.Parse(entry)!.Value, since)),
            new ListFacts { Source = FeedKind.Named(name)!.Url, Updated = since, Checked = since });
    }

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args) => new Console { Config = Config }.RunAsync(args);
}
