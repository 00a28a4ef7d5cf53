using System.Net;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Outer;
using Ringfence.Outer;
using Xunit;

namespace Ringfence.Tests.Outer;

/// <summary>A real server on loopback and a real client: who may have the list has it, and nobody learns anything else.</summary>
public sealed class BanListServerTests : IAsyncLifetime
{
    private const string Token = "test-token-0123456789";

    private readonly CurrentBans _bans = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private readonly List<IAsyncDisposable> _running = [];
    private readonly List<BanListServer> _servers = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _bans.Bans =
        [
            new OuterBan(Network.Parse("192.0.2.1")!.Value, new DateTimeOffset(2026, 11, 20, 9, 0, 0, TimeSpan.Zero), "RF2001"),
            new OuterBan(Network.Parse("198.51.100.0/24")!.Value, null, "operator"),
            new OuterBan(Network.Parse("2001:db8::/64")!.Value, null, "RF2002"),
        ];
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        foreach (var one in _running)
        {
            await one.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_list_has_a_line_for_each_ban_also_of_one_family_and_as_JSON()
    {
        var url = await StartAsync(new BanListSettings { Token = Token });

        Assert.Equal("192.0.2.1\n198.51.100.0/24\n2001:db8::/64\n", await _client.GetStringAsync($"{url}/{Token}/bans.txt", Stop));
        Assert.Equal("192.0.2.1\n198.51.100.0/24\n", await _client.GetStringAsync($"{url}/{Token}/bans.txt?family=4", Stop));
        Assert.Equal("2001:db8::/64\n", await _client.GetStringAsync($"{url}/{Token}/bans.txt?family=6", Stop));
        Assert.Equal(
            """{"bans":[{"network":"192.0.2.1","until":"2026-11-20T09:00:00Z","rule":"RF2001"},{"network":"198.51.100.0/24","until":null,"rule":"operator"},{"network":"2001:db8::/64","until":null,"rule":"RF2002"}]}""",
            await _client.GetStringAsync($"{url}/{Token}/bans.json", Stop));
    }

    [Fact]
    public async Task Who_has_the_list_already_is_told_so_until_it_changes()
    {
        var url = $"{await StartAsync(new BanListSettings { Token = Token })}/{Token}/bans.txt";
        using var first = await _client.GetAsync(url, Stop);
        var tag = first.Headers.ETag!;

        Assert.Equal(HttpStatusCode.NotModified, (await AskAsync(HttpMethod.Get, url, ("If-None-Match", tag.Tag))).StatusCode);
        Assert.Equal(HttpStatusCode.NotModified, (await AskAsync(HttpMethod.Get, url, ("If-None-Match", $"\"other\", W/{tag.Tag}"))).StatusCode);
        _bans.Bans = [.. _bans.Bans!.Skip(1)];
        Assert.Equal("198.51.100.0/24\n2001:db8::/64\n", await (await AskAsync(HttpMethod.Get, url, ("If-None-Match", tag.Tag))).Content.ReadAsStringAsync(Stop));
        using var head = await AskAsync(HttpMethod.Head, url);
        Assert.Equal((HttpStatusCode.OK, 30L), (head.StatusCode, head.Content.Headers.ContentLength!.Value));
    }

    [Theory]
    [InlineData("GET", "/bans.txt")]
    [InlineData("GET", "/")]
    [InlineData("GET", "")]
    [InlineData("GET", "/test-token-012345678/bans.txt")]
    [InlineData("GET", "/test-token-01234567890/bans.txt")]
    [InlineData("GET", "/TEST-TOKEN-0123456789/bans.txt")]
    [InlineData("GET", "//bans.txt")]
    [InlineData("GET", "/test-token-0123456789/")]
    [InlineData("GET", "/test-token-0123456789/bans.csv")]
    [InlineData("GET", "/test-token-0123456789/x/bans.txt")]
    [InlineData("GET", "/v1/status")]
    [InlineData("GET", "/test-token-0123456789/v1/bans")]
    [InlineData("POST", "/test-token-0123456789/bans.txt")]
    [InlineData("DELETE", "/test-token-0123456789/bans.txt")]
    [InlineData("OPTIONS", "/test-token-0123456789/bans.txt")]
    public async Task All_else_is_not_there(string method, string path)
    {
        var url = await StartAsync(new BanListSettings { Token = Token });

        using var answer = await AskAsync(new HttpMethod(method), url + path);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync(Stop));
    }

    [Fact]
    public async Task The_token_may_be_a_header_and_addresses_that_are_not_allowed_have_nothing()
    {
        var url = await StartAsync(new BanListSettings { Token = Token });
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(HttpMethod.Get, $"{url}/bans.txt", ("Authorization", $"Bearer {Token}"))).StatusCode);

        var others = await StartAsync(new BanListSettings { Token = Token, Allow = [Network.Parse("192.0.2.0/24")!.Value] });
        await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(HttpMethod.Get, $"{others}/{Token}/bans.txt"));

        var open = await StartAsync(new BanListSettings { Allow = [Network.Parse("127.0.0.0/8")!.Value] });
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(HttpMethod.Get, $"{open}/bans.txt")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(HttpMethod.Get, $"{open}/any/bans.txt")).StatusCode);
    }

    [Fact]
    public async Task Before_anybody_has_looked_there_is_no_list_for_an_empty_one_would_free_everybody()
    {
        _bans.Bans = null;
        var url = await StartAsync(new BanListSettings { Token = Token });

        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(HttpMethod.Get, $"{url}/{Token}/bans.txt")).StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Two_hundred_strangers_who_hold_on_keep_the_firewall_from_nothing(bool areRefused)
    {
        // Of 127.0.0.0/8 each is an address of its own.
        var url = await StartAsync(new BanListSettings { Token = Token, Allow = areRefused ? [Network.Parse("127.0.0.1")!.Value] : [] });
        var server = _servers[^1];
        using var others = new Strangers();
        for (var i = 0; i < 200; i++)
        {
            await others.ConnectAsync(new IPAddress([127, 0, 1, (byte)(i + 1)]), new Uri(url).Port, "GET /x HTTP/1.1\r\nHost: x", Stop);
        }

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await AskAsync(HttpMethod.Get, $"{url}/{Token}/bans.txt")).StatusCode);
        }

        Assert.True(await HoldsAsync(() => areRefused ? server.Bounds.Refused == 200 && server.Bounds.Held <= 1 : server.Bounds is { Held: <= 64, Refused: >= 136 }), $"{server.Bounds.Refused} {server.Bounds.Held}");
    }

    [Fact]
    public async Task Many_addresses_of_one_network_push_out_their_own_and_nobody_of_another()
    {
        var url = await StartAsync(new BanListSettings { Token = Token });
        var server = _servers[^1];
        using var others = new Strangers();
        var slow = await others.ConnectAsync(IPAddress.Parse("127.0.2.1"), new Uri(url).Port, $"GET /{Token}/bans.txt HTTP/1.1\r\n", Stop);
        for (var i = 0; i < 100; i++)
        {
            await others.ConnectAsync(new IPAddress([127, 0, 1, (byte)(i + 1)]), new Uri(url).Port, "", Stop);
        }

        Assert.True(await HoldsAsync(() => server.Bounds.Refused >= 37));
        await slow.SendAsync("Host: x\r\n\r\n"u8.ToArray(), Stop);
        var answer = new byte[12];
        Assert.Equal(12, await slow.ReceiveAsync(answer, Stop));
        Assert.Equal("HTTP/1.1 200", System.Text.Encoding.ASCII.GetString(answer));
    }

    [Fact]
    public async Task One_source_holds_eight_connections_and_no_more()
    {
        var url = await StartAsync(new BanListSettings { Token = Token });
        var server = _servers[^1];
        using var others = new Strangers();
        for (var i = 0; i < 30; i++)
        {
            await others.ConnectAsync(IPAddress.Parse("127.0.1.1"), new Uri(url).Port, "", Stop);
        }

        Assert.Equal(HttpStatusCode.OK, (await AskAsync(HttpMethod.Get, $"{url}/{Token}/bans.txt")).StatusCode);
        Assert.Equal(22, server.Bounds.Refused);
    }

    [Fact]
    public async Task A_connection_ends_after_two_minutes_whatever_is_said_on_it()
    {
        var time = new ManualTime();
        var url = await StartAsync(new BanListSettings { Token = Token }, time);
        using var others = new Strangers();
        var one = await others.ConnectAsync(IPAddress.Loopback, new Uri(url).Port, "GET /x HTTP/1.1\r\nHost: x", Stop);
        Assert.True(await HoldsAsync(() => _servers[^1].Bounds.Held == 1));

        time.Advance(TimeSpan.FromMinutes(2));

        Assert.True(await HoldsAsync(() => _servers[^1].Bounds.Held == 0));
        Assert.True(one.Connected);
    }

    private static async Task<bool> HoldsAsync(Func<bool> condition)
    {
        for (var look = 0; look < 1500 && !condition(); look++)
        {
            await Task.Delay(20, Stop);
        }

        return condition();
    }

    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, string url, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, url);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _client.SendAsync(request, Stop);
    }

    private async Task<string> StartAsync(BanListSettings settings, TimeProvider? time = null)
    {
        // A port that the system has just given is free.
        using (var free = FakeServer.Listening(IPAddress.Loopback))
        {
            settings = settings with { Listen = (IPEndPoint)free.LocalEndPoint! };
        }

        _servers.Add(new BanListServer(settings, _bans, time ?? TimeProvider.System));
        _running.Add(await _servers[^1].StartAsync(Stop));
        return $"http://{settings.Listen}";
    }

    /// <summary>Connections that say half of something and wait.</summary>
    private sealed class Strangers : IDisposable
    {
        private readonly List<System.Net.Sockets.Socket> _sockets = [];

        public async Task<System.Net.Sockets.Socket> ConnectAsync(IPAddress from, int port, string half, CancellationToken stop)
        {
            var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
            _sockets.Add(socket);
            socket.Bind(new IPEndPoint(from, 0));
            try
            {
                await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), stop);
                await socket.SendAsync(System.Text.Encoding.ASCII.GetBytes(half), stop);
            }
            catch (System.Net.Sockets.SocketException)
            {
                // Ended already.
            }

            return socket;
        }

        public void Dispose() => _sockets.ForEach(static socket => socket.Dispose());
    }
}
