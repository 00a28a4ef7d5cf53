using System.Net;
using System.Net.Sockets;
using Ringfence.SystemTests.Asterisk;
using Ringfence.SystemTests.Doors;
using Ringfence.SystemTests.Firewall;
using Xunit;

namespace Ringfence.SystemTests.Perimeter;

/// <summary>The whole of it: a policy that is applied, a guard that serves the page over TLS, and a browser's part played by curl.</summary>
public sealed class DoorPageGuardTests : IAsyncLifetime
{
    private const string Phone = "198.51.100.7";
    private const string Guesser = "198.51.100.9";

    private Machine _machine = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        Requires.Tool("curl");
        Requires.Tool("openssl");
        _machine = new Machine("page");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _machine?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Who_logs_in_over_TLS_comes_in_is_in_status_can_be_shut_out_and_who_guesses_is_banned()
    {
        var password = await StartAsync();
        Assert.False(Arrives(Phone));

        Assert.Contains("The door is open", await LogInAsync("anna", password, Phone), StringComparison.Ordinal);
        Assert.True(Arrives(Phone));
        Assert.False(Arrives("198.51.100.8"));
        var roaming = (await _machine.JsonAsync(Stop, "status")).GetProperty("roaming");
        var user = Assert.Single(roaming.GetProperty("users").EnumerateArray());
        Assert.Equal(("anna", Phone), (user.GetProperty("user").GetString(), user.GetProperty("address").GetString()));
        Assert.Equal(1, roaming.GetProperty("page").GetProperty("opened").GetInt32());
        Assert.Contains($"anna at {Phone} for ", (await _machine.AskAsync(Stop, "status")).Output, StringComparison.Ordinal);

        var shut = await _machine.AskAsync(Stop, "knock", "--close", "anna");
        Assert.Equal((0, true), (shut.ExitCode, shut.Output.StartsWith($"Shut for {Phone} (anna).", StringComparison.Ordinal)));
        Assert.False(Arrives(Phone));
        Assert.Equal(1, (await _machine.AskAsync(Stop, "knock", "--close", "anna")).ExitCode);

        for (var guess = 0; guess < 19; guess++)
        {
            Assert.Contains(guess < 5 ? "is not right" : "Too many tries", await LogInAsync("anna", $"guess-{guess}", Guesser), StringComparison.Ordinal);
        }

        Assert.False(await _machine.IsBannedAsync(Guesser));
        await LogInAsync("anna", "guess-20", Guesser);

        await _machine.BannedAsync(Guesser, Stop);
        await _machine.WhyHasAsync(Guesser, "RF2030", Stop);
        Assert.False(await _machine.IsBannedAsync(Phone));
    }

    [Fact]
    public async Task What_speaks_no_TLS_is_not_answered_and_the_password_of_a_zone_opens_what_that_zone_may()
    {
        var password = await StartAsync("[roaming]", "zone = admin");
        var clear = await _machine.AttackAsync(["curl", "-s", "--max-time", "8", $"http://{Machine.Own}:8443/"], Stop);
        Assert.NotEqual(0, clear.ExitCode);

        Assert.Contains("The door is open", await LogInAsync("anna", password, Phone), StringComparison.Ordinal);

        Assert.False(Arrives(Phone));
        Assert.True(Reaches(Phone, 443));
        Assert.False(Reaches("198.51.100.8", 443));
    }

    [Fact]
    public async Task Who_knocks_with_his_key_comes_in_although_a_blocklist_has_his_address_and_who_knows_the_ports_does_not()
    {
        await File.WriteAllTextAsync(_machine.In("blocked.txt"), "198.51.100.7\n198.51.100.8\n198.51.100.9\n", Stop);
        var password = await StartAsync("[roaming]", "sequence = 7000/tcp, 9000/udp, 8000/tcp", "[feed mine]", $"file = {_machine.In("blocked.txt")}", "[knock ben]", "secret = dGVzdC1zZWNyZXQtdGVzdC1zZWNyZXQtdGVzdC0wMDE");
        await _machine.UntilAsync(async () => (await _machine.JsonAsync(Stop, "status")).GetProperty("lists").GetProperty("elements").GetInt64() > 0, Stop);

        // A list keeps him from the page, and not from a knock, which is read before.
        await File.WriteAllTextAsync(_machine.In("ben.knock"), "ringfence-knock 1 ben dGVzdC1zZWNyZXQtdGVzdC1zZWNyZXQtdGVzdC0wMDE\n", Stop);
        await _machine.AttackAsync([RingfenceProgram.Path, "knock", Machine.Own, "--key-file", _machine.In("ben.knock"), "--address", Phone], Stop);

        await _machine.UntilAsync(() => Task.FromResult(Arrives(Phone)), Stop);
        Knock("198.51.100.8", ("tcp", 7000), ("udp", 9000), ("tcp", 8000));
        Assert.False(Arrives("198.51.100.8"));
        Assert.NotEqual(0, (await _machine.AttackAsync([.. Curl(Guesser)], Stop)).ExitCode);
        Assert.Contains("The door is open", await LogInAsync("anna", password, "198.51.100.12"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ports_in_order_open_by_the_policy_also_after_another_apply_and_check_follows_them()
    {
        await StartAsync("[roaming]", "sequence = 7000/tcp, 9000/udp, 8000/tcp", "sequence_open = 10m");
        Knock(Phone, ("tcp", 7000), ("udp", 5060), ("udp", 9000), ("tcp", 7000), ("tcp", 8000));
        Assert.False(Arrives(Phone));

        Knock(Phone, ("tcp", 7000), ("udp", 5060), ("udp", 9000), ("tcp", 8000));

        Assert.True(Arrives(Phone));
        Assert.False(Arrives("198.51.100.8"));
        Assert.Contains($"by ports at {Phone} for ", (await _machine.AskAsync(Stop, "status")).Output, StringComparison.Ordinal);
        await SucceedsAsync("firewall", "apply", "--force");
        Assert.True(Arrives(Phone));
        await SucceedsAsync("firewall", "confirm");
        Assert.True(Arrives(Phone));
        Knock("198.51.100.8", ("tcp", 7000), ("udp", 9000), ("tcp", 8000));
        Assert.True(Arrives("198.51.100.8"));
        Assert.Equal(2, (await _machine.JsonAsync(Stop, "status")).GetProperty("roaming").GetProperty("users").GetArrayLength());
        await SucceedsAsync("firewall", "rollback");
        await _machine.UntilAsync(() => Task.FromResult(Arrives("198.51.100.8")), Stop);
        Knock("198.51.100.10", ("tcp", 7000), ("udp", 9000), ("tcp", 8000));
        Assert.True(Arrives("198.51.100.10"));

        // The guard knows of them (by now, for status asked), and brings them back with the policy.
        Assert.Equal(3, (await _machine.JsonAsync(Stop, "status")).GetProperty("roaming").GetProperty("users").GetArrayLength());
        _machine.Here.Execute("nft", "flush", "ruleset");
        await _machine.UntilAsync(() => Task.FromResult(_machine.Here.Execute("nft", "list", "tables").Contains("ringfence_policy", StringComparison.Ordinal)), Stop);
        await _machine.UntilAsync(() => Task.FromResult(Arrives(Phone)), Stop);
        Knock("198.51.100.11", ("tcp", 7000), ("udp", 9000), ("tcp", 8000));
        Assert.True(Arrives("198.51.100.11"));
        Assert.False(Arrives("198.51.100.12"));
        var check = await _machine.AskAsync(Stop, "firewall", "check");
        Assert.All(check.Output.Split('\n').Where(static line => line.Contains("followed", StringComparison.Ordinal)), static line => Assert.StartsWith("5060/udp", line, StringComparison.Ordinal));
        Assert.DoesNotContain("policy does not", check.Output, StringComparison.Ordinal);
    }

    private async Task<string> StartAsync(params string[] more)
    {
        var made = await ToolRun.OfAsync([RingfenceProgram.Path, "knock", "--password", "anna"], TimeSpan.FromSeconds(20), Stop);
        var lines = made.Output.Split('\n');
        _machine.Here.Execute(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=pbx.example.com", "-addext", $"subjectAltName=IP:{Machine.Own}",
            "-keyout", _machine.In("key.pem"), "-out", _machine.In("page.pem"));
        _machine.Configure(
        [
            "[general](+)", "canary = 0", "[zone phones]", "network = 192.0.2.0/24", "[page]", "listen = 0.0.0.0:8443", $"certificate = {_machine.In("page.pem")}", $"certificate_key = {_machine.In("key.pem")}",
            "[service page]", "ports = 8443/tcp", "open = world", .. lines.Where(static line => line.StartsWith("[knock", StringComparison.Ordinal) || line.StartsWith("password = ", StringComparison.Ordinal)), .. more,
        ]);
        await SucceedsAsync("firewall", "apply", "--force");
        await SucceedsAsync("firewall", "confirm");
        await _machine.StartGuardAsync(Stop);
        await _machine.UntilAsync(async () => (await _machine.AttackAsync([.. Curl(Machine.Attacker(20))], Stop)).ExitCode == 0, Stop);
        return lines.Single(static line => line.StartsWith("; ", StringComparison.Ordinal) && line.Count(static c => c == '-') == 3 && line.Length == 21)[2..];
    }

    private IEnumerable<string> Curl(string from) => ["curl", "-s", "--max-time", "20", "--cacert", _machine.In("page.pem"), "--tlsv1.2", "--interface", from, $"https://{Machine.Own}:8443/"];

    private async Task<string> LogInAsync(string user, string password, string from)
    {
        var form = (await _machine.AttackAsync([.. Curl(from)], Stop)).Output;
        var token = form.Split("value=\"")[1].Split('"')[0];
        return (await _machine.AttackAsync([.. Curl(from), "--data-urlencode", $"user={user}", "--data-urlencode", $"password={password}", "--data-urlencode", $"token={token}"], Stop)).Output;
    }

    private async Task SucceedsAsync(params string[] arguments)
    {
        var run = await _machine.AskAsync(Stop, arguments);
        Assert.True(run.ExitCode == 0, $"{string.Join(' ', arguments)}: {run.Output}{run.Errors}");
    }

    private Socket Outside(string from, SocketType type) => Netns.RunIn(_machine.WorldName, () =>
    {
        var socket = new Socket(AddressFamily.InterNetwork, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        return socket;
    });

    /// <summary>Whether a request to the SIP port from there reaches whoever listens.</summary>
    private bool Arrives(string from)
    {
        using var listening = Wall.Udp(_machine.Here, Machine.Own, 5060);
        using var sending = Outside(from, SocketType.Dgram);
        sending.SendTo("OPTIONS sip:pbx SIP/2.0\r\n"u8, listening.LocalEndPoint!);
        return listening.Poll(TimeSpan.FromMilliseconds(400), SelectMode.SelectRead);
    }

    /// <summary>Whether a TCP port is answered, if only by a reset.</summary>
    private bool Reaches(string from, int port)
    {
        using var socket = Outside(from, SocketType.Stream);
        try
        {
            return socket.ConnectAsync(IPAddress.Parse(Machine.Own), port).Wait(TimeSpan.FromSeconds(1));
        }
        catch (AggregateException)
        {
            return true;
        }
    }

    private void Knock(string from, params (string Protocol, int Port)[] ports)
    {
        foreach (var (protocol, port) in ports)
        {
            var place = new IPEndPoint(IPAddress.Parse(Machine.Own), port);
            using var socket = Outside(from, protocol == "tcp" ? SocketType.Stream : SocketType.Dgram);
            if (protocol == "udp")
            {
                socket.SendTo("x"u8, place);
                continue;
            }

            // One SYN; whoever waits for an answer would send it again.
            socket.Blocking = false;
            try
            {
                socket.Connect(place);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
                // Nobody answers.
            }
        }
    }
}
