using Ringfence.SystemTests.Asterisk;
using Ringfence.Tests;
using Xunit;

namespace Ringfence.SystemTests.Notifiers;

/// <summary>Notices by real programs of the machine, run as the service runs them.</summary>
public sealed class ProgramTests : IAsyncLifetime
{
    // What ringfence.service gives: an ordinary user with three capabilities that go along to every program, and no way to more.
    private static readonly IReadOnlyList<string> AsService =
    [
        "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--no-new-privs",
        "--inh-caps=+net_admin,+net_raw,+dac_read_search", "--ambient-caps=+net_admin,+net_raw,+dac_read_search",
    ];

    private readonly string _directory = Directory.CreateTempSubdirectory("rf-programs-").FullName;
    private Netns _pbx = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Config => Path.Combine(_directory, "ringfence.conf");

    public ValueTask InitializeAsync()
    {
        Requires.Root();
        Requires.Tool("setpriv");
        _pbx = Netns.Create("programs");
        File.SetUnixFileMode(_directory, (UnixFileMode)0b111_111_111);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _pbx?.Dispose();
        Directory.Delete(_directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_command_has_none_of_the_service_s_capabilities()
    {
        var script = Path.Combine(_directory, "tell");
        Script.Write(script, "#!/bin/sh\ncat > /dev/null\necho $(grep -E 'Cap(Prm|Eff|Amb)' /proc/self/status)\n");
        Configure("kind = command", $"command = {script}");

        var own = await ToolRun.OfAsync([.. _pbx.Prefix, .. AsService, script], TimeSpan.FromSeconds(10), Stop);
        var run = await ToolRun.OfAsync([.. _pbx.Prefix, .. AsService, RingfenceProgram.Path, "notify", "test", "--config", Config], TimeSpan.FromSeconds(30), Stop);

        // What stands before the guard has them; what it starts does not.
        Assert.Contains("CapAmb: 0000000000003004", own.Output, StringComparison.Ordinal);
        Assert.True(run.ExitCode == 0, run.Said);
        Assert.Contains("CapPrm: 0000000000000000 CapEff: 0000000000000000 CapAmb: 0000000000000000", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_machine_s_own_sendmail_takes_a_mail_and_where_it_may_not_work_the_cure_is_said()
    {
        await using var servers = await RealServers.GetAsync(_directory, Stop);
        await servers.StartEximAsync(_pbx, Stop);
        Configure("kind = mail", "to = admin@example.com");

        var run = await servers.RunWithSendmailAsync(_pbx, [RingfenceProgram.Path, "notify", "test", "--config", Config], Stop);
        var asService = await servers.RunWithSendmailAsync(_pbx, [.. AsService, RingfenceProgram.Path, "notify", "test", "--config", Config], Stop);

        Assert.True(run.ExitCode == 0, run.Said);
        var mail = Assert.Single(servers.Mails());
        Assert.Contains("\n1\nadmin@example.com", mail.Recipients, StringComparison.Ordinal);
        Assert.Contains("Subject: Ringfence pbx1: test notice, nothing has happened\n", mail.Headers, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', mail.Body);
        Assert.Equal(3, asService.ExitCode);
        Assert.Contains("may not run set-user-id programs: give server = localhost", asService.Output, StringComparison.Ordinal);
    }

    private void Configure(params string[] notify) => File.WriteAllLines(
        Config, ["[general]", $"socket = {_directory}/ringfence.sock", "[notify]", "server_name = pbx1", "[notify it]", .. notify]);
}
