using System.Net;
using System.Net.Sockets;
using Ringfence.SystemTests.Asterisk;
using Ringfence.SystemTests.Doors;
using Ringfence.SystemTests.Firewall;
using Xunit;

namespace Ringfence.SystemTests.Perimeter;

/// <summary>The whole of it: a policy that is applied, a guard that runs, and a phone outside that comes in by <c>ringfence knock</c>.</summary>
public sealed class RoamingGuardTests : IAsyncLifetime
{
    // The neighbour's first address is what its packets come from.
    private const string Phone = "198.51.100.7";
    private const string Stranger = "198.51.100.8";

    private Machine _machine = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _machine = new Machine("knock");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _machine?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task A_phone_outside_knocks_and_its_SIP_comes_through_the_policy_and_again_after_the_guard_was_killed_and_the_rules_flushed()
    {
        var made = await ToolRun.OfAsync([RingfenceProgram.Path, "knock", "--new", "anna"], TimeSpan.FromSeconds(20), Stop);
        var lines = made.Output.Split('\n');
        await File.WriteAllTextAsync(_machine.In("anna.knock"), lines.Single(static line => line.StartsWith("ringfence-knock", StringComparison.Ordinal)) + "\n", Stop);
        _machine.Configure(
            ["[general](+)", "canary = 0", "[zone phones]", "network = 192.0.2.0/24", .. lines.Where(static line => line.StartsWith("[knock", StringComparison.Ordinal) || line.StartsWith("secret", StringComparison.Ordinal))]);
        await SucceedsAsync("firewall", "apply", "--force");
        await SucceedsAsync("firewall", "confirm");
        await _machine.StartGuardAsync(Stop);
        Assert.False(Arrives(Phone));

        var knock = await _machine.AttackAsync([RingfenceProgram.Path, "knock", Machine.Own, "--key-file", _machine.In("anna.knock")], Stop);

        Assert.True(knock.ExitCode == 0, knock.Errors);
        await _machine.UntilAsync(() => Task.FromResult(Arrives(Phone)), Stop);
        Assert.False(Arrives(Stranger));

        // As after a reboot: the kernel knows nothing, the policy is loaded, the guard starts.
        await _machine.KillGuardAsync(Stop);
        _machine.Here.Execute("nft", "flush", "ruleset");
        await SucceedsAsync("firewall", "load");
        Assert.False(Arrives(Phone));
        await _machine.StartGuardAsync(Stop);
        await _machine.UntilAsync(() => Task.FromResult(Arrives(Phone)), Stop);
        Assert.False(Arrives(Stranger));
    }

    [Fact]
    public async Task A_database_that_is_replaced_is_followed_and_one_that_is_damaged_changes_nothing()
    {
        var path = _machine.In("country.csv");
        await File.WriteAllTextAsync(path, $"{Phone},{Phone},DE\n{Stranger},{Stranger},BR\n", Stop);
        _machine.Configure("[general](+)", "canary = 0", "[geo]", $"database = {path}", "[zone phones]", "country = DE");
        await SucceedsAsync("firewall", "apply", "--force");
        await SucceedsAsync("firewall", "confirm");
        Assert.Equal((true, false), (Arrives(Phone), Arrives(Stranger)));
        await _machine.StartGuardAsync(Stop);

        await File.WriteAllTextAsync(path, $"{Phone},{Phone},BR\n{Stranger},{Stranger},DE\n", Stop);
        await _machine.UntilAsync(() => Task.FromResult((Arrives(Phone), Arrives(Stranger)) == (false, true)), Stop);

        await File.WriteAllTextAsync(path, "<html>sign in</html>", Stop);
        await _machine.UntilAsync(() => Task.FromResult(_machine.Said.Contains("is a web page", StringComparison.Ordinal)), Stop);
        Assert.Equal((false, true), (Arrives(Phone), Arrives(Stranger)));
    }

    private async Task SucceedsAsync(params string[] arguments)
    {
        var run = await _machine.AskAsync(Stop, arguments);
        Assert.True(run.ExitCode == 0, $"{string.Join(' ', arguments)}: {run.Output}{run.Errors}");
    }

    /// <summary>Whether a request to the SIP port from there reaches whoever listens.</summary>
    private bool Arrives(string from)
    {
        using var listening = Wall.Udp(_machine.Here, Machine.Own, 5060);
        using var sending = Netns.RunIn(_machine.WorldName, () =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
            return socket;
        });
        sending.SendTo("OPTIONS sip:pbx SIP/2.0\r\n"u8, listening.LocalEndPoint!);
        return listening.Poll(TimeSpan.FromMilliseconds(400), SelectMode.SelectRead);
    }
}
