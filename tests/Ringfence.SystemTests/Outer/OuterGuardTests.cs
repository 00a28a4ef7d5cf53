using System.Collections.Concurrent;
using System.Net;
using Ringfence.SystemTests.Asterisk;
using Ringfence.SystemTests.Doors;
using Ringfence.Tests;
using Ringfence.Tests.Outer;
using Xunit;

namespace Ringfence.SystemTests.Outer;

/// <summary>A real guard that tells a firewall in another namespace of its bans.</summary>
public sealed class OuterGuardTests : IAsyncLifetime
{
    private const string Device = "198.51.100.8";

    private readonly ConcurrentDictionary<string, bool> _blocked = [];
    private string _fetched = "";
    private Machine _machine = null!;
    private DeviceServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _machine = new Machine("outer");
        _server = new DeviceServer(Netns.RunIn(_machine.WorldName, () => FakeServer.Listening(IPAddress.Parse(Device)))) { Answer = Block };
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_machine is not null)
        {
            await _server.DisposeAsync();
            await _machine.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_ban_and_its_end_reach_the_firewall_outside_and_a_guard_that_starts_again_tells_nothing_twice()
    {
        Configure();
        await _machine.StartGuardAsync(Stop);
        await BanAsync("203.0.113.5");
        await BanAsync("203.0.113.6");
        await UntilBlockedAsync("203.0.113.5", "203.0.113.6");
        await _machine.AskAsync(Stop, "unban", "203.0.113.6");
        await UntilBlockedAsync("203.0.113.5");

        // What it has answered is in the file: until then a guard that dies would have to tell it again.
        await _machine.UntilAsync(() => Task.FromResult(File.ReadAllLines(_machine.In("state/outer-router")) is [_, ['2', '0', '3', .., '=']]), Stop);
        var told = _server.Asked.Count;
        await _machine.KillGuardAsync(Stop);
        await _machine.StartGuardAsync(Stop);
        await _machine.UntilAsync(async () => (await OuterAsync()).GetProperty("told").GetInt32() == 1, Stop);
        await BanAsync("203.0.113.7");
        await UntilBlockedAsync("203.0.113.5", "203.0.113.7");

        Assert.Equal(told + 1, _server.Asked.Count);
        Assert.Contains("Outer     router (198.51.100.8:", (await _machine.AskAsync(Stop, "status")).Output, StringComparison.Ordinal);
        var test = await _machine.AskAsync(Stop, "outer", "test", "router");
        Assert.Equal(0, test.ExitCode);
        Assert.Contains("taken      ban: 198.51.100.8:", test.Output, StringComparison.Ordinal);
        Assert.Equal(["203.0.113.5", "203.0.113.7"], _blocked.Keys.Order());

        // It was replaced by another of the same model.
        _blocked.Clear();
        Assert.Equal(0, (await _machine.AskAsync(Stop, "outer", "sync", "router")).ExitCode);
        await UntilBlockedAsync("203.0.113.5", "203.0.113.7");
    }

    [Fact]
    public async Task A_firewall_that_never_answers_holds_up_no_ban_in_the_kernel_and_is_told_the_difference_when_it_is_back()
    {
        _server.Answer = static _ => null;
        Configure();
        await _machine.StartGuardAsync(Stop);
        for (var last = 1; last <= 40; last++)
        {
            await BanAsync($"203.0.113.{last}");

            // The verb returns when the kernel has it: no look later than that.
            Assert.True(await _machine.IsBannedAsync($"203.0.113.{last}"));
        }

        await _machine.UntilAsync(async () => (await OuterAsync()).GetProperty("problem").GetString()?.Contains("no answer within 20 s", StringComparison.Ordinal) == true, Stop);
        Assert.Equal(1, (await _machine.AskAsync(Stop, "outer")).ExitCode);
        await _machine.AskAsync(Stop, "unban", "203.0.113.1");
        _server.Answer = Block;

        await UntilBlockedAsync([.. Enumerable.Range(2, 39).Select(last => $"203.0.113.{last}")]);
    }

    [Fact]
    public async Task Another_firewall_fetches_the_list_and_nothing_else_is_served_there()
    {
        _machine.Configure("[general](+)", "canary = 0", "[list]", $"listen = {Machine.Own}:8099", "token = test-token-0123456789");
        await _machine.StartGuardAsync(Stop);
        await BanAsync("203.0.113.5");
        await BanAsync("2001:db8:1::/64");

        Assert.True(await Eventually.HoldsAsync(async () => await FetchAsync("test-token-0123456789/bans.txt") == "203.0.113.5\n2001:db8:1::/64", TimeSpan.FromSeconds(20), Stop), _fetched);

        Assert.Equal("2001:db8:1::/64", await FetchAsync("test-token-0123456789/bans.txt?family=6"));
        Assert.Contains("\"network\":\"203.0.113.5\"", await FetchAsync("test-token-0123456789/bans.json"), StringComparison.Ordinal);
        Assert.Equal("", await FetchAsync("bans.txt"));
        Assert.Equal("", await FetchAsync("v1/status"));
        Assert.Equal("", await FetchAsync("test-token-0123456789/v1/bans"));
    }

    private void Configure() => _machine.Configure(
        "[general](+)", "canary = 0", "[outer router]", $"ban = POST http://{_server.Address}/block/<network>", $"unban = POST http://{_server.Address}/free/<network>");

    private (string, string)? Block(FakeRequest request)
    {
        var subject = Uri.UnescapeDataString(request.Path[(request.Path.LastIndexOf('/') + 1)..]);
        _ = request.Path.StartsWith("/block/", StringComparison.Ordinal) ? _blocked.TryAdd(subject, true) : _blocked.TryRemove(subject, out _);
        return ("200 OK", "ok");
    }

    private async Task BanAsync(string subject) => Assert.Equal(0, (await _machine.AskAsync(Stop, "ban", subject, "--for", "1h", "--force")).ExitCode);

    private Task UntilBlockedAsync(params string[] subjects) => _machine.UntilAsync(() => Task.FromResult(_blocked.Keys.ToHashSet().SetEquals(subjects)), Stop);

    private async Task<System.Text.Json.JsonElement> OuterAsync() => (await _machine.JsonAsync(Stop, "status")).GetProperty("outer")[0];

    private async Task<string> FetchAsync(string path)
    {
        var run = await _machine.AttackAsync(["curl", "--noproxy", "*", "--silent", "--show-error", "--fail", "--max-time", "5", $"http://{Machine.Own}:8099/{path}"], Stop);
        _fetched = run.Said;
        return run.Output.Trim();
    }
}
