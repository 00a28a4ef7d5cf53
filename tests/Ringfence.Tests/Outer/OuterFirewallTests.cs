using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Outer;
using Ringfence.Outer;
using Xunit;

namespace Ringfence.Tests.Outer;

/// <summary>Real servers and real programs with real faults.</summary>
public sealed class OuterFirewallTests : IAsyncDisposable
{
    private readonly DeviceServer _server = new(FakeServer.Listening(IPAddress.Loopback));
    private readonly ManualTime _time = new();
    private readonly CurrentBans _bans = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-outer-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("500 Internal Server Error", "out of memory", ": 500 out of memory")]
    [InlineData("401 Unauthorized", "", ": 401; check header")]
    [InlineData("302 Found", "", ": 302; redirections are not followed: give the URL that it points to")]
    [InlineData("404 Not Found", "", ": 404")]
    [InlineData("reset", "", "")]
    public async Task A_fault_is_a_problem_in_status_and_over_when_the_device_does_what_it_is_told(string status, string body, string said)
    {
        _server.Answer = _ => (status, body);
        using var outer = New(Http());
        Ban("192.0.2.7");
        await outer.TurnAsync(Stop);

        var failing = outer.Status(_time.Now);
        Assert.StartsWith($"{_server.Address}", failing.Problem, StringComparison.Ordinal);
        Assert.EndsWith(said, failing.Problem, StringComparison.Ordinal);
        Assert.Equal((0, 1, _time.Now + TimeSpan.FromSeconds(1)), (failing.Told, failing.Waiting, failing.Next!.Value));

        _server.Answer = static _ => ("200 OK", "");
        _time.Advance(TimeSpan.FromSeconds(1));
        await outer.TurnAsync(Stop);
        Assert.Equal((1, 0, null, _time.Now), (outer.Status(_time.Now).Told, outer.Status(_time.Now).Waiting, outer.Status(_time.Now).Problem, outer.Status(_time.Now).LastSuccess!.Value));
        Assert.Equal(["/ban/192.0.2.7", "/ban/192.0.2.7"], _server.Asked.Select(request => request.Path));
    }

    [Fact]
    public async Task A_device_that_never_answers_is_waited_for_20_seconds()
    {
        _server.Answer = static _ => null;
        using var outer = New(Http());
        Ban("192.0.2.7");
        var turn = outer.TurnAsync(Stop);
        while (await _time.NextTimerAsync() != TimeSpan.FromSeconds(20))
        {
        }

        _time.Advance(TimeSpan.FromSeconds(20));
        await turn.EndAsync();

        Assert.Contains("no answer within 20 s", outer.Status(_time.Now).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dead_device_is_called_ever_more_rarely_however_many_bans_wait()
    {
        _server.Answer = static _ => ("503 Service Unavailable", "");
        using var outer = New(Http());
        Ban([.. Enumerable.Range(1, 200).Select(n => $"192.0.2.{n}")]);
        _bans.Bans = [.. _bans.Bans!.Select(ban => ban with { Until = null })];

        for (var second = 0; second < 3600; second++)
        {
            await outer.TurnAsync(Stop);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        // 1, 2, 4 ... 512 s, then each 600 s: some 14 times, and at most four at once.
        Assert.InRange(_server.Asked.Count, 4, 60);
        Assert.Equal(200, outer.Status(_time.Now).Waiting);
    }

    [Fact]
    public async Task Whoever_is_unbanned_while_others_are_told_is_not_banned_late_nor_unbanned_where_he_never_was_banned()
    {
        using var outer = New(Http("rate = 100"));
        Ban([.. Enumerable.Range(1, 50).Select(n => $"192.0.2.{n}")]);
        _server.Answer = _ =>
        {
            Ban("192.0.2.1");
            return ("200 OK", "");
        };

        await outer.TurnAsync(Stop);
        await outer.TurnAsync(Stop);
        await outer.TurnAsync(Stop);

        var banned = _server.Asked.Where(request => request.Path.StartsWith("/ban/", StringComparison.Ordinal)).Select(request => request.Path[5..]).ToList();
        Assert.InRange(banned.Count, 1, 8);
        Assert.Equal(banned.Where(address => address != "192.0.2.1").Order(), _server.Asked.Where(request => request.Path.StartsWith("/unban/", StringComparison.Ordinal)).Select(request => request.Path[7..]).Order());
    }

    [Fact]
    public async Task Before_anybody_has_looked_at_the_bans_nobody_is_let_go()
    {
        using (var before = New(Http()))
        {
            Ban("192.0.2.7");
            await before.TurnAsync(Stop);
        }

        _bans.Bans = null;
        using var outer = New(Http());
        await outer.TurnAsync(Stop);

        Assert.Single(_server.Asked);
    }

    [Fact]
    public async Task A_damaged_file_is_kept_aside_told_of_and_what_is_banned_is_told_again()
    {
        File.WriteAllText(Path.Combine(_directory, "outer-router"), "nonsense\n");
        using var outer = New(Http());
        Ban("192.0.2.7");

        await outer.TurnAsync(Stop);

        Assert.Equal(1, outer.Status(_time.Now).Told);
        Assert.Contains("outer-router.damaged-", outer.Status(_time.Now).Note, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_directory, "outer-router.damaged-*"));
    }

    [Fact]
    public async Task Bans_beyond_what_a_device_may_have_are_counted_in_status()
    {
        using var outer = New(Http("most = 2"));
        Ban("192.0.2.1", "192.0.2.2", "192.0.2.3");

        await outer.TurnAsync(Stop);

        Assert.Equal((2, 1, "1 bans are not told: it may have 2 (most)"), (outer.Status(_time.Now).Told, outer.Status(_time.Now).LeftOut, outer.Status(_time.Now).Note));
    }

    [Fact]
    public async Task A_certificate_is_believed_that_the_operator_named_and_no_other()
    {
        using var right = Certificate("localhost");
        using var other = Certificate("localhost");
        await using var server = new DeviceServer(FakeServer.Listening(IPAddress.Loopback))
        {
            Wrap = async stream =>
            {
                var tls = new SslStream(stream);
                await tls.AuthenticateAsServerAsync(right);
                return tls;
            },
        };
        var url = $"https://localhost:{server.Address.Port}";
        Ban("192.0.2.7");

        using var unnamed = New($"[outer unnamed]\nban = POST {url}/<network>\nunban = DELETE {url}/<network>\n");
        await unnamed.TurnAsync(Stop);
        Assert.Contains("certificate is not believed", unnamed.Status(_time.Now).Problem, StringComparison.Ordinal);
        using var wrong = New($"[outer wrong]\nban = POST {url}/<network>\nunban = DELETE {url}/<network>\nca = {Pem("wrong.pem", other)}\n");
        await wrong.TurnAsync(Stop);
        Assert.Contains("certificate is not believed", wrong.Status(_time.Now).Problem, StringComparison.Ordinal);
        Assert.Empty(server.Asked);

        using var named = New($"[outer named]\nban = POST {url}/<network>\nunban = DELETE {url}/<network>\nca = {Pem("right.pem", right)}\n");
        await named.TurnAsync(Stop);
        Assert.Null(named.Status(_time.Now).Problem);
        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task A_program_gets_addresses_and_numbers_as_arguments_and_the_whole_list_on_its_input()
    {
        var log = Path.Combine(_directory, "log");
        var script = Script($"printf '%s|' \"$@\" >> {log}; echo >> {log}; cat >> {log}");
        using var outer = New($"[outer own]\nban = {script} ban <network> <seconds> <rule>\nunban = {script} unban <network>\nall = {script} all\n");
        Ban("192.0.2.7", "198.51.100.0/24");
        await outer.TurnAsync(Stop);
        Ban("198.51.100.0/24");
        await outer.TurnAsync(Stop);
        outer.Sync();
        await outer.TurnAsync(Stop);

        var lines = File.ReadAllLines(log);
        Assert.Equal(["ban|192.0.2.7|3600|RF2001|", "ban|198.51.100.0/24|3600|RF2001|"], lines[..2].Order());
        Assert.Equal(["unban|192.0.2.7|", "all|", "198.51.100.0/24"], lines[2..]);
    }

    [Fact]
    public async Task A_program_that_fails_is_a_problem_in_status_and_is_tried_again()
    {
        var script = Script("echo no route to the router >&2; exit 3");
        using var failing = New($"[outer failing]\nban = {script} <network>\nunban = {script} <network>\n");
        Ban("192.0.2.7");
        await failing.TurnAsync(Stop);
        Assert.Equal($"{script} ended with code 3: no route to the router", failing.Status(_time.Now).Problem);
        Assert.Equal(1, failing.Status(_time.Now).Waiting);
    }

    [Fact]
    public async Task A_program_that_hangs_is_ended_after_30_seconds_and_tried_again()
    {
        Ban("192.0.2.7");
        var sleeping = Script("exec sleep 1000");
        using var hanging = New($"[outer hanging]\nban = {sleeping} <network>\nunban = {sleeping} <network>\n");
        var turn = hanging.TurnAsync(Stop);
        while (await _time.NextTimerAsync() != TimeSpan.FromSeconds(30))
        {
        }

        _time.Advance(TimeSpan.FromSeconds(30));
        await turn.EndAsync();
        Assert.Equal($"{sleeping}: no answer within 30 s", hanging.Status(_time.Now).Problem);
        Assert.Equal(1, hanging.Status(_time.Now).Waiting);
    }

    private string Http(string more = "") => $"[outer router]\nban = POST http://{_server.Address}/ban/<network>\nunban = POST http://{_server.Address}/unban/<network>\n{more}\n";

    private OuterFirewall New(string text) => new(ConfigReader.Parse("ringfence.conf", text).Config!.Outer.Single(), _directory, _bans, _time, NullLogger.Instance);

    private void Ban(params string[] subjects) =>
        _bans.Bans = [.. subjects.Select(subject => new OuterBan(Network.Parse(subject)!.Value, _time.Now + TimeSpan.FromHours(1), "RF2001"))];

    private string Script(string lines)
    {
        var path = Path.Combine(_directory, $"script-{Directory.GetFiles(_directory, "script-*").Length}");
        File.WriteAllText(path, $"#!/bin/sh\n{lines}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        return path;
    }

    private string Pem(string name, X509Certificate2 certificate)
    {
        var path = Path.Combine(_directory, name);
        File.WriteAllText(path, certificate.ExportCertificatePem());
        return path;
    }

    private static X509Certificate2 Certificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
