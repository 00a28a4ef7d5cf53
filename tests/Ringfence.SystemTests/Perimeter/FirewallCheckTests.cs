using System.Text.Json;
using Ringfence.Core.Firewall;
using Ringfence.SystemTests.Asterisk;
using Xunit;

namespace Ringfence.SystemTests.Perimeter;

/// <summary>`ringfence firewall check`, as an operator runs it: by reading the rules, and by packets in a copy of them.</summary>
public sealed class FirewallCheckTests : IDisposable
{
    private readonly PolicyRig _rig = PolicyRig.Create();
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-check-").FullName;

    private string _more = "";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _rig.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task What_iptables_and_nft_let_in_beyond_the_policy_or_hold_back_is_told_alike_by_reading_and_by_packets()
    {
        Requires.Tool("iptables-restore");
        var plan = await RunAsync("firewall", "plan", "--output", "nft");
        Assert.Equal(0, plan.ExitCode);
        _rig.Nft(plan.Output);
        await DiffersInAsync(0);

        // Somebody's rule before the policy's own; and a chain of iptables that holds back what the policy lets in.
        _rig.Nft("insert rule inet ringfence_policy g1_in tcp dport 22 accept\n");
        _rig.Machine.ExecuteWithInput("*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p udp -m multiport --dports 10000:20000 -j DROP\nCOMMIT\n", "iptables-restore");

        await DiffersInAsync(1, ("22/tcp", "ssh", "anybody", "passes"), ("10000-20000/udp", "rtp", "anybody", "dropped"));
    }

    [Fact]
    public async Task The_guards_own_table_of_bans_and_limits_is_followed_and_holds_nobody_back_who_comes_for_the_first_time()
    {
        _rig.Nft((await RunAsync("firewall", "plan", "--output", "nft")).Output);
        _rig.Nft(RulesetText.Build(new TableShape(), new Ruleset(Reject: false, new SipLimits([5060], [5060, 5061], Rate: 15, Burst: 30, TogetherRate: 500))));

        await DiffersInAsync(0);
    }

    [Fact]
    public async Task Zones_of_countries_are_followed_by_the_databases_and_tried_with_them_in_the_copy()
    {
        var database = Path.Combine(_directory, "geo.csv");
        await File.WriteAllTextAsync(database, "198.51.100.0,198.51.100.255,BR\n192.0.2.0,192.0.2.255,DE\n2001:db8:7::,2001:db8:7:ffff:ffff:ffff:ffff:ffff,BR\n", Stop);
        _more = $"[geo]\ndatabase = {database}\n[zone bad]\ncountry = BR\n[zone home]\ncountry = DE\n[service web]\nopen = world\nclosed = bad\n[service vpn]\nopen = home\n";
        Assert.Equal(0, (await RunAsync("firewall", "apply", "--for", "10m")).ExitCode);
        Assert.Equal(0, (await RunAsync("firewall", "confirm", "--force")).ExitCode);
        await DiffersInAsync(0);

        _rig.Nft("insert rule inet ringfence_policy g1_in tcp dport 22 accept\n");
        await DiffersInAsync(1, ("22/tcp", "ssh", "anybody", "passes"));

        // Without one nobody knows what the policy says.
        File.Move(database, $"{database}.away");
        var blind = await RunAsync("firewall", "check", "--json");
        Assert.True(blind.ExitCode == 3, blind.Said);
    }

    private async Task DiffersInAsync(int exitCode, params (string Ports, string Service, string From, string Rules)[] expected)
    {
        foreach (var how in (string[][])[[], ["--probe"]])
        {
            var run = await RunAsync(["firewall", "check", "--json", .. how]);
            Assert.True(run.ExitCode == exitCode, run.Said);
            using var report = JsonDocument.Parse(run.Output);
            Assert.Equal(expected, report.RootElement.GetProperty("differences").EnumerateArray().Select(one =>
                (one.GetProperty("ports").GetString()!, one.GetProperty("service").GetString()!, one.GetProperty("from").GetString()!, one.GetProperty("rules").GetString()!)));
        }
    }

    private Task<ToolRun> RunAsync(params string[] arguments)
    {
        var config = Path.Combine(_directory, "ringfence.conf");
        File.WriteAllText(config, $"[general]\nasterisk_dir = {_directory}/asterisk\n[journal]\npath = {_directory}/ringfence.db\n[zone admin]\nnetwork = 203.0.113.9\n{_more}");
        return ToolRun.OfAsync([.. _rig.Machine.Prefix, RingfenceProgram.Path, .. arguments, "--config", config], TimeSpan.FromSeconds(60), Stop);
    }
}
