using System.Text;
using System.Text.Json;
using Ringfence.Core.Blocks;
using Ringfence.Tests.Corpus;
using Ringfence.Tests.Parsing;
using Xunit;

namespace Ringfence.Tests.Blocks;

/// <summary>Whatever other programs write ends in blocks, or in none: nothing throws. Seeded: a failure comes again. bench/fuzz runs the same for longer.</summary>
public sealed class BlockFuzzTests
{
    private const int Inputs = 20_000;

    [Fact]
    public void No_rules_of_nft_throw() => Feed("nft.json", Json(json => NftRules.Read(json, static _ => true)));

    [Fact]
    public void No_decisions_of_CrowdSec_throw() => Feed("crowdsec.json", Json(CrowdsecDecisions.Read));

    [Fact]
    public void No_rules_of_iptables_throw() => Feed("iptables.save", bytes => IptablesRules.Read("iptables", Text(bytes)));

    [Fact]
    public void No_verdicts_of_nft_throw() => Feed("nft-verdicts.json", Json(json => NftRules.Read(json, static _ => true)));

    [Fact]
    public void No_sets_of_ipset_throw() => Feed("ipset.save", bytes => IptablesRules.Read("iptables", "-A INPUT -m set --match-set voipbl src -j DROP\n-A INPUT -m set --match-set all src -j DROP\n", IpSets.Read(Text(bytes))));

    [Fact]
    public void No_lists_of_recent_senders_throw() =>
        Assert.InRange(Damaged("iptables.save").Sum(bytes => IptablesRules.RecentLists(Text(bytes)).Count), Inputs / 50, int.MaxValue);

    [Fact]
    public void No_clock_of_the_kernel_throws() => Assert.InRange(Damaged("timer_list").Count(bytes => KernelTicks.Parse(Text(bytes)) is not null), 1, Inputs);

    [Fact]
    public void No_sets_of_firewalld_throw() => Assert.InRange(Damaged("firewalld.zones").Sum(bytes => FirewalldRules.Sets(Text(bytes)).Count()), Inputs / 50, int.MaxValue);

    [Fact]
    public void No_rules_of_ufw_throw() => Feed("ufw.added", bytes => UfwRules.Read(Text(bytes)));

    [Fact]
    public void No_zones_of_firewalld_throw() => Feed("firewalld.zones", bytes => FirewalldRules.Read(Text(bytes)), Inputs / 50);

    [Fact]
    public void No_list_of_the_kernel_throws() => Feed("xt_recent.list", bytes => XtRecentList.Read("/proc/net/xt_recent/ATTACKER", Text(bytes), [new RecentRule("ATTACKER", 0, 0, 128, "INPUT")]));

    [Fact]
    public void No_hosts_deny_throws_and_none_names_an_address_that_was_taken_out()
    {
        Feed("hosts.deny", bytes =>
        {
            var without = HostsDeny.Without(Text(bytes), ["203.0.113.5"]);
            Assert.InRange(without.Length, 0, bytes.Length);
            return HostsDeny.Read("/etc/hosts.deny", Text(bytes));
        });
    }

    [Fact]
    public void No_bans_of_fail2ban_throw()
    {
        var bans = 0;
        foreach (var bytes in Damaged("fail2ban.banned"))
        {
            bans += Fail2banBans.Read(Text(bytes))?.Count ?? 0;
        }

        var times = Damaged("fail2ban.times").Count(bytes => Fail2banBans.TimeOf(Text(bytes), "203.0.113.5", static _ => TimeSpan.FromHours(1)) is not null);

        Assert.InRange(bans, Inputs / 10, int.MaxValue);
        Assert.InRange(times, Inputs / 10, Inputs);
    }

    // Most damages leave something to read: else what is fed would not get past the first look. A line of some texts says nothing by itself.
    private static void Feed(string name, Func<byte[], IEnumerable<Block>> read, int least = Inputs / 10)
    {
        var blocks = 0;
        foreach (var bytes in Damaged(name))
        {
            var count = read(bytes).Count();
            Assert.InRange(count, 0, bytes.Length);
            blocks += count;
        }

        Assert.InRange(blocks, least, int.MaxValue);
    }

    private static IEnumerable<byte[]> Damaged(string name)
    {
        var random = new Random(20_261_121);
        var whole = File.ReadAllBytes(CorpusFiles.Block(name));
        byte[][] samples = [whole, .. Encoding.Latin1.GetString(whole).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Encoding.Latin1.GetBytes)];
        for (var input = 0; input < Inputs; input++)
        {
            yield return DoorSampleTests.Mutated(random, samples);
        }
    }

    // As a program's output is read.
    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private static Func<byte[], IEnumerable<Block>> Json(Func<ReadOnlyMemory<byte>, IReadOnlyList<Block>> read) => bytes =>
    {
        try
        {
            return read(bytes);
        }
        catch (JsonException)
        {
            return [];
        }
    };
}
