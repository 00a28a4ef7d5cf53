using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
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
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(HttpMethod.Get, $"{others}/{Token}/bans.txt")).StatusCode);

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

    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, string url, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, url);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _client.SendAsync(request, Stop);
    }

    private async Task<string> StartAsync(BanListSettings settings)
    {
        // A port that the system has just given is free.
        using (var free = FakeServer.Listening(IPAddress.Loopback))
        {
            settings = settings with { Listen = (IPEndPoint)free.LocalEndPoint! };
        }

        _running.Add(await new BanListServer(settings, _bans, NullLoggerFactory.Instance).StartAsync(Stop));
        return $"http://{settings.Listen}";
    }
}
