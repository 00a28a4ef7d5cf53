using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Knock;
using Ringfence.Outer;
using Ringfence.Tests.Feeds;
using Xunit;

namespace Ringfence.Tests.Outer;

/// <summary>A real server on loopback, behind a proxy that the test plays, and a real client.</summary>
public sealed class DoorPageTests : IAsyncLifetime
{
    private const string Password = "test-test-test-test";

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
    private readonly List<(string User, string Address)> _opened = [];
    private readonly List<string> _refused = [];
    private readonly List<IAsyncDisposable> _running = [];
    private readonly string _directory = Directory.CreateTempSubdirectory("ringfence-page-").FullName;
    private DoorPage? _page;
    private bool _isStuck;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        foreach (var one in _running)
        {
            await one.DisposeAsync();
        }

        _page?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task The_right_password_opens_for_the_address_that_the_proxy_says_and_the_page_says_until_when()
    {
        var url = await StartAsync();

        var (status, page) = await PostAsync(url, "anna", Password, "198.51.100.7");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("For 198.51.100.7, until 2026-11-22 20:00 UTC", page, StringComparison.Ordinal);
        Assert.Equal([("anna", "198.51.100.7")], _opened);
        Assert.Equal(new PageCounts(1, 0, 0), _page!.Counts);
    }

    [Theory]
    [InlineData("anna", "test-test-test-tess")]
    [InlineData("nobody", Password)]
    [InlineData("ben", Password)]
    [InlineData("ANNA", Password)]
    [InlineData("<script>", "")]
    public async Task Whatever_is_wrong_the_answer_is_the_same_and_the_guard_is_told_of_the_address_alone(string user, string password)
    {
        var url = await StartAsync();

        var (status, page) = await PostAsync(url, user, password, "198.51.100.8");

        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Equal(WithoutToken(PageText.Form("", "Name or password is not right.")), WithoutToken(page));
        Assert.Empty(_opened);
        Assert.Equal(["198.51.100.8"], _refused);
    }

    [Fact]
    public async Task After_five_wrong_ones_the_right_one_has_to_wait_and_from_elsewhere_it_has_not()
    {
        var url = await StartAsync();
        for (var i = 0; i < PageGuesses.Free; i++)
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(url, "anna", $"guess{i}", "2001:db8::8")).Status);
        }

        // The same /64.
        var (status, page) = await PostAsync(url, "anna", Password, "2001:db8::9");
        Assert.Equal(HttpStatusCode.TooManyRequests, status);
        Assert.Contains("Wait 1 min", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(url, "anna", Password, "2001:db8:1::9")).Status);
        Assert.Equal(new PageCounts(1, PageGuesses.Free, 1), _page!.Counts);
        Assert.Equal(PageGuesses.Free + 1, _refused.Count);
    }

    [Fact]
    public async Task Strangers_from_many_networks_keep_nobody_out_and_who_waits_for_them_is_never_told_of()
    {
        var url = await StartAsync();
        for (var i = 0; i < PageGuesses.Burst / 2; i++)
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await PostAsync(url, "anna", "guess", $"2001:db8:1:{i}::1")).Status);
        }

        // What there is for networks that failed is gone: these stand in the line, behind everybody else, or are sent away from it.
        var behind = Enumerable.Range(100, 30).Select(i => PostAsync(url, "anna", "guess", $"2001:db8:1:{i}::1")).ToList();
        for (var i = 0; i < 8; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await PostAsync(url, "anna", Password, $"198.51.{i}.7")).Status);
        }

        var answers = (await Task.WhenAll(behind)).Select(static answer => answer.Status).ToList();
        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
        Assert.Equal((PageGuesses.Burst / 2) + answers.Count(static status => status is HttpStatusCode.Forbidden), _refused.Count);
    }

    [Fact]
    public async Task A_form_without_its_token_with_another_address_s_or_from_another_site_is_not_looked_at()
    {
        var url = await StartAsync();
        var token = await TokenAsync(url, "198.51.100.7");

        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(url, Form("anna", Password, "")));
        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(url, Form("anna", Password, token), from: "198.51.100.8"));
        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(url, Form("anna", Password, token), ("Sec-Fetch-Site", "cross-site")));
        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(url, new StringContent($"user=anna&password={Password}&token={token}")));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(url, Form("anna", Password, token), ("Sec-Fetch-Site", "same-origin")));
        Assert.Empty(_refused);
    }

    [Theory]
    [InlineData("GET", "/x")]
    [InlineData("POST", "/login")]
    [InlineData("GET", "/..%2f..%2fetc/passwd")]
    public async Task There_is_one_page_and_nothing_else(string method, string path)
    {
        var url = await StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), url + path);
        request.Headers.Add("X-Forwarded-For", "198.51.100.7");

        Assert.Equal(HttpStatusCode.NotFound, (await _client.SendAsync(request, Stop)).StatusCode);
    }

    [Fact]
    public async Task The_page_runs_nothing_loads_nothing_is_kept_nowhere_and_framed_by_nobody()
    {
        var url = await StartAsync();
        using var answer = await AskAsync(url, "198.51.100.7");
        var page = await answer.Content.ReadAsStringAsync(Stop);

        Assert.Equal("no-store", answer.Headers.GetValues("Cache-Control").Single());
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'; style-src 'sha256-", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        var style = page.Split("<style>")[1].Split("</style>")[0];
        Assert.Contains(Convert.ToBase64String(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(style))), policy, StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
        Assert.False(answer.Headers.Contains("Server"));
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("http://", page, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("unknown")]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("224.0.0.1")]
    public async Task For_whom_no_door_could_open_there_is_no_page(string? from)
    {
        var url = await StartAsync();

        using var answer = await AskAsync(url, from);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_body_that_is_longer_than_a_form_and_a_method_that_is_none_are_refused()
    {
        var url = await StartAsync();
        Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(url, Form("anna", new string('x', 5000), "y")));
        using var request = new HttpRequestMessage(HttpMethod.Delete, url + "/");
        request.Headers.Add("X-Forwarded-For", "198.51.100.7");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await _client.SendAsync(request, Stop)).StatusCode);
    }

    [Fact]
    public async Task Where_the_door_is_stuck_the_page_says_so()
    {
        _isStuck = true;
        var url = await StartAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await PostAsync(url, "anna", Password, "198.51.100.7")).Status);
    }

    [Fact]
    public async Task Nobody_but_the_proxy_is_heard()
    {
        var url = await StartAsync(new PageSettings { Proxy = Address.Parse("127.0.0.2") });

        // The connection is reset: .NET says so in one way or the other, by when it comes.
        Assert.True(await Record.ExceptionAsync(() => AskAsync(url, "198.51.100.7")) is HttpRequestException or System.Net.Sockets.SocketException);
        Assert.Equal(1, _page!.Bounds!.Refused);
    }

    [Fact]
    public async Task Over_TLS_it_is_1_2_or_later_and_a_certificate_that_is_replaced_is_shown_without_a_restart()
    {
        var time = new ManualTime(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));
        WriteCertificate("first");
        var url = await StartAsync(new PageSettings { Certificate = Path.Combine(_directory, "page.pem") }, time);

        Assert.Equal("CN=first", await ShownAsync(url, SslProtocols.Tls12 | SslProtocols.Tls13));
#pragma warning disable CA5397, SYSLIB0039 // What is to be refused has to be offered.
        await Assert.ThrowsAnyAsync<Exception>(() => ShownAsync(url, SslProtocols.Tls11));
#pragma warning restore CA5397, SYSLIB0039

        WriteCertificate("second");
        File.SetLastWriteTimeUtc(Path.Combine(_directory, "page.pem"), DateTime.UtcNow.AddMinutes(1));
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal("CN=second", await ShownAsync(url, SslProtocols.Tls13));

        await File.WriteAllTextAsync(Path.Combine(_directory, "page.pem"), "no certificate", Stop);
        File.SetLastWriteTimeUtc(Path.Combine(_directory, "page.pem"), DateTime.UtcNow.AddMinutes(2));
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal("CN=second", await ShownAsync(url, SslProtocols.Tls13));
    }

    [Fact]
    public void A_certificate_that_is_none_says_which_file_it_is()
    {
        var path = Path.Combine(_directory, "page.pem");
        File.WriteAllText(path, "no certificate");

        var problem = Assert.Throws<IOException>(() => new PageCertificate(new PageSettings { Certificate = path }, TimeProvider.System, NullLogger.Instance));

        Assert.Contains(path, problem.Message, StringComparison.Ordinal);
    }

    private static string WithoutToken(string page) => page.Split("name=\"token\"")[0];

    private static FormUrlEncodedContent Form(string user, string password, string token) =>
        new([KeyValuePair.Create("user", user), KeyValuePair.Create("password", password), KeyValuePair.Create("token", token)]);

    private async Task<string> ShownAsync(string url, SslProtocols protocols)
    {
        var place = new Uri(url);
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, place.Port, Stop);
        await using var tls = new SslStream(socket.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "pbx.example.com", EnabledSslProtocols = protocols, RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null && certificate.Subject == certificate.Issuer }, Stop);
        return tls.RemoteCertificate!.Subject;
    }

    private void WriteCertificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Path.Combine(_directory, "page.pem"), certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    private async Task<(HttpStatusCode Status, string Page)> PostAsync(string url, string user, string password, string from)
    {
        using var answer = await SendAnyAsync(url, Form(user, password, await TokenAsync(url, from)), from);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Stop));
    }

    private async Task<HttpStatusCode> SendAsync(string url, HttpContent form, (string Name, string Value) header = default, string from = "198.51.100.7")
    {
        using var answer = await SendAnyAsync(url, form, from, header);
        return answer.StatusCode;
    }

    private async Task<HttpResponseMessage> SendAnyAsync(string url, HttpContent form, string from, (string Name, string Value) header = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url + "/") { Content = form };
        request.Headers.Add("X-Forwarded-For", from);
        if (header.Name is { } name)
        {
            request.Headers.Add(name, header.Value);
        }

        return await _client.SendAsync(request, Stop);
    }

    private async Task<string> TokenAsync(string url, string from)
    {
        using var answer = await AskAsync(url, from);
        return (await answer.Content.ReadAsStringAsync(Stop)).Split("value=\"")[1].Split('"')[0];
    }

    private async Task<HttpResponseMessage> AskAsync(string url, string? from)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url + "/");
        if (from is not null)
        {
            request.Headers.Add("X-Forwarded-For", from);
        }

        return await _client.SendAsync(request, Stop);
    }

    private async Task<string> StartAsync(PageSettings? given = null, TimeProvider? time = null)
    {
        var settings = given ?? new PageSettings { Proxy = Address.Parse("127.0.0.1") };
        using (var free = ListServer.Listening(IPAddress.Loopback))
        {
            settings = settings with { Listen = (IPEndPoint)free.LocalEndPoint! };
        }

        KnockUser[] users =
        [
            new("anna", null, PagePassword.Of(Password, "test-salt-test-1"u8)),
            new("ben", new KnockKey("ben", new byte[KnockKey.SecretBytes])),
        ];
        _page = new DoorPage(
            settings,
            users,
            (user, address) =>
            {
                _opened.Add((user, address.ToString()));
                return Task.FromResult<DateTimeOffset?>(_isStuck ? null : new DateTimeOffset(2026, 11, 22, 20, 0, 0, TimeSpan.Zero));
            },
            address =>
            {
                _refused.Add(address.ToString());
                return ValueTask.CompletedTask;
            },
            time ?? TimeProvider.System,
            NullLogger.Instance);
        var certificate = settings.Certificate is null ? null : new PageCertificate(settings, time ?? TimeProvider.System, NullLogger.Instance);
        _running.Add(await _page.StartAsync(certificate, Stop));
        return $"http://{settings.Listen}";
    }
}
