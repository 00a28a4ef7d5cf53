using Ringfence.Core.Blocks;
using Xunit;

namespace Ringfence.Tests.Blocks;

/// <summary>What a list of xt_recent means the rules say: only one that a rule refuses by keeps anybody out. Lists and rules as iptables 1.8.9 and Linux 6.18 print them.</summary>
public sealed class XtRecentTests
{
    // FreePBX's responsive firewall, the rules that matter: everybody is noted, who comes too often becomes an attacker.
    private const string FreePbx = """
        *filter
        :INPUT ACCEPT [0:0]
        :fpbxattacker - [0:0]
        :fpbxrfw - [0:0]
        :fpbxshortblock - [0:0]
        -A INPUT -m recent --rcheck --seconds 90 --name WHITELIST --mask 255.255.255.255 --rsource -j ACCEPT
        -A INPUT -p udp -j fpbxrfw
        -A fpbxrfw -m recent --set --name REPEAT --mask 255.255.255.255 --rsource
        -A fpbxrfw -m recent --rcheck --seconds 10 --hitcount 50 --name REPEAT --mask 255.255.255.255 --rsource -j fpbxattacker
        -A fpbxrfw -m recent --rcheck --seconds 86400 --hitcount 1 --name ATTACKER --mask 255.255.255.255 --rsource -j fpbxattacker
        -A fpbxrfw -m recent --rcheck --seconds 60 --hitcount 10 --name SIGNALLING --mask 255.255.255.255 --rsource -j fpbxshortblock
        -A fpbxrfw -m recent --set --name SIGNALLING --mask 255.255.255.255 --rsource
        -A fpbxattacker -m recent --set --name ATTACKER --mask 255.255.255.255 --rsource -j DROP
        -A fpbxshortblock -m recent --set --name CLAMPED --mask 255.255.255.255 --rsource -j REJECT --reject-with icmp-port-unreachable
        -A fpbxrfw -m recent --rcheck --seconds 60 --name CLAMPED --mask 255.255.255.255 --rsource -j REJECT --reject-with icmp-port-unreachable
        COMMIT
        """;

    // 1000 s after the boot, 250 a second.
    private static readonly KernelTicks Now = new((1L << 32) + (700 * 250), 250);

    [Fact]
    public void Who_is_in_FreePBX_s_lists_for_having_called_is_not_blocked_by_them()
    {
        var rules = IptablesRules.RecentLists(FreePbx);

        Assert.Equal(["REPEAT", "ATTACKER", "SIGNALLING", "CLAMPED"], rules.Select(rule => rule.List));
        Assert.Empty(Read("REPEAT", Entry(2, 8), rules));
        Assert.Empty(Read("SIGNALLING", Entry(1, 2, 3), rules));
        Assert.Empty(Read("WHITELIST", Entry(1), rules));
        Assert.Empty(Read("TEMPWHITELIST", Entry(1), rules));
        Assert.Equal("xt_recent, list ATTACKER: -203.0.113.5", Assert.Single(Read("ATTACKER", Entry(7000), rules)));
        Assert.Equal("xt_recent, list CLAMPED: -203.0.113.5", Assert.Single(Read("CLAMPED", Entry(30), rules)));
    }

    [Fact]
    public void Who_comes_too_often_is_blocked_for_as_long_as_it_counts()
    {
        const string Rules = "*filter\n-A INPUT -p tcp -m tcp --dport 22 -m recent --set --name SSH --mask 255.255.255.255 --rsource\n-A INPUT -p tcp -m tcp --dport 22 -m recent --update --seconds 60 --hitcount 4 --rttl --name SSH --mask 255.255.255.255 --rsource -j DROP\n";
        var rules = IptablesRules.RecentLists(Rules);

        Assert.Empty(Read("SSH", Entry(1, 2, 3), rules));
        Assert.Empty(Read("SSH", Entry(1, 2, 3, 61), rules));
        Assert.Single(Read("SSH", Entry(1, 2, 3, 60), rules));
        Assert.Single(XtRecentList.Read("/proc/net/xt_recent/SSH", Entry(1, 2, 3, 500), rules));
    }

    [Theory]
    [InlineData("-m recent --rcheck --name KNOCKED --mask 255.255.255.255 --rsource -j ACCEPT", 0)]
    [InlineData("-m recent ! --rcheck --name KNOCKED --mask 255.255.255.255 --rsource -j DROP", 0)]
    [InlineData("-m recent --rcheck --name KNOCKED --mask 255.255.255.255 --rdest -j DROP", 0)]
    [InlineData("-m recent --set --name KNOCKED --mask 255.255.255.255 --rsource -j DROP", 0)]
    [InlineData("-m recent --rcheck --name OTHER --mask 255.255.255.255 --rsource -j DROP", 0)]
    [InlineData("-m recent --rcheck --name KNOCKED --mask 255.255.255.255 --rsource -j DROP", 1)]
    [InlineData("-m recent --update --name KNOCKED --mask 255.255.255.255 --rsource -g LOGDROP", 1)]
    public void A_list_blocks_only_where_being_in_it_is_refused(string rule, int blocks) => Assert.Equal(
        blocks, Read("KNOCKED", Entry(1), IptablesRules.RecentLists($"*filter\n-A INPUT {rule}\n-A LOGDROP -m limit --limit 5/min -j LOG --log-prefix \"a -j b\"\n-A LOGDROP -j DROP\n")).Count);

    [Fact]
    public void A_list_with_a_mask_holds_networks() => Assert.Equal(
        "203.0.113.0/24",
        $"{Assert.Single(XtRecentList.Read("/proc/net/xt_recent/NETS", "src=203.0.113.0 ttl: 0 last_seen: 1 oldest_pkt: 1 1\n", IptablesRules.RecentLists("-A INPUT -m recent --rcheck --name NETS --mask 255.255.255.0 --rsource -j DROP\n"))).Subject}");

    [Theory]
    [InlineData("now at 73239599838986 nsecs\n\njiffies: 4313202134\n", 4313202134, 250)]
    [InlineData("now at 1000000000000 nsecs\njiffies: 4295667296\n", 4295667296, 1000)]
    public void The_kernel_s_clock_is_read(string text, long now, long rate) => Assert.Equal(new KernelTicks(now, rate), KernelTicks.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("now at 300000000000 nsecs\njiffies: 4294967296\n")]
    [InlineData("now at 1000000000000 nsecs\njiffies: 12\n")]
    [InlineData("now at x nsecs\njiffies: y\n")]
    public void A_clock_that_can_t_be_understood_is_none(string text) => Assert.Null(KernelTicks.Parse(text));

    private static List<string> Read(string list, string text, IReadOnlyList<RecentRule> rules) =>
        [.. XtRecentList.Read($"/proc/net/xt_recent/{list}", text, rules, Now).Select(block => $"{block.Where}: {block.Lift[1]}")];

    // Seen so many seconds ago.
    private static string Entry(params int[] ago)
    {
        var stamps = ago.Select(seconds => Now.Now - (seconds * Now.PerSecond)).Order().ToList();
        return $"src=203.0.113.5 ttl: 64 last_seen: {stamps[^1]} oldest_pkt: {stamps.Count} {string.Join(", ", stamps)}\n";
    }
}
