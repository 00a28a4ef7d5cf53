using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Outer;
using Ringfence.Outer;
using Xunit;

namespace Ringfence.Tests.Outer;

/// <summary>The sections of docs/outer.md as they stand there, against servers that behave as the makers' documentation says.</summary>
public sealed partial class RecipeTests : IAsyncDisposable
{
    private readonly DeviceServer _server = new(FakeServer.Listening(IPAddress.Loopback));
    private readonly ManualTime _time = new();
    private readonly CurrentBans _bans = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-recipes-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void Every_section_of_the_page_is_read_without_a_mistake()
    {
        var sections = Sections();

        Assert.Equal(["outer mikrotik", "list", "outer cisco", "outer cloudflare", "outer own"], sections.Select(section => section.Name));
        Assert.Empty(ConfigReader.Parse("ringfence.conf", string.Concat(sections.Select(section => section.Text))).Mistakes);
    }

    [Fact]
    public async Task MikroTik_holds_the_bans_with_their_ends_and_lets_go_whoever_is_unbanned()
    {
        var device = new RouterOs();
        _server.Answer = device.Answer;
        using var outer = New("outer mikrotik");
        Ban(("192.0.2.7", 1), ("198.51.100.0/24", 2), ("2001:db8::/64", 2));

        await outer.TurnAsync(Stop);

        Assert.Equal(["192.0.2.7 3600s RF2001", "198.51.100.0/24 7200s RF2001"], device.Entries.Values.Order());

        // Somebody else's entry for the same address stays, an answer is lost, a ban grows.
        device.Foreign.Add("192.0.2.7");
        device.LosesAnswers = 1;
        Ban(("192.0.2.9", 1), ("198.51.100.0/24", 5));
        await TurnsAsync(outer, 6);

        Assert.Equal(["192.0.2.9", "198.51.100.0/24"], device.Entries.Values.Select(entry => entry.Split(' ')[0]).Order());
        Assert.Contains(device.Entries.Values, entry => entry.StartsWith("198.51.100.0/24 17", StringComparison.Ordinal));
        Assert.Equal((2, 0, null), (outer.Status(_time.Now).Told, outer.Status(_time.Now).Waiting, outer.Status(_time.Now).Problem));
        Assert.All(_server.Asked, request => Assert.Equal("Basic dGVzdDp0ZXN0", request.Headers["Authorization"]));

        // It restarts, and has forgotten what had a timeout.
        device.Entries.Clear();
        _time.Advance(TimeSpan.FromMinutes(50));
        await TurnsAsync(outer, 2);
        _time.Advance(TimeSpan.FromMinutes(10));
        await TurnsAsync(outer, 2);
        Assert.Equal(["198.51.100.0/24"], device.Entries.Values.Select(entry => entry.Split(' ')[0]).Order());
    }

    [Fact]
    public async Task Cisco_routes_bans_to_nowhere_and_takes_the_routes_back()
    {
        // It is told of several at once.
        var turn = new Lock();
        var routes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        _server.Answer = request =>
        {
            lock (turn)
            {
                const string List = "/restconf/data/Cisco-IOS-XE-native:native/ip/route/ip-route-interface-forwarding-list=";
                Assert.StartsWith(List, request.Path, StringComparison.Ordinal);
                var key = request.Path[List.Length..];
                if (request.Method == "DELETE")
                {
                    return routes.Remove(key) ? ("204 No Content", "") : ("404 Not Found", """{"ietf-restconf:errors":{"error":[{"error-tag":"invalid-value"}]}}""");
                }

                Assert.Equal(("PUT", "application/yang-data+json"), (request.Method, request.Headers["Content-Type"]));
                using var json = JsonDocument.Parse(request.Body);
                var route = json.RootElement.GetProperty("Cisco-IOS-XE-native:ip-route-interface-forwarding-list");
                Assert.Equal(key, $"{route.GetProperty("prefix").GetString()},{route.GetProperty("mask").GetString()}");
                var isNew = routes.TryAdd(key, route.GetProperty("fwd-list")[0].GetProperty("fwd").GetString()!);
                return (isNew ? "201 Created" : "204 No Content", "");
            }
        };
        using var outer = New("outer cisco");
        Ban(("192.0.2.7", 1), ("198.51.100.0/24", 2), ("2001:db8::/64", 2));
        await TurnsAsync(outer, 2);
        Assert.Equal(["192.0.2.7,255.255.255.255", "198.51.100.0,255.255.255.0"], routes.Keys);

        Ban(("198.51.100.0/24", 2));
        await TurnsAsync(outer, 2);

        Assert.Equal(["198.51.100.0,255.255.255.0"], routes.Keys);
        Assert.Equal("Null0", routes.Values.Single());
    }

    [Fact]
    public async Task Cloudflare_has_the_whole_list_after_each_change_also_when_it_was_busy()
    {
        var held = "[]";
        var busy = 2;
        _server.Answer = request =>
        {
            Assert.Equal(("PUT", "/client/v4/accounts/ACCOUNT/rules/lists/LIST/items", "Bearer test-token"), (request.Method, request.Path, request.Headers["Authorization"]));
            if (busy-- > 0)
            {
                return ("400 Bad Request", """{"success":false,"errors":[{"code":10007,"message":"another operation is pending"}],"result":null}""");
            }

            held = request.Body;
            return ("200 OK", """{"success":true,"errors":[],"messages":[],"result":{"operation_id":"0123456789abcdef0123456789abcdef"}}""");
        };
        using var outer = New("outer cloudflare");
        Ban(("192.0.2.7", 1), ("2001:db8::/64", 2));
        await TurnsAsync(outer, 8);
        Assert.Equal("""[{"ip":"192.0.2.7","comment":"ringfence RF2001"},{"ip":"2001:db8::/64","comment":"ringfence RF2001"}]""", held);
        Assert.Equal(3, _server.Asked.Count);

        Ban(("192.0.2.7", 1));
        await TurnsAsync(outer, 12);
        Assert.Equal("""[{"ip":"192.0.2.7","comment":"ringfence RF2001"}]""", held);
        Assert.Equal(4, _server.Asked.Count);

        _time.Advance(TimeSpan.FromHours(2));
        Ban();
        await TurnsAsync(outer, 12);
        Assert.Equal("[]", held);
    }

    private static List<(string Name, string Text)> Sections() =>
        [.. Fence().Matches(File.ReadAllText(Path.Combine(Root(), "docs/outer.md"))).Select(match => (match.Groups["name"].Value, match.Groups["text"].Value))];

    private OuterFirewall New(string section)
    {
        // Another server and no TLS, which has tests of its own; all else is the page's.
        var text = Sections().Single(one => one.Name == section).Text;
        text = Server().Replace(text, $"http://{_server.Address}").Replace("ca = /etc/ringfence/router.pem\n", "", StringComparison.Ordinal);
        var settings = ConfigReader.Parse("ringfence.conf", text).Config!.Outer.Single();
        return new OuterFirewall(settings, _directory, _bans, _time, NullLogger.Instance);
    }

    private void Ban(params (string Subject, int Hours)[] bans) =>
        _bans.Bans = [.. bans.Select(ban => new OuterBan(Network.Parse(ban.Subject)!.Value, _time.Now + TimeSpan.FromHours(ban.Hours), "RF2001"))];

    private async Task TurnsAsync(OuterFirewall outer, int count)
    {
        for (var turn = 0; turn < count; turn++)
        {
            await outer.TurnAsync(Stop);
            _time.Advance(TimeSpan.FromSeconds(2));
            _bans.Bans = [.. _bans.Bans!.Where(ban => !(ban.Until <= _time.Now))];
        }
    }

    private static string Root([System.Runtime.CompilerServices.CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../.."));

    [GeneratedRegex(@"^```\n(?<text>\[(?<name>[^\]]+)\]\n.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Fence();

    [GeneratedRegex(@"https://(?:192\.0\.2\.1|api\.cloudflare\.com)", RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Server();

    /// <summary>/rest/ip/firewall/address-list of RouterOS 7: PUT adds and refuses what is there, GET filters by the query, DELETE wants an id.</summary>
    private sealed class RouterOs
    {
        private readonly Lock _lock = new();
        private int _next = 0x1a;

        public Dictionary<string, string> Entries { get; } = [];

        /// <summary>Entries of another list.</summary>
        public HashSet<string> Foreign { get; } = [];

        public int LosesAnswers { get; set; }

        public (string, string)? Answer(FakeRequest request)
        {
            const string List = "/rest/ip/firewall/address-list";
            lock (_lock)
            {
                var (status, body) = request.Method switch
                {
                    "PUT" when request.Path == List => Add(request.Body),
                    "GET" when request.Path.StartsWith($"{List}?", StringComparison.Ordinal) => ("200 OK", Find(request.Path[(List.Length + 1)..])),
                    "DELETE" when request.Path.StartsWith($"{List}/*", StringComparison.Ordinal) => Entries.Remove(request.Path[(List.Length + 1)..])
                        ? ("204 No Content", "") : ("404 Not Found", """{"error":404,"message":"Not Found"}"""),
                    _ => ("400 Bad Request", """{"error":400,"message":"Bad Request","detail":"no such command"}"""),
                };
                return LosesAnswers-- > 0 ? ("reset", "") : (status, body);
            }
        }

        private (string, string) Add(string body)
        {
            using var json = JsonDocument.Parse(body);
            string Text(string name) => json.RootElement.GetProperty(name).GetString()!;
            Assert.Equal("ringfence", Text("list"));
            if (Entries.Values.Any(entry => entry.Split(' ')[0] == Text("address")))
            {
                return ("400 Bad Request", """{"detail":"failure: already have such entry","error":400,"message":"Bad Request"}""");
            }

            var id = $"*{_next++:X}";
            Entries[id] = $"{Text("address")} {Text("timeout")} {Text("comment")}";
            return ("201 Created", $$"""{".id":"{{id}}","address":"{{Text("address")}}","dynamic":"true","list":"ringfence"}""");
        }

        private string Find(string query)
        {
            var wanted = query.Split('&').Select(part => part.Split('=')).ToDictionary(part => part[0], part => Uri.UnescapeDataString(part[1]));
            Assert.Equal("ringfence", wanted["list"]);
            return $"[{string.Join(',', Entries.Where(entry => entry.Value.Split(' ')[0] == wanted["address"]).Select(entry => $$"""{".id":"{{entry.Key}}","list":"ringfence"}"""))}]";
        }
    }
}
