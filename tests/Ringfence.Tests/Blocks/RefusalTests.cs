using System.Text;
using Ringfence.Core.Blocks;
using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.Tests.Blocks;

/// <summary>Which rules of the kernel keep an address out: masks, chains of one's own, and what only looks so. The texts as nft 1.0.6 and iptables 1.8.9 print them.</summary>
public sealed class RefusalTests
{
    private const string Drop = "{\"drop\":null}";
    private const string Limit = "{\"limit\":{\"rate\":5,\"burst\":5,\"per\":\"second\",\"inv\":true}}";
    private const string Source = "{\"match\":{\"op\":\"==\",\"left\":{\"payload\":{\"protocol\":\"ip\",\"field\":\"saddr\"}},\"right\":\"203.0.113.5\"}}";

    [Theory]
    [InlineData("ffff:ffff:ffff:ffff::", "2001:db8:1:2::", "2001:db8:1:2::/64")]
    [InlineData("ffff:ffff:ffff::", "2001:db8:1::", "2001:db8:1::/48")]
    [InlineData("ffff:ffff:ffff:ffff::", "2001:db8:1:2::5", "")]
    [InlineData("::ffff", "::1", "")]
    public void An_element_under_a_mask_stands_for_its_network(string mask, string element, string blocked)
    {
        var blocks = Nft(
            $"{{\"set\":{{\"family\":\"inet\",\"table\":\"ringfence\",\"name\":\"banned6\",\"elem\":[{{\"elem\":{{\"val\":\"{element}\",\"expires\":3599}}}}]}}}}",
            Rule("arriving", $"{{\"match\":{{\"op\":\"==\",\"left\":{{\"&\":[{{\"payload\":{{\"protocol\":\"ip6\",\"field\":\"saddr\"}}}},\"{mask}\"]}},\"right\":\"@banned6\"}}}}", Drop));

        Assert.Equal(blocked, string.Join(' ', blocks.Select(block => block.Subject)));
        Assert.All(blocks, block => Assert.Equal(["nft", "delete", "element", "inet", "ringfence", "banned6", "{", element, "}"], block.Lift));
    }

    [Fact]
    public void An_IPv4_mask_and_a_verdict_map_under_a_mask_are_read()
    {
        const string Masked = "\"&\":[{\"payload\":{\"protocol\":\"ip\",\"field\":\"saddr\"}},\"255.255.255.0\"]";
        var blocks = Nft(
            Rule("in", $"{{\"match\":{{\"op\":\"==\",\"left\":{{{Masked}}},\"right\":{{\"set\":[\"203.0.113.0\",\"198.51.100.0\"]}}}}}}", Drop),
            Rule("in", $"{{\"vmap\":{{\"key\":{{{Masked}}},\"data\":{{\"set\":[[\"192.0.2.0\",{Drop}]]}}}}}}"));

        Assert.Equal(["203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24"], blocks.Select(block => $"{block.Subject}"));
    }

    [Theory]
    [InlineData(Limit)]
    [InlineData("{\"ct count\":{\"val\":5,\"inv\":true}}")]
    [InlineData("{\"quota\":{\"val\":5,\"val_unit\":\"bytes\",\"inv\":true}}")]
    [InlineData("{\"meter\":{\"key\":{\"payload\":{\"protocol\":\"ip\",\"field\":\"saddr\"}},\"stmt\":{\"limit\":{\"rate\":5}},\"size\":65535,\"name\":\"mm\"}}")]
    [InlineData("{\"set\":{\"op\":\"update\",\"elem\":{\"payload\":{\"protocol\":\"ip\",\"field\":\"saddr\"}},\"set\":\"@seen4\",\"stmt\":[{\"limit\":{\"rate\":5}}]}}")]
    [InlineData("{\"xt\":{\"type\":\"match\",\"name\":\"hashlimit\"}}")]
    [InlineData("{\"xt\":null}")]
    public void A_limit_of_nft_is_no_refusal_nor_is_a_chain_that_drops_beyond_it(string limit)
    {
        Assert.Empty(Nft(Rule("in", Source, limit, Drop)));
        Assert.Empty(Nft(Rule("in", Source, Jump("again")), Rule("again", limit, Drop)));
        Assert.Single(Nft(Rule("in", Source, Jump("again")), Rule("again", limit, Drop), Rule("again", Drop)));
    }

    [Theory]
    [InlineData("a rule of its own", "{\"counter\":{\"packets\":0,\"bytes\":0}}", "{\"log\":{\"prefix\":\"x\"}}")]
    [InlineData("for some of its packets", "{\"match\":{\"op\":\"==\",\"left\":{\"payload\":{\"protocol\":\"tcp\",\"field\":\"dport\"}},\"right\":22}}", "{\"accept\":null}")]
    public void A_chain_that_jumps_to_one_that_drops_refuses_too(string why, params string[] before) => Assert.Equal(
        why, Assert.Single(Nft(Rule("in", Source, Jump("outer")), Rule("outer", before), Rule("outer", Jump("inner")), Rule("inner", Drop))).Why);

    [Theory]
    [InlineData("{\"accept\":null}")]
    [InlineData("{\"return\":null}")]
    public void What_stands_behind_the_end_of_a_chain_refuses_nobody(string end) => Assert.Empty(Nft(Rule("in", Source, Jump("outer")), Rule("outer", end), Rule("outer", Drop)));

    [Fact]
    public void A_source_of_a_firewalld_zone_that_serves_something_is_not_blocked()
    {
        string[] rules = [Rule("in", Source, Jump("filter_IN_internal")), Rule("filter_IN_internal", Jump("allow")), Rule("filter_IN_internal", "{\"reject\":{}}"), Rule("allow", "{\"accept\":null}")];

        Assert.Empty(Nft([.. rules.Select(rule => rule.Replace("ringfence", "firewalld", StringComparison.Ordinal))]));
        Assert.Single(Nft(rules));
    }

    [Theory]
    [InlineData("{\"payload\":{\"protocol\":\"icmpv6\",\"field\":\"type\"}}", "\"nd-neighbor-advert\"")]
    [InlineData("{\"meta\":{\"key\":\"l4proto\"}}", "{\"set\":[\"icmp\",\"ipv6-icmp\"]}")]
    public void A_zone_that_lets_in_a_ping_alone_refuses_whoever_is_sent_there(string left, string right)
    {
        var ping = $"{{\"match\":{{\"op\":\"==\",\"left\":{left},\"right\":{right}}}}}";
        string[] rules = [Rule("in", Source, Jump("zone")), Rule("zone", Jump("policies")), Rule("zone", "{\"drop\":null}"), Rule("policies", ping, "{\"accept\":null}")];

        Assert.Equal("a rule of its own", Assert.Single(Nft([.. rules.Select(rule => rule.Replace("ringfence", "firewalld", StringComparison.Ordinal))])).Why);
        Assert.Equal("-A INPUT -s 203.0.113.5/32 -j ZONE", Assert.Single(IptablesRules.Read("iptables", "-A INPUT -s 203.0.113.5/32 -j ZONE\n-A ZONE -p icmp -j ACCEPT\n-A ZONE -j DROP\n")).Why);
    }

    [Fact]
    public void Iptables_rules_that_jump_to_a_chain_that_drops_are_told_and_limits_are_not()
    {
        const string Text = """
            *filter
            -A INPUT -s 203.0.113.1/32 -j LOGDROP
            -A INPUT -s 203.0.113.2/32 -g OUTER
            -A INPUT -s 203.0.113.3/32 -j SERVED
            -A INPUT -s 203.0.113.4/32 -j LIMITED
            -A INPUT -s 203.0.113.5/32 -m hashlimit --hashlimit-above 5/sec --hashlimit-burst 5 --hashlimit-name x -j DROP
            -A INPUT -s 203.0.113.6/32 -m connlimit --connlimit-above 5 --connlimit-mask 32 --connlimit-saddr -j DROP
            -A INPUT -s 203.0.113.7/32 -p tcp -m conntrack --ctstate NEW -m recent --update --seconds 30 --hitcount 6 --name DEFAULT --mask 255.255.255.255 --rsource -j ufw-user-limit
            -A INPUT -s 203.0.113.8/32 -j LOOP
            -A INPUT -s 203.0.113.9/32 -j RETURNS
            -A LOGDROP -m limit --limit 5/min -j LOG --log-prefix "a b -j ACCEPT"
            -A LOGDROP -m comment --comment "it is bad" -j DROP
            -A OUTER -j LOGDROP
            -A SERVED -p tcp -m tcp --dport 22 -j ACCEPT
            -A SERVED -j REJECT --reject-with icmp-port-unreachable
            -A LIMITED -m limit --limit 5/min -j DROP
            -A ufw-user-limit -j REJECT --reject-with icmp-port-unreachable
            -A LOOP -j LOOP
            -A RETURNS -j RETURN
            -A RETURNS -j DROP
            COMMIT
            *mangle
            -A PREROUTING -s 203.0.113.10/32 -j LOGDROP
            COMMIT
            """;

        var blocks = IptablesRules.Read("iptables", Text).ToList();

        Assert.Equal(["203.0.113.1", "203.0.113.2", "203.0.113.3"], blocks.Select(block => $"{block.Subject}"));
        Assert.Equal(["iptables", "-t", "filter", "-D", "INPUT", "-s", "203.0.113.1/32", "-j", "LOGDROP"], blocks[0].Lift);
        Assert.EndsWith(", for some of its packets", blocks[2].Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chain_of_ten_thousand_jumps_ends()
    {
        var text = new StringBuilder("-A INPUT -s 203.0.113.1/32 -j C0\n");
        for (var chain = 0; chain < 10_000; chain++)
        {
            text.Append($"-A C{chain} -j C{chain + 1}\n");
        }

        Assert.Empty(IptablesRules.Read("iptables", $"{text}-A C10000 -j DROP\n"));
    }

    [Fact]
    public void An_echo_is_what_its_owner_tells_of_the_same_address_and_nothing_else()
    {
        var told = new BlockEchoes(
        [
            Told(BlockKind.Fail2ban, "fail2ban, jail sshd", "203.0.113.1"), Told(BlockKind.CrowdSec, "CrowdSec, ban", "203.0.113.2"),
            Told(BlockKind.Rule, "ufw", "203.0.113.3"), Told(BlockKind.Rule, "firewalld, zone drop", "203.0.113.4"),
        ]);

        Assert.True(told.Holds(Told(BlockKind.Rule, "nftables, set addr-set-sshd of inet f2b-table", "203.0.113.1")));
        Assert.True(told.Holds(Told(BlockKind.Rule, "ipset f2b-sshd, iptables, chain INPUT", "203.0.113.1")));
        Assert.True(told.Holds(Told(BlockKind.Rule, "ipset crowdsec-blacklists, iptables, chain INPUT", "203.0.113.2")));
        Assert.True(told.Holds(Told(BlockKind.Rule, "iptables, chain ufw-user-input", "203.0.113.3") with { Chain = "ufw-user-input" }));
        Assert.True(told.Holds(Told(BlockKind.Rule, "nftables, set voipbl of inet firewalld", "203.0.113.4") with { Table = "inet firewalld" }));
        Assert.False(told.Holds(Told(BlockKind.Rule, "nftables, set addr-set-sshd of inet f2b-table", "203.0.113.9")));
        Assert.False(told.Holds(Told(BlockKind.Rule, "iptables, chain ufw-before-input", "203.0.113.3") with { Chain = "ufw-before-input" }));
        Assert.False(told.Holds(Told(BlockKind.Rule, "nftables, set voipbl of inet firewalld", "203.0.113.9") with { Table = "inet firewalld" }));
        Assert.False(told.Holds(Told(BlockKind.Rule, "nftables, chain in of inet mine", "203.0.113.1")));
    }

    private static Block Told(BlockKind kind, string where, string subject) => new(kind, where, Network.Parse(subject)!.Value, null, "", []);

    private static string Jump(string chain) => $"{{\"jump\":{{\"target\":\"{chain}\"}}}}";

    private static string Rule(string chain, params string[] steps) =>
        $"{{\"rule\":{{\"family\":\"inet\",\"table\":\"ringfence\",\"chain\":\"{chain}\",\"handle\":7,\"expr\":[{string.Join(',', steps)}]}}}}";

    private static IReadOnlyList<Block> Nft(params string[] parts) => NftRules.Read(Encoding.UTF8.GetBytes($"{{\"nftables\":[{string.Join(',', parts)}]}}"), static _ => true);
}
