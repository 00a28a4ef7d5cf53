using Ringfence.Core.Configuration;
using Ringfence.Core.Firewall;
using Ringfence.Core.Pbx;
using Xunit;

namespace Ringfence.Tests.Firewall;

public sealed class RulesetTextTests
{
    private static readonly SipLimits Limits = new([5060, 5160], [5060, 5160, 5061], Rate: 15, Burst: 30, TogetherRate: 500);

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void The_script_never_empties_a_set_or_touches_what_is_not_ours(bool reject, bool limited)
    {
        var lines = RulesetText.Build(new TableShape(), new Ruleset(reject, limited ? Limits : null)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.All(lines, line => Assert.Contains(" inet ringfence", line, StringComparison.Ordinal));
        Assert.All(lines, line => Assert.False(
            line.StartsWith("flush ruleset", StringComparison.Ordinal) || line.StartsWith("flush set", StringComparison.Ordinal)
            || line.StartsWith("flush table", StringComparison.Ordinal) || line.StartsWith("delete", StringComparison.Ordinal)
            || line.StartsWith("destroy", StringComparison.Ordinal),
            line));
    }

    [Fact]
    public void The_loopback_goes_through_before_any_set_is_asked()
    {
        var rules = Rules("arriving", new Ruleset(Reject: false, Limits));

        Assert.Equal("iif 1 accept", rules[0]);
    }

    [Fact]
    public void A_ban_comes_before_trust_and_trust_before_the_limits()
    {
        var ruleset = new Ruleset(Reject: false, Limits);

        var arriving = Rules("arriving", ruleset);
        var strangers = Rules("strangers", ruleset);

        Assert.True(arriving.FindLastIndex(rule => rule.Contains("jump refuse", StringComparison.Ordinal)) < arriving.FindIndex(rule => rule.Contains("jump strangers", StringComparison.Ordinal)));
        Assert.Equal(["ip saddr @trusted4 return", "ip6 saddr @trusted6 return"], strangers[..2]);
        Assert.DoesNotContain(strangers[2..], rule => rule.Contains("trusted", StringComparison.Ordinal));
    }

    [Fact]
    public void The_limits_are_these_rules() => Assert.Equal(
        """
        arriving udp dport { 5060, 5160 } udp length { 0, 20001-65535 } counter name "too_long" drop
        arriving udp dport { 5060, 5160 } jump strangers
        arriving tcp dport { 5060, 5160, 5061 } tcp flags & (fin | syn | rst | ack) == syn jump strangers
        strangers ip saddr @trusted4 return
        strangers ip6 saddr @trusted6 return
        strangers meta l4proto udp ip saddr @throttled4 goto throttle
        strangers meta l4proto udp ip6 saddr & ffff:ffff:ffff:ffff:: @throttled6 goto throttle
        strangers ip saddr @seen4 goto again
        strangers ip6 saddr & ffff:ffff:ffff:ffff:: @seen6 goto again
        strangers add @seen4 { ip saddr }
        strangers add @seen6 { ip6 saddr & ffff:ffff:ffff:ffff:: }
        strangers limit rate over 500/second burst 500 packets counter name "limited_together" drop
        again update @seen4 { ip saddr }
        again update @seen6 { ip6 saddr & ffff:ffff:ffff:ffff:: }
        again update @rated4 { ip saddr limit rate over 15/second burst 30 packets } goto excess
        again update @rated6 { ip6 saddr & ffff:ffff:ffff:ffff:: limit rate over 15/second burst 30 packets } goto excess
        again limit rate over 500/second burst 500 packets counter name "limited_together" drop
        excess update @limited4 { ip saddr counter }
        excess update @limited6 { ip6 saddr & ffff:ffff:ffff:ffff:: counter }
        excess counter name "limited"
        excess drop
        throttle @th,64,32 0x52454749 goto login
        throttle @th,64,32 0x494e5649 goto login
        throttle goto withheld
        login update @trickle4 { ip saddr limit rate 6/minute burst 4 packets } goto again
        login update @trickle6 { ip6 saddr & ffff:ffff:ffff:ffff:: limit rate 6/minute burst 4 packets } goto again
        login goto withheld
        withheld counter name "throttled"
        withheld drop
        """,
        string.Join('\n', LimitRules.Of(Limits).Select(rule => $"{rule.Chain} {rule.Rule}")));

    [Fact]
    public void A_rate_of_zero_means_no_limits_and_a_pbx_without_clear_sip_has_limits_of_connections_alone()
    {
        Assert.Null(SipLimits.Of(new FirewallSettings { Rate = 0 }, new SipPorts([5060], [])));

        var limits = SipLimits.Of(new FirewallSettings(), new SipPorts([], [5061]))!;

        Assert.DoesNotContain(LimitRules.Of(limits), rule => rule.Rule.StartsWith("udp", StringComparison.Ordinal));
        Assert.Contains(LimitRules.Of(limits), rule => rule.Rule.StartsWith("tcp dport { 5061 }", StringComparison.Ordinal));
    }

    [Fact]
    public void An_empty_kernel_is_no_table() => Assert.False(new TableShape().Exists || new TableShape().IsWhole(new Ruleset(Reject: false)));

    private static List<string> Rules(string chain, Ruleset ruleset)
    {
        var start = $"add rule inet ringfence {chain} ";
        return [.. RulesetText.Build(new TableShape(), ruleset).Split('\n').Where(line => line.StartsWith(start, StringComparison.Ordinal)).Select(line => line[start.Length..])];
    }
}
