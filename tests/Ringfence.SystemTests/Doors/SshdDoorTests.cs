using Ringfence.SystemTests.Asterisk;
using Xunit;

namespace Ringfence.SystemTests.Doors;

/// <summary>A real sshd, a real ssh client, a real rsyslog between sshd and the guard.</summary>
public sealed class SshdDoorTests : IAsyncLifetime
{
    private Machine _machine = null!;
    private RealSshd _sshd = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _machine = new Machine("sshd");
        _sshd = await RealSshd.StartAsync(_machine, Stop);
        _machine.Configure("[door sshd]", "kind = sshd", $"log = {_sshd.Log}");
        await _machine.StartGuardAsync(Stop);
    }

    public async ValueTask DisposeAsync()
    {
        if (_machine is not null)
        {
            await _machine.DisposeAsync();
        }
    }

    [Fact]
    public async Task Wrong_passwords_are_banned_and_why_shows_them_and_the_right_one_in_between_clears()
    {
        var guesser = Machine.Attacker(7);
        var careless = Machine.Attacker(8);
        Assert.False(await _sshd.LogInAsync(careless, RealSshd.User, "wrong", Stop, times: 3));
        Assert.False(await _sshd.LogInAsync(careless, RealSshd.User, "wrong", Stop));
        Assert.True(await _sshd.LogInAsync(careless, RealSshd.User, RealSshd.Password, Stop));
        Assert.False(await _sshd.LogInAsync(careless, RealSshd.User, "wrong", Stop, times: 3));
        Assert.False(await _sshd.LogInAsync(careless, RealSshd.User, "wrong", Stop));

        Assert.False(await _sshd.LogInAsync(guesser, RealSshd.User, "wrong", Stop, times: 3));
        Assert.False(await _sshd.LogInAsync(guesser, RealSshd.User, "wrong", Stop, times: 3));

        await _machine.BannedAsync(guesser, Stop);
        Assert.Single(_machine.Banned());
        Assert.False(await _sshd.LogInAsync(guesser, RealSshd.User, RealSshd.Password, Stop, isBanned: true));
        var decision = Assert.Single((await _machine.JsonAsync(Stop, "why", guesser)).GetProperty("decisions").EnumerateArray());
        Assert.Equal("RF2001", decision.GetProperty("rule").GetString());
        Assert.All(decision.GetProperty("evidence").EnumerateArray(), piece => Assert.Equal(("proven", "password_refused", _sshd.Log), (
            piece.GetProperty("proof").GetString(), piece.GetProperty("event").GetString(), piece.GetProperty("log").GetString())));
    }

    [Fact]
    public async Task Whatever_a_user_name_says_only_the_sender_is_banned()
    {
        var victim = Machine.Attacker(9);
        var sender = Machine.Attacker(10);
        string[] names =
        [
            $"x from {victim} port 22 ssh2", $"root from {victim} port 22 ssh2\nFailed password for root from {victim} port 22 ssh2",
            $"invalid user x {victim} port 22 [preauth]", $"\u001b[2J from {victim}", $"x from {victim} port 22",
        ];
        foreach (var name in names)
        {
            Assert.False(await _sshd.LogInAsync(sender, name, "wrong", Stop, times: 3));
        }

        await _machine.BannedAsync(sender, Stop);
        Assert.Single(_machine.Banned());
        Assert.Empty((await _machine.JsonAsync(Stop, "why", victim)).GetProperty("decisions").EnumerateArray());
        Assert.DoesNotContain("\u001b", (await _machine.AskAsync(Stop, "why", sender)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_administrator_who_is_logged_in_is_spared()
    {
        var home = Machine.Attacker(11);

        // What systemd-logind writes when a session begins.
        await File.WriteAllTextAsync(Path.Combine(_machine.In("sessions"), "1"), $"UID=0\nUSER={RealSshd.User}\nSTATE=active\nREMOTE=1\nSERVICE=sshd\nREMOTE_HOST={home}\n", Stop);
        var session = _sshd.LogInAsync(home, RealSshd.User, RealSshd.Password, Stop, command: "sleep 25");
        await _machine.UntilAsync(async () => (await _machine.AskAsync(Stop, "trust", "--json")).Output.Contains(home, StringComparison.Ordinal), Stop);

        Assert.False(await _sshd.LogInAsync(home, "root", "wrong", Stop, times: 3));
        Assert.False(await _sshd.LogInAsync(home, "root", "wrong", Stop, times: 3));

        await _machine.WhyHasAsync(home, "\"spare\"", Stop);
        Assert.Empty(_machine.Banned());
        Assert.True(await session);
    }

    [Fact]
    public async Task A_guard_that_is_killed_goes_on_where_it_was()
    {
        var guesser = Machine.Attacker(12);
        Assert.False(await _sshd.LogInAsync(guesser, RealSshd.User, "wrong", Stop, times: 3));
        await _machine.ReadAsync(Stop);
        await _machine.KillGuardAsync(Stop);
        Assert.False(await _sshd.LogInAsync(guesser, RealSshd.User, "wrong", Stop));
        Assert.Empty(_machine.Banned());

        await _machine.StartGuardAsync(Stop);
        await _machine.ReadAsync(Stop);
        Assert.Empty(_machine.Banned());
        Assert.False(await _sshd.LogInAsync(guesser, RealSshd.User, "wrong", Stop));

        await _machine.BannedAsync(guesser, Stop);
    }

    [Fact]
    public async Task Init_finds_the_door_and_says_whom_its_log_would_have_banned()
    {
        var guesser = Machine.Attacker(13);
        await _machine.KillGuardAsync(Stop);
        Assert.False(await _sshd.LogInAsync(guesser, RealSshd.User, "wrong", Stop, times: 3));
        Assert.False(await _sshd.LogInAsync(guesser, RealSshd.User, "wrong", Stop, times: 3));

        var made = _machine.In("made.conf");
        _machine.Run($"mount -t tmpfs tmpfs /var/log; touch /var/log/auth.log; mount --bind {_sshd.Log} /var/log/auth.log; "
            + $"{RingfenceProgram.Path} init --asterisk {_machine.Root} --output {made}; echo init is done");
        await _machine.UntilAsync(() => Task.FromResult(_machine.Said.Contains("init is done", StringComparison.Ordinal)), Stop);

        Assert.Contains("[door sshd]\nkind = sshd\nlog = /var/log/auth.log\n", await File.ReadAllTextAsync(made, Stop), StringComparison.Ordinal);
        Assert.Contains(guesser, _machine.Said, StringComparison.Ordinal);
    }
}
