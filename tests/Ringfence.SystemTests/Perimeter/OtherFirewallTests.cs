using Ringfence.Core.Perimeter;
using Ringfence.SystemTests.Asterisk;
using Ringfence.Tests.Perimeter;
using Xunit;

namespace Ringfence.SystemTests.Perimeter;

/// <summary>What the commands for other firewalls let in is what the policy says, for any policy: by packets, through the real tools.</summary>
public sealed class OtherFirewallTests
{
    // Answered by its D-Bus name, as its unit waits for it.
    internal const string Firewalld = """
        # No route leads back to most of the test's sources.
        sed -i 's/^IPv6_rpfilter=.*/IPv6_rpfilter=no/' /etc/firewalld/firewalld.conf
        dbus-daemon --system --nofork --nopidfile &
        while [ ! -S /run/dbus/system_bus_socket ]; do sleep 0.05; done
        firewalld --nofork --nopid &
        for _ in $(seq 100); do firewall-cmd --state > /dev/null 2>&1 && break; sleep 0.1; done

        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_passes_through_iptables_and_ipset_is_what_the_policy_says()
    {
        Requires.Tool("iptables-restore");
        Requires.Tool("ipset");
        using var rig = PolicyRig.Create();
        await EachAsync(rig, 25, 1, policy => RunAsync(rig, ["sh"], IptablesPolicy.Build(policy)), static () => { });
    }

    [Fact]
    public async Task What_passes_through_ufw_is_what_the_policy_says()
    {
        using var rig = PolicyRig.Create();
        var packages = await PackagesAsync("ufw");
        await EachAsync(rig, 3, 2, policy => RunAsync(rig, [Repository.File("lab", "installed"), packages, "sh"], UfwPolicy.Build(policy)), () => Clear(rig));
    }

    [Fact]
    public async Task What_passes_through_firewalld_is_what_the_policy_says()
    {
        using var rig = PolicyRig.Create();
        var packages = await PackagesAsync("firewalld");
        await EachAsync(rig, 3, 3, policy => RunAsync(rig, [Repository.File("lab", "installed"), packages, "sh"], Firewalld + FirewalldPolicy.Build(policy)), () => Clear(rig));
    }

    private static async Task EachAsync(PolicyRig rig, int policies, int seed, Func<Policy, Task> load, Action clear)
    {
        var random = new Random(20_261_122 + seed);
        var any = new RandomPolicy(random, rig.Links);
        for (var at = 0; at < policies; at++)
        {
            var policy = PolicyBuilder.Build(any.Settings(), MachinePorts.Usual, static _ => []);
            clear();
            await load(policy);
            PolicyCheck.AssertSame(rig, policy, random, 200);
        }
    }

    private static void Clear(PolicyRig rig) => rig.Nft("flush ruleset\n");

    internal static async Task<string> PackagesAsync(string name)
    {
        Requires.Root();
        var install = await ToolRun.OfAsync([Repository.File("lab", "servers"), "install", name], TimeSpan.FromMinutes(5), Stop);
        if (install.ExitCode != 0)
        {
            Requires.Missing($"needs the packages of {name}: {install.Errors}");
        }

        return install.Output.Trim();
    }

    // As the argument of sh -c: what runs there reads no standard input.
    private static async Task RunAsync(PolicyRig rig, IReadOnlyList<string> shell, string script)
    {
        var run = await ToolRun.OfAsync([.. rig.Machine.Prefix, .. shell, "-c", script], TimeSpan.FromMinutes(5), Stop);
        Assert.True(run.ExitCode == 0, $"{run.Said}\n{script}");
    }
}
