using Ringfence.Core.Events;
using Ringfence.Core.Pbx;
using Ringfence.Core.Perimeter;
using Ringfence.Perimeter;
using Ringfence.SystemTests.Asterisk;
using Xunit;

namespace Ringfence.SystemTests.Perimeter;

/// <summary>Other programs' rules and ours on one machine: each goes its way, and neither takes the other's away.</summary>
public sealed class NeighbourTests : IDisposable
{
    // As Docker and fail2ban write them, with what the world may forward.
    private const string DockerAndFail2ban = """
        *nat
        :DOCKER - [0:0]
        -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
        -A DOCKER -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
        COMMIT
        *filter
        :DOCKER-USER - [0:0]
        :f2b-asterisk - [0:0]
        -A FORWARD -j DOCKER-USER
        -A INPUT -j f2b-asterisk
        -A f2b-asterisk -s 203.0.113.66 -j REJECT
        COMMIT

        """;

    private readonly PolicyRig _rig = PolicyRig.Create();
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-next-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _rig.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task What_docker_fail2ban_and_plain_iptables_hold_is_as_it_was_after_every_step_of_ours()
    {
        Requires.Tool("iptables-restore");
        _rig.Machine.ExecuteWithInput(DockerAndFail2ban, "iptables-restore");
        var before = Theirs();
        var table = Table();

        await table.ConfirmAsync(await table.TryAsync(Policy(), TimeSpan.FromMinutes(1), Stop), Stop);
        Assert.Equal(before, Theirs());
        await table.EndTrialAsync(await table.TryAsync(Policy(), TimeSpan.FromMinutes(1), Stop), Stop);
        Assert.Equal(before, Theirs());
        await table.RemoveAsync(await table.ReadAsync(Stop), Stop);

        Assert.Equal(before, Theirs());
    }

    [Theory]
    [InlineData("ufw", "ufw --force enable && ufw allow 2222/tcp && ufw reload && ufw --force disable")]
    [InlineData("firewalld", OtherFirewallTests.Firewalld + "firewall-cmd --add-port=2222/tcp && firewall-cmd --reload && firewall-cmd --complete-reload")]
    [InlineData("iptables", "iptables -F && iptables -X && iptables -P INPUT ACCEPT && iptables -t nat -F && ip6tables -F")]
    public async Task What_others_load_reload_and_flush_leaves_our_policy_whole(string who, string commands)
    {
        var table = Table();
        await table.ConfirmAsync(await table.TryAsync(Policy(), TimeSpan.FromMinutes(1), Stop), Stop);
        var ours = Ours();

        string[] shell = who == "iptables" ? ["sh"] : [Repository.File("lab", "installed"), await OtherFirewallTests.PackagesAsync(who), "sh"];
        var run = await ToolRun.OfAsync([.. _rig.Machine.Prefix, .. shell, "-c", "set -e\n" + commands], TimeSpan.FromMinutes(2), Stop);

        Assert.True(run.ExitCode == 0, run.Said);
        Assert.Equal(ours, Ours());
    }

    private static Policy Policy() => PolicyBuilder.Build(
        new PerimeterSettings { Zones = [new ZoneSettings { Name = ZoneSettings.Admin, Networks = [new NotedNetwork(Network.Parse("198.51.100.66")!.Value, "", new Place("r", 1))] }] }, MachinePorts.Usual, static _ => []);

    private PolicyTable Table() => new([.. _rig.Machine.Prefix, "nft"], new PolicyFiles(_directory), TimeProvider.System);

    private string Theirs() => string.Join('\n', _rig.Machine.Execute("iptables-save").Split('\n').Where(static line => !line.StartsWith('#')));

    // Without the time that is left to elements which end by themselves.
    private string Ours() => _rig.Machine.Execute("nft", "-s", "-t", "list", "table", "inet", NftPolicy.Table);
}
