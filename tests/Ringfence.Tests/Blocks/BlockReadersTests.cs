using System.Text;
using System.Text.Json;
using Ringfence.Core.Blocks;
using Ringfence.Core.Events;
using Ringfence.Tests.Corpus;
using Xunit;

namespace Ringfence.Tests.Blocks;

/// <summary>What other programs say of whom they block. fail2ban, iptables, nft and cscli as they were seen.</summary>
public sealed class BlockReadersTests
{
    private static readonly Network Freed = Network.Parse("203.0.113.5")!.Value;

    // fail2ban 1.0.2.
    private const string Banned = "[{'sshd': ['203.0.113.5']}, {'asterisk': ['203.0.113.5', '198.51.100.0/24', '2001:db8::7']}, {'it\\'s': [\"a'b\", 'root']}]\n";

    [Fact]
    public void Fail2ban_tells_jail_and_address_and_other_ids_are_passed_over() => Assert.Equal(
        ["sshd 203.0.113.5", "asterisk 203.0.113.5", "asterisk 198.51.100.0/24", "asterisk 2001:db8::7"],
        Fail2banBans.Read(Banned)!.Select(ban => $"{ban.Jail} {ban.Subject}"));

    [Theory]
    [InlineData("")]
    [InlineData("Server ready")]
    [InlineData("[{'sshd': ['203.0.113.5'")]
    public void What_fail2ban_did_not_write_is_no_answer(string text) => Assert.Null(Fail2banBans.Read(text));

    [Fact]
    public void Fail2ban_tells_since_when()
    {
        var time = Fail2banBans.TimeOf("198.51.100.7 \t2026-11-20 10:00:00 + 600 = 2026-11-20 10:10:00\n203.0.113.5 \t2026-11-21 11:46:23 + 600 = 2026-11-21 11:56:23\n", "203.0.113.5", _ => TimeSpan.FromHours(1));

        Assert.Equal((new DateTimeOffset(2026, 11, 21, 11, 46, 23, TimeSpan.FromHours(1)), "2026-11-21 11:56:23"), time);
    }

    [Fact]
    public void CrowdSec_tells_its_decisions_and_what_lifts_them()
    {
        // The members of CrowdSec 1.4.6's own answer, the last two decisions made up.
        const string Json = """
            [{"capacity":0,"created_at":"2026-11-21T11:00:00Z","decisions":[
            {"duration":"3h59m50.1s","id":7,"origin":"cscli","scenario":"manual 'ban' from 'localhost'","scope":"Ip","simulated":false,"type":"ban","value":"203.0.113.5"},
            {"duration":"1h","id":8,"origin":"crowdsec","scenario":"crowdsecurity/asterisk_bf","scope":"Range","type":"ban","value":"203.0.113.0/24"},
            {"duration":"1h","id":9,"scenario":"x","scope":"Ip","simulated":true,"type":"ban","value":"203.0.113.5"},
            {"duration":"1h","id":10,"scenario":"x","scope":"Country","type":"ban","value":"XX"}],"id":3}]
            """;

        var blocks = CrowdsecDecisions.Read(Encoding.UTF8.GetBytes(Json));

        Assert.Equal(["203.0.113.5", "203.0.113.0/24"], blocks.Select(block => $"{block.Subject}"));
        Assert.Equal(["cscli", "decisions", "delete", "--id", "7"], blocks[0].Lift);
        Assert.Equal([false, true], blocks.Select(block => block.IsWiderThan(Freed)));
        Assert.Empty(CrowdsecDecisions.Read("null"u8.ToArray()));
    }

    [Theory]
    [InlineData("ALL: 203.0.113.5", "203.0.113.5")]
    [InlineData("sshd : 198.51.100.1, 203.0.113.5", "198.51.100.1 203.0.113.5")]
    [InlineData("ALL: 203.0.113.", "203.0.113.0/24")]
    [InlineData("ALL: 203.0.113.0/255.255.255.0", "203.0.113.0/24")]
    [InlineData("ALL: [2001:db8::]/32", "2001:db8::/32")]
    [InlineData("ALL: 203.0.113.5 : spawn /bin/echo 192.0.2.1", "203.0.113.5")]
    [InlineData("ALL: 203.0.113.0/255.255.255.0 EXCEPT 203.0.113.5", "")]
    [InlineData("# ALL: 203.0.113.5", "")]
    [InlineData("ALL: .example.com", "")]
    [InlineData("ALL: ALL", "")]
    public void Hosts_deny_tells_whom_it_names(string line, string named) =>
        Assert.Equal(named, string.Join(' ', HostsDeny.Read("/etc/hosts.deny", line + "\n").Select(block => block.Subject)));

    [Fact]
    public void An_address_is_taken_out_of_hosts_deny_and_all_else_stays()
    {
        const string Before = "# by hand\nALL: 203.0.113.5\nsshd: 198.51.100.1, 203.0.113.5\nsshd: 203.0.113.5 : spawn x\n# DenyHosts: Sat | sshd: 203.0.113.5\nALL: 203.0.113.50\n";

        Assert.Equal("# by hand\nsshd: 198.51.100.1\n# DenyHosts: Sat | sshd: 203.0.113.5\nALL: 203.0.113.50\n", HostsDeny.Without(Before, ["203.0.113.5"]));
    }

    [Fact]
    public void Iptables_rules_that_refuse_a_source_are_told_with_what_deletes_them()
    {
        // iptables 1.8.9.
        const string Text = """
            *filter
            :INPUT ACCEPT [0:0]
            -A INPUT -s 203.0.113.0/24 -m comment --comment "a \"b\" -j ACCEPT" -j DROP
            -A INPUT -s 203.0.113.5/32 -j ACCEPT
            -A INPUT ! -s 203.0.113.5/32 -j DROP
            -A INPUT -p tcp -j f2b-sshd
            -A f2b-sshd -s 203.0.113.5/32 -j REJECT --reject-with icmp-port-unreachable
            COMMIT

            """;

        var blocks = IptablesRules.Read("iptables", Text).ToList();

        Assert.Equal(["iptables, chain INPUT 203.0.113.0/24", "iptables, chain f2b-sshd 203.0.113.5"], blocks.Select(block => $"{block.Where} {block.Subject}"));
        Assert.Equal(["iptables", "-t", "filter", "-D", "INPUT", "-s", "203.0.113.0/24", "-m", "comment", "--comment", "a \"b\" -j ACCEPT", "-j", "DROP"], blocks[0].Lift);
    }

    [Fact]
    public void Ufw_rules_that_refuse_a_source_are_told_with_what_deletes_them_and_limits_are_not() => Assert.Equal(
        ["ufw delete deny from 203.0.113.5", "ufw route delete deny from 203.0.113.5", "ufw delete reject from 203.0.113.0/24 to any port 5060 proto udp", "ufw delete deny from 2001:db8::7"],
        UfwRules.Read(File.ReadAllText(CorpusFiles.Block("ufw.added"))).Select(block => string.Join(' ', block.Lift)));

    [Fact]
    public void Firewalld_tells_rich_rules_and_the_sources_and_ipsets_of_zones_that_let_nothing_in()
    {
        var text = File.ReadAllText(CorpusFiles.Block("firewalld.zones"));

        Assert.Equal(
            ["--zone=bad --remove-source=203.0.113.20", "--zone=drop --remove-source=203.0.113.40", "--zone=public --remove-rich-rule=rule family=\"ipv4\" source address=\"203.0.113.60\" service name=\"ssh\" reject"],
            FirewalldRules.Read(text).Select(block => string.Join(' ', block.Lift.Skip(1))));
        Assert.All(FirewalldRules.Read(text), block => Assert.Equal(["firewall-cmd", "--permanent", .. block.Lift.Skip(1)], block.LiftForGood));
        Assert.Equal([("voipbl", "zone drop")], FirewalldRules.Sets(text));
        var entries = FirewalldRules.Entries("voipbl", "zone drop", "203.0.113.5\n198.51.100.0/24\n00:11:22:33:44:55\n").ToList();
        Assert.Equal(["203.0.113.5", "198.51.100.0/24"], entries.Select(block => $"{block.Subject}"));
        Assert.Equal("firewall-cmd --ipset=voipbl --remove-entry=203.0.113.5", string.Join(' ', entries[0].Lift));
    }

    [Theory]
    [InlineData("rule family=\"ipv4\" source NOT address=\"203.0.113.7\" drop", 0)]
    [InlineData("rule family=\"ipv4\" source address=\"203.0.113.7\" drop limit value=\"1/m\"", 0)]
    [InlineData("rule family=\"ipv4\" source address=\"203.0.113.7\" accept", 0)]
    [InlineData("rule family=\"ipv4\" source address=\"203.0.113.7\" log limit value=\"1/m\" drop", 1)]
    [InlineData("rule family=\"ipv4\" source address=\"203.0.113.7\" destination NOT address=\"192.0.2.1\" drop", 1)]
    public void A_policy_of_firewalld_refuses_by_a_rich_rule(string rule, int blocks) => Assert.Equal(
        Enumerable.Repeat($"firewall-cmd --policy=pol --remove-rich-rule={rule}", blocks),
        FirewalldRules.Read($"pol (active)\n  priority: -1\n  target: CONTINUE\n  ingress-zones: ANY\n  egress-zones: HOST\n  rich rules: \n\t{rule}\n", "--policy").Select(block => string.Join(' ', block.Lift)));

    [Theory]
    [InlineData("ALL: 203.0.113.5", true)]
    [InlineData("sshd: 203.0.113.", true)]
    [InlineData("sshd, vsftpd: ALL", true)]
    [InlineData("vsftpd: 203.0.113.5", false)]
    [InlineData("sshd: ALL EXCEPT 203.0.113.5", false)]
    [InlineData("ALL EXCEPT sshd: 203.0.113.5", false)]
    [InlineData("sshd: 203.0.113.5 : deny", false)]
    [InlineData("", false)]
    public void Whom_hosts_allow_lets_in_hosts_deny_does_not_keep_out(string allow, bool isLetIn) =>
        Assert.Equal(isLetIn ? 0 : 1, HostsDeny.Read([("hosts.allow", allow, false), ("hosts.deny", "sshd: 203.0.113.5", true)], Freed).Count(block => block.Lift[0] == "hosts.deny"));

    [Fact]
    public void A_line_may_say_itself_that_it_denies_or_allows()
    {
        const string Allow = "sshd: 192.0.2.1\nsshd: 203.0.113.5 : DENY\n";
        const string Deny = "sshd: 203.0.113.5 : allow\nALL: 203.0.113.5\nsshd: 203.0.113.5\n";

        var blocks = HostsDeny.Read([("hosts.allow", Allow, false), ("hosts.deny", Deny, true)], Freed).ToList();

        Assert.Equal(["hosts.allow", "hosts.deny"], blocks.Select(block => block.Lift[0]));
        Assert.Equal("sshd: 192.0.2.1\n", HostsDeny.Without(Allow, ["203.0.113.5"], denies: false));
        Assert.Equal("sshd: 203.0.113.5 : allow\n", HostsDeny.Without(Deny, ["203.0.113.5"]));
    }

    [Fact]
    public void One_client_on_two_lines_is_one_block() =>
        Assert.Equal("sshd: 203.0.113.5; ALL: 203.0.113.5", Assert.Single(HostsDeny.Read("/etc/hosts.deny", "sshd: 203.0.113.5\nALL: 203.0.113.5\n")).Why);

    [Theory]
    [InlineData("203.0.113.5", "203.0.113.5", false)]
    [InlineData("203.0.113.0/24", "203.0.113.5", true)]
    [InlineData("203.0.113.5", "203.0.113.0/24", false)]
    [InlineData("2001:db8::/64", "2001:db8::7", false)]
    [InlineData("2001:db8::/32", "2001:db8::7", true)]
    public void What_frees_more_than_was_asked_is_known(string blocked, string asked, bool isWider) =>
        Assert.Equal(isWider, new Block(BlockKind.Rule, "", Network.Parse(blocked)!.Value, null, "", []).IsWiderThan(Network.Parse(asked)!.Value));

    [Theory]
    [InlineData("fail2ban", "[{'sshd': ['203.0.113.5']}]", "203.0.113.5 \t0001-01-01 00:00:00 + 600 = x y")]
    [InlineData("fail2ban", "[{'sshd': ['203.0.113.5']}]", "203.0.113.5 \t9999-12-31 23:59:59 + 600 = x y")]
    public void A_time_at_the_end_of_all_times_is_none(string program, string bans, string times)
    {
        Assert.Equal("fail2ban", program);
        Assert.Single(Fail2banBans.Read(bans)!);
        Assert.Null(Fail2banBans.TimeOf(times, "203.0.113.5", _ => TimeSpan.FromHours(1)));
        Assert.Null(Fail2banBans.TimeOf(times, "203.0.113.5", _ => TimeSpan.FromHours(-1)));
    }

    [Theory]
    [InlineData("{\"nftables\":[{\"set\":{\"family\":\"inet\",\"table\":\"\xff\"}}]}")]
    [InlineData("{\"nftables\":[{\"rule\":{\"family\":\"\\ud800\"}}]}")]
    [InlineData("{\"nftables\":[{\"\\udead\":{},\"rule\":1}]}")]
    public void Text_of_nft_that_is_no_Unicode_is_no_answer(string json) =>
        Assert.ThrowsAny<JsonException>(() => NftRules.Read(Encoding.Latin1.GetBytes(json), static _ => true));

    [Theory]
    [InlineData("[{\"decisions\":[{\"value\":\"\xff\"}]}]")]
    [InlineData("[{\"created_at\":\"\\ud800\",\"decisions\":[]}]")]
    public void Text_of_CrowdSec_that_is_no_Unicode_is_no_answer(string json) =>
        Assert.ThrowsAny<JsonException>(() => CrowdsecDecisions.Read(Encoding.Latin1.GetBytes(json)));

    [Fact]
    public void A_set_whose_elements_end_after_all_times_is_told_without_the_time()
    {
        const string Json = """
            {"nftables":[{"set":{"family":"inet","name":"bad","table":"t","elem":[{"elem":{"val":"203.0.113.5","expires":9223372036854775807}}]}},
            {"rule":{"family":"inet","table":"t","chain":"c","expr":[{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"saddr"}},"right":"@bad"}},{"drop":null}]}}]}
            """;

        Assert.Equal("", Assert.Single(NftRules.Read(Encoding.UTF8.GetBytes(Json), static _ => true)).Why);
    }

    [Fact]
    public void Sets_of_addresses_that_a_rule_names_are_read_with_their_exceptions_and_what_is_more_than_the_sender_is_not()
    {
        // ipset 7.17, iptables 1.8.9.
        const string Saved = """
            create voipbl hash:net family inet hashsize 1024 maxelem 65536 timeout 3600 bucketsize 12 initval 0x9a5ff123
            add voipbl 203.0.113.5 timeout 3599
            add voipbl 198.51.100.0/24 timeout 3599
            add voipbl 198.51.100.7 timeout 0 nomatch
            create ports hash:ip,port family inet
            add ports 203.0.113.5,udp:5060
            create six hash:net family inet6
            add six 2001:db8::/32
            """;
        const string Rules = """
            *filter
            -A INPUT -m set --match-set voipbl src -j DROP
            -A FORWARD -m set --match-set voipbl src -j DROP
            -A INPUT -m set ! --match-set voipbl src -j DROP
            -A INPUT -m set --match-set ports src,dst -j DROP
            -A INPUT -m set --match-set six src -m comment --comment "-s 9.9.9.9/32" -j ACCEPT
            -A INPUT -m iprange --src-range 203.0.113.4-203.0.113.7 -j REJECT --reject-with icmp-port-unreachable
            -A INPUT -m iprange --src-range 203.0.113.5-203.0.113.6 -j DROP
            """;
        var sets = IpSets.Read(Saved);

        var blocks = IptablesRules.Read("iptables", Rules, sets).ToList();

        Assert.Equal(
            ["203.0.113.5", "198.51.100.0/24", "203.0.113.4/30", "203.0.113.5", "203.0.113.6"], blocks.Select(block => $"{block.Subject}"));
        Assert.Equal(["ipset", "del", "voipbl", "203.0.113.5"], blocks[0].Lift);
        Assert.Equal([null, null, null, "one rule for all of 203.0.113.5-203.0.113.6", "one rule for all of 203.0.113.5-203.0.113.6"], blocks.Select(block => block.Together));
        Assert.Contains(IptablesRules.Read("iptables", Rules, sets, Network.Parse("198.51.100.8")), block => block.Where.StartsWith("ipset", StringComparison.Ordinal));
        Assert.DoesNotContain(IptablesRules.Read("iptables", Rules, sets, Network.Parse("198.51.100.7")), block => block.Where.StartsWith("ipset", StringComparison.Ordinal));
    }
}
