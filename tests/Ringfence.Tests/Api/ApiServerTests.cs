using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Api;
using Ringfence.Core.Events;
using Ringfence.Enforcement;
using Xunit;

namespace Ringfence.Tests.Api;

public sealed class ApiServerTests : IDisposable
{
    private static readonly Network Attacker = Network.Parse("203.0.113.5")!.Value;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rf-cli-");
    private readonly FakeDaemon _daemon = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string SocketPath => Path.Combine(_directory.FullName, "ringfence.sock");

    private string JournalPath => Path.Combine(_directory.FullName, "ringfence.db");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task What_the_client_asks_for_reaches_the_daemon_as_it_was_meant()
    {
        await using var api = await StartAsync();
        using var client = new DaemonClient(SocketPath);
        var network = Network.Parse("2001:db8::/32")!.Value;
        var ban = new BanRequest(Attacker, TimeSpan.FromHours(2), "nightly \"scans\"", Force: true, DryRun: false);
        var forEver = new BanRequest(network, null, "banned by hand", Force: false, DryRun: true);
        var trust = new TrustRequest(network, null, "office", DryRun: true);

        var banned = await client.BanAsync(ban, Stop);
        await client.BanAsync(forEver, Stop);
        await client.UnbanAsync(network, dryRun: true, Stop);
        await client.TrustAsync(trust, Stop);
        var untrusted = await client.UntrustAsync(network, dryRun: false, Stop);
        await client.WhyAsync(network, Stop);

        Assert.Equal([ban, forEver, ("unban", network), trust, ("untrust", network), network], _daemon.Asked);
        Assert.Equal(new ChangeReport(Attacker, "banned", FakeDaemon.Now.AddHours(2), false, "203.0.113.5 is banned."), banned);
        Assert.False(untrusted.DryRun);
    }

    [Fact]
    public async Task A_test_notice_is_asked_for_by_name_or_for_all_and_the_answers_come_back()
    {
        await using var api = await StartAsync();
        using var client = new DaemonClient(SocketPath);

        var all = await client.NotifyTestAsync(null, Stop);
        await client.NotifyTestAsync("boss", Stop);
        await client.NotifyTestAsync("a b?x=#", Stop);

        Assert.Equal([("notify test", (string?)null), ("notify test", "boss"), ("notify test", "a b?x=#")], _daemon.Asked);
        Assert.Equal(new NotifyTestResult("boss", "mail", true, "250 ok"), Assert.Single(all.Results));
    }

    [Fact]
    public async Task A_socket_that_somebody_removed_is_said_and_made_anew()
    {
        var serving = ApiServer.ServeAsync(_daemon, SocketPath, () => { }, NullLoggerFactory.Instance, Stop);
        while (!File.Exists(SocketPath))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Stop);
        }

        File.Delete(SocketPath);

        // What the supervisor starts again.
        var removed = await Assert.ThrowsAsync<ApiException>(() => serving);
        Assert.Equal($"{SocketPath}: somebody removed the socket; it is made anew", removed.Message);
        await using var again = await StartAsync();
        using var client = new DaemonClient(SocketPath);
        await client.StatusAsync(Stop);
    }

    [Fact]
    public async Task A_refusal_comes_back_in_the_daemons_words()
    {
        _daemon.Refuses = new RefusedException("203.0.113.5 is the PBX itself");
        await using var api = await StartAsync();
        using var client = new DaemonClient(SocketPath);

        var refused = await Assert.ThrowsAsync<RefusedException>(() => client.UnbanAsync(Attacker, dryRun: false, Stop).AsTask());

        Assert.Equal("203.0.113.5 is the PBX itself", refused.Message);
    }

    [Fact]
    public async Task A_firewall_that_fails_is_the_worlds_failure()
    {
        _daemon.Refuses = new FirewallException("nft: no permission");
        await using var api = await StartAsync();
        using var client = new DaemonClient(SocketPath);

        var failed = await Assert.ThrowsAsync<WorldFailedException>(() => client.UnbanAsync(Attacker, dryRun: false, Stop).AsTask());

        Assert.Equal("nft: no permission", failed.Message);
    }

    [Fact]
    public async Task A_disk_that_fails_is_the_worlds_failure()
    {
        _daemon.Refuses = new IOException("trust.json: no space left");
        await using var api = await StartAsync();
        using var client = new DaemonClient(SocketPath);

        var failed = await Assert.ThrowsAsync<WorldFailedException>(() => client.UntrustAsync(Attacker, dryRun: false, Stop).AsTask());

        Assert.Equal("trust.json: no space left", failed.Message);
    }

    [Fact]
    public async Task A_change_is_finished_although_its_client_went_away()
    {
        var slow = new TaskCompletionSource();
        _daemon.Slow = slow.Task;
        await using var api = await StartAsync();
        using var client = new DaemonClient(SocketPath);
        using var interrupted = new CancellationTokenSource();

        var ban = client.BanAsync(new BanRequest(Attacker, null, "by hand", Force: false, DryRun: false), interrupted.Token).AsTask();
        var trust = client.TrustAsync(new TrustRequest(Attacker, null, "by hand", DryRun: false), interrupted.Token).AsTask();
        var unban = client.UnbanAsync(Attacker, dryRun: false, interrupted.Token).AsTask();
        var untrust = client.UntrustAsync(Attacker, dryRun: false, interrupted.Token).AsTask();
        var why = client.WhyAsync(Attacker, interrupted.Token).AsTask();
        Assert.True(SpinWait.SpinUntil(() => _daemon.Asked.Count == 5, TimeSpan.FromSeconds(30)));
        await interrupted.CancelAsync();
        foreach (var asked in (Task[])[ban, trust, unban, untrust, why])
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        }

        // The question ends with its client, which says that the server has seen it go; the changes do not.
        Assert.False(await _daemon.Ends.Reader.ReadAsync(Stop));
        slow.SetResult();
        for (var change = 0; change < 4; change++)
        {
            Assert.True(await _daemon.Ends.Reader.ReadAsync(Stop), "a change was cut off");
        }
    }

    [Theory]
    [InlineData("""{"subject":"203.0.113.5/24","seconds":60}""", "subject: expected an address")]
    [InlineData("""{"seconds":60}""", "subject: expected an address")]
    [InlineData("""{"subject":"203.0.113.5"}""", "seconds (a whole number) or permanent")]
    [InlineData("""{"subject":"203.0.113.5","seconds":60,"permanent":true}""", "seconds (a whole number) or permanent")]
    [InlineData("""{"subject":"203.0.113.5","seconds":0}""", "duration is out of range")]
    [InlineData("""{"subject":"203.0.113.5","seconds":-9223372036854775808}""", "duration is out of range")]
    [InlineData("""{"subject":"203.0.113.5","seconds":9223372036854775807}""", "duration is out of range")]
    [InlineData("""{"subject":"0.0.0.0/0","seconds":60}""", "too wide")]
    [InlineData("""{"subject":"::/0","seconds":60}""", "too wide")]
    [InlineData("""{"subject":"203.0.113.5","seconds":60,"dryrun":true}""", "not the JSON that was expected")]
    [InlineData("""{"subject":"203.0.113.5","seconds":1.5}""", "not the JSON that was expected")]
    [InlineData("""{"subject":{}}""", "not the JSON that was expected")]
    [InlineData("null", "expected an object")]
    [InlineData("", "not the JSON that was expected")]
    [InlineData("{", "not the JSON that was expected")]
    public async Task A_bad_body_is_refused_with_what_was_expected(string body, string expected)
    {
        await using var api = await StartAsync();

        var (status, answer) = await PostAsync(Encoding.UTF8.GetBytes(body));

        Assert.Equal(400, status);
        Assert.Contains(expected, answer, StringComparison.Ordinal);
        Assert.Empty(_daemon.Asked);
    }

    [Fact]
    public async Task A_reason_of_more_than_200_characters_is_refused()
    {
        await using var api = await StartAsync();

        var (status, answer) = await PostAsync(Encoding.UTF8.GetBytes($$"""{"subject":"203.0.113.5","seconds":60,"reason":"{{new string('x', 201)}}"}"""));

        Assert.Equal(400, status);
        Assert.Contains("201 characters", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_of_more_than_16_kibibytes_is_not_read()
    {
        await using var api = await StartAsync();

        var (status, _) = await PostAsync(new byte[(16 * 1024) + 1]);

        Assert.Equal(413, status);
        Assert.Empty(_daemon.Asked);
    }

    [Fact]
    public async Task Random_bodies_are_answered_and_never_reach_the_daemon()
    {
        await using var api = await StartAsync();
        var random = new Random(20261120);
        var seed = """{"subject":"203.0.113.5","seconds":60,"permanent":false,"reason":"x","force":false,"dry_run":false"""u8.ToArray();
        for (var i = 0; i < 300; i++)
        {
            // The seed lacks its closing brace, so no change of bytes makes it whole.
            var body = seed.ToArray();
            for (var change = random.Next(5); change >= 0; change--)
            {
                body[random.Next(body.Length)] = (byte)random.Next(128, 256);
            }

            var (status, _) = await PostAsync(body);

            Assert.Equal(400, status);
        }

        Assert.Empty(_daemon.Asked);
    }

    [Theory]
    [InlineData("/v1/nothing", 404)]
    [InlineData("/", 404)]
    [InlineData("/v1/why/nobody", 400)]
    [InlineData("/v1/why/", 400)]
    [InlineData("/v1/why/203.0.113.0%2F24", 200)]
    [InlineData("/v1/why/203.0.113.0/24", 200)]
    [InlineData("/v1/why/2001:db8::1", 200)]
    [InlineData("/v1/why/203.0.113.5%00", 400)]
    public async Task A_path_is_answered_by_what_it_names(string path, int expected)
    {
        await using var api = await StartAsync();

        var (status, _) = await SendAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));

        Assert.Equal(expected, status);
    }

    [Fact]
    public async Task Only_the_owner_and_the_group_may_open_the_socket()
    {
        await using var api = await StartAsync();

        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite, File.GetUnixFileMode(SocketPath));
    }

    [Fact]
    public async Task A_second_daemon_is_refused_and_the_first_goes_on()
    {
        await using var api = await StartAsync();
        using var client = new DaemonClient(SocketPath);

        var refused = await Assert.ThrowsAsync<ApiException>(StartAsync);
        var status = await client.StatusAsync(Stop);

        Assert.Contains("another program answers", refused.Message, StringComparison.Ordinal);
        Assert.Equal("1.2.3", status.Version);
    }

    [Fact]
    public void A_machine_has_one_guard_at_a_time()
    {
        using (OneGuard.Take(SocketPath, JournalPath))
        {
            var refused = Assert.Throws<ApiException>(() => OneGuard.Take(SocketPath, JournalPath));
            Assert.Contains($"another ringfence guard runs (process {Environment.ProcessId}); stop it first: kill {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
        }

        using var next = OneGuard.Take(SocketPath, JournalPath);
    }

    [Fact]
    public void Another_socket_does_not_let_two_guards_share_a_journal()
    {
        using (OneGuard.Take(SocketPath, JournalPath))
        {
            var refused = Assert.Throws<ApiException>(() => OneGuard.Take(SocketPath + "2", JournalPath));
            Assert.Contains($"{JournalPath}.lock: another ringfence guard runs (process {Environment.ProcessId})", refused.Message, StringComparison.Ordinal);
            using var other = OneGuard.Take(SocketPath + "2", JournalPath + "2");
        }

        using var next = OneGuard.Take(SocketPath + "2", JournalPath);
    }

    [Fact]
    public void Where_the_journals_directory_takes_no_lock_the_guard_starts_all_the_same()
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "file"), "");
        Directory.CreateDirectory(JournalPath + ".lock");

        using var alone = OneGuard.Take(SocketPath, JournalPath);
        using var other = OneGuard.Take(SocketPath + "2", Path.Combine(_directory.FullName, "file", "ringfence.db"));
    }

    [Fact]
    public void A_lock_that_is_a_link_is_refused_and_what_it_leads_to_stays_as_it_is()
    {
        var precious = Path.Combine(_directory.FullName, "precious");
        File.WriteAllText(precious, "keep me");
        File.CreateSymbolicLink(SocketPath + ".lock", precious);
        File.CreateSymbolicLink(JournalPath + ".lock", precious);

        var refused = Assert.Throws<ApiException>(() => OneGuard.Take(SocketPath, JournalPath));
        using var other = OneGuard.Take(SocketPath + "2", JournalPath);

        Assert.Contains($"{SocketPath}.lock: it is no regular file", refused.Message, StringComparison.Ordinal);
        Assert.Equal("keep me", File.ReadAllText(precious));
    }

    [Fact]
    public async Task A_guard_that_lives_and_does_not_answer_is_not_said_to_be_none()
    {
        using var client = new DaemonClient(SocketPath);
        using (OneGuard.Take(SocketPath, JournalPath))
        {
            var silent = await Assert.ThrowsAsync<WorldFailedException>(() => client.StatusAsync(Stop).AsTask());
            Assert.Contains($"the daemon runs (process {Environment.ProcessId}) and does not answer on {SocketPath}", silent.Message, StringComparison.Ordinal);
        }

        await Assert.ThrowsAsync<NotRunningException>(() => client.StatusAsync(Stop).AsTask());
    }

    [Fact]
    public async Task Where_as_many_wait_as_may_the_client_says_so_and_not_that_no_guard_runs()
    {
        using var listening = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listening.Bind(new UnixDomainSocketEndPoint(SocketPath));
        listening.Listen(1);
        using var first = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var second = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await first.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), Stop);
        await second.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), Stop);
        using var client = new DaemonClient(SocketPath);

        var full = await Assert.ThrowsAsync<WorldFailedException>(() => client.StatusAsync(Stop).AsTask());

        Assert.Contains("too many connections wait there", full.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lock_that_cannot_be_made_is_not_called_another_guard()
    {
        Directory.CreateDirectory(SocketPath + ".lock");

        var refused = Assert.Throws<ApiException>(() => OneGuard.Take(SocketPath, JournalPath));

        Assert.DoesNotContain("another ringfence guard", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_open_requests_lock_nobody_out_and_end_by_themselves()
    {
        await using var api = await StartAsync();
        var open = new List<Socket>();
        for (var i = 0; i < 100; i++)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            open.Add(socket);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), Stop);
            if (i % 2 == 0)
            {
                await socket.SendAsync("GET /v1/status HT"u8.ToArray(), Stop);
            }
        }

        using var client = new DaemonClient(SocketPath);
        Assert.Equal("1.2.3", (await client.StatusAsync(Stop)).Version);
        foreach (var socket in open)
        {
            // The end of the stream, behind the 408 of those that had begun a request.
            Assert.True(socket.Poll(TimeSpan.FromSeconds(30), SelectMode.SelectRead), "still open after 30 s");
            socket.Dispose();
        }
    }

    [Fact]
    public async Task A_ban_without_a_reason_says_that_it_was_made_by_hand()
    {
        await using var api = await StartAsync();

        await PostAsync("""{"subject":"203.0.113.5","seconds":60,"reason":" "}"""u8.ToArray());

        Assert.Equal("banned by hand", Assert.IsType<BanRequest>(Assert.Single(_daemon.Asked)).Reason);
    }

    [Fact]
    public async Task A_stranger_who_answers_on_the_path_keeps_it()
    {
        using var stranger = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        stranger.Bind(new UnixDomainSocketEndPoint(SocketPath));
        stranger.Listen();

        var refused = await Assert.ThrowsAsync<ApiException>(StartAsync);

        Assert.Contains("another program answers", refused.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(SocketPath));
    }

    [Fact]
    public async Task What_a_dead_daemon_left_is_replaced()
    {
        LeaveStaleSocket();

        await using var api = await StartAsync();
        using var client = new DaemonClient(SocketPath);

        Assert.Equal("1.2.3", (await client.StatusAsync(Stop)).Version);
    }

    [Fact]
    public async Task A_file_that_is_no_socket_is_never_deleted()
    {
        await File.WriteAllBytesAsync(SocketPath, "precious"u8.ToArray(), Stop);

        await Assert.ThrowsAsync<ApiException>(StartAsync);

        Assert.Equal("precious", await File.ReadAllTextAsync(SocketPath, Stop));
    }

    [Fact]
    public async Task The_socket_is_gone_when_the_api_is_and_can_be_had_again()
    {
        await (await StartAsync()).DisposeAsync();
        Assert.False(File.Exists(SocketPath));

        await using var again = await StartAsync();
        Assert.True(File.Exists(SocketPath));
    }

    [Fact]
    public async Task A_path_that_no_unix_socket_can_have_is_refused_with_the_reason()
    {
        var path = Path.Combine(_directory.FullName, new string('x', 108));

        var refused = await Assert.ThrowsAsync<ApiException>(() => ApiServer.StartAsync(_daemon, path, NullLoggerFactory.Instance, Stop));

        Assert.Contains("107 bytes", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_answering_is_said_with_what_to_start()
    {
        using var client = new DaemonClient(SocketPath);

        var missing = await Assert.ThrowsAsync<NotRunningException>(() => client.StatusAsync(Stop).AsTask());
        LeaveStaleSocket();
        var stale = await Assert.ThrowsAsync<NotRunningException>(() => client.StatusAsync(Stop).AsTask());

        Assert.Contains("systemctl start ringfence", missing.Message, StringComparison.Ordinal);
        Assert.Contains(SocketPath, stale.Message, StringComparison.Ordinal);
    }

    private Task<ApiServer> StartAsync() => ApiServer.StartAsync(_daemon, SocketPath, NullLoggerFactory.Instance, Stop);

    // .NET removes a bound socket's file on Dispose, and a daemon that was killed does not: bound under one name and renamed, it stays.
    private void LeaveStaleSocket()
    {
        var other = SocketPath + ".before";
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(other));
            File.Move(other, SocketPath);
        }

        Assert.True(File.Exists(SocketPath));
    }

    private Task<(int Status, string Answer)> PostAsync(byte[] body) => SendAsync(
        [.. Encoding.ASCII.GetBytes($"POST /v1/bans HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {body.Length}\r\n\r\n"), .. body]);

    private async Task<(int Status, string Answer)> SendAsync(byte[] request)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), Stop);
        await socket.SendAsync(request, Stop);
        using var reader = new StreamReader(new NetworkStream(socket));
        var answer = await reader.ReadToEndAsync(Stop);
        return (int.Parse(answer.AsSpan("HTTP/1.1 ".Length, 3)), answer);
    }
}
