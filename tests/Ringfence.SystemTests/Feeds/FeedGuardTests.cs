using System.Net;
using System.Text.Json;
using Ringfence.SystemTests.Doors;
using Ringfence.SystemTests.Firewall;
using Ringfence.Tests;
using Ringfence.Tests.Feeds;
using Xunit;

namespace Ringfence.SystemTests.Feeds;

/// <summary>A real guard that fetches from a real server in another namespace, and a neighbour whose packets come in or do not.</summary>
public sealed class FeedGuardTests : IAsyncLifetime
{
    private const string Server = "198.51.100.8";
    private const string Attacker = "198.51.100.9";
    private const string Phone = "198.51.100.10";

    private Machine _machine = null!;
    private ListServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _machine = new Machine("feeds");
        _server = new ListServer(Netns.RunIn(_machine.WorldName, () => FakeServer.Listening(IPAddress.Parse(Server))));
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
    public async Task A_list_is_fetched_and_enforced_told_of_and_stays_when_the_server_turns_bad_and_when_the_guard_dies()
    {
        _server.Says(ListServer.Ok($"{Attacker} ; SBL1\n198.51.100.1\n10.0.0.0/8\n{Phone}\n203.0.113.0/24\n"));
        _machine.Configure("[general](+)", "canary = 0", "[trust](+)", $"address = {Phone}", "[feed mine]", $"url = {_server.Url()}");
        await _machine.StartGuardAsync(Stop);
        await _machine.UntilAsync(async () => (await FeedAsync()).GetProperty("left_out").GetInt32() == 3, Stop);

        Assert.False(Arrives(Attacker));
        Assert.True(Arrives(Phone));
        await _machine.UntilAsync(async () => (await FeedAsync()).GetProperty("dropped").GetInt64() >= 1, Stop);

        // What is asked of it.
        var why = await _machine.AskAsync(Stop, "feeds", "why", Attacker);
        Assert.Equal(1, why.ExitCode);
        Assert.Matches($"^mine: {Attacker}, since .*: blocked\n$", why.Output);
        var own = await _machine.AskAsync(Stop, "feeds", "why", "198.51.100.1");
        Assert.Contains("not blocked: address of this machine", own.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await _machine.AskAsync(Stop, "feeds", "why", "198.51.100.77")).ExitCode);
        Assert.Contains("mine (198.51.100.8:", (await _machine.AskAsync(Stop, "feeds")).Output, StringComparison.Ordinal);
        Assert.Contains("Feed      mine (198.51.100.8:", (await _machine.AskAsync(Stop, "status")).Output, StringComparison.Ordinal);

        // The server turns bad: what was held stays.
        _server.Says(ListServer.Ok("<html>we have moved</html>"));
        var update = await _machine.AskAsync(Stop, "feeds", "update", "mine");
        Assert.Equal(3, update.ExitCode);
        Assert.Contains("NOT taken  mine: 198.51.100.8:", update.Output, StringComparison.Ordinal);
        Assert.Contains("web page (HTML)", (await FeedAsync()).GetProperty("note").GetString(), StringComparison.Ordinal);
        Assert.False(Arrives(Attacker));

        // The guard dies, the machine is booted (its kernel knows nothing), and no server is there: the list of before is in force.
        await _machine.KillGuardAsync(Stop);
        Assert.False(Arrives(Attacker));
        _machine.Here.Execute("nft", "flush", "ruleset");
        Assert.True(Arrives(Attacker));
        await _server.DisposeAsync();
        await _machine.StartGuardAsync(Stop);
        await _machine.UntilAsync(() => Task.FromResult(!Arrives(Attacker)), Stop);
        Assert.True(Arrives(Phone));

        // Somebody flushes all rules.
        _machine.Here.Execute("nft", "flush", "ruleset");
        await _machine.UntilAsync(() => Task.FromResult(!Arrives(Attacker)), Stop);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/list")]
    [InlineData("http://198.51.100.1:{0}/list")]
    [InlineData("http://[::1]:{0}/list")]
    [InlineData("http://localhost:{0}/list")]
    [InlineData("http://10.9.9.9:{0}/list")]
    public async Task A_server_outside_can_not_send_the_guard_into_its_own_or_a_private_network(string location)
    {
        await using var inside = new ListServer(_machine.Here.Run(() => FakeServer.Listening(IPAddress.Any)));
        _server.Says(ListServer.Head("302 Found", $"Location: {string.Format(null, location, inside.Address.Port)}"));
        _machine.Configure("[general](+)", "canary = 0", "[feed mine]", $"url = {_server.Url()}");

        await _machine.StartGuardAsync(Stop);

        await _machine.UntilAsync(async () => (await FeedAsync()).GetProperty("problem").ValueKind == JsonValueKind.String, Stop);
        Assert.Contains("redirects into this machine's or a private network", (await FeedAsync()).GetProperty("problem").GetString(), StringComparison.Ordinal);
        Assert.Empty(inside.Asked);
        Assert.Equal(1, (await _machine.AskAsync(Stop, "status")).ExitCode);
    }

    [Fact]
    public async Task Lists_of_a_configuration_that_has_none_any_more_block_nobody()
    {
        _server.Says(ListServer.Ok($"{Attacker}\n"));
        _machine.Configure("[general](+)", "canary = 0", "[feed mine]", $"url = {_server.Url()}");
        await _machine.StartGuardAsync(Stop);
        await _machine.UntilAsync(() => Task.FromResult(!Arrives(Attacker)), Stop);
        await _machine.KillGuardAsync(Stop);
        _machine.Configure("[general](+)", "canary = 0");

        await _machine.StartGuardAsync(Stop);

        await _machine.UntilAsync(() => Task.FromResult(Arrives(Attacker)), Stop);
        Assert.Equal(JsonValueKind.Null, (await _machine.JsonAsync(Stop, "status")).GetProperty("lists").ValueKind);
    }

    private async Task<JsonElement> FeedAsync() => (await _machine.JsonAsync(Stop, "status")).GetProperty("lists").GetProperty("feeds")[0];

    private bool Arrives(string from)
    {
        using var listening = Wall.Udp(_machine.Here, Machine.Own, 0);
        using var sending = Netns.RunIn(_machine.WorldName, () =>
        {
            var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Dgram, System.Net.Sockets.ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
            return socket;
        });
        sending.SendTo("x"u8, listening.LocalEndPoint!);
        return listening.Poll(TimeSpan.FromMilliseconds(400), System.Net.Sockets.SelectMode.SelectRead);
    }
}
