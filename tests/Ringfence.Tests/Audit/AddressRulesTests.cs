using Ringfence.Core.Audit;
using Ringfence.Core.Events;
using Ringfence.Core.Pbx;
using Xunit;

namespace Ringfence.Tests.Audit;

/// <summary>Lists of addresses as Asterisk applies them (main/acl.c).</summary>
public sealed class AddressRulesTests
{
    private static readonly int[] Lengths4 = [0, 1, 8, 16, 30, 31, 32];
    private static readonly int[] Lengths6 = [0, 16, 32, 48, 127, 128];

    [Theory]
    [InlineData("permit=192.0.2.0/24", "198.51.100.7", true)]
    [InlineData("deny=0.0.0.0/0.0.0.0;permit=192.0.2.0/24", "198.51.100.7", false)]
    [InlineData("deny=0.0.0.0/0.0.0.0;permit=192.0.2.0/24", "192.0.2.9", true)]
    [InlineData("permit=192.0.2.0/24;deny=0.0.0.0/0", "192.0.2.9", false)]
    [InlineData("deny=0.0.0.0/0;permit=192.0.2.0/24,!192.0.2.5", "192.0.2.5", false)]
    [InlineData("deny=0.0.0.0/0;permit=192.0.2.5", "192.0.2.5", true)]
    [InlineData("deny=0.0.0.0/0", "2001:db8::1", true)]
    [InlineData("deny=::/0;permit=2001:db8::/32", "2001:db8::1", true)]
    [InlineData("deny=::/0;permit=2001:db8::/32", "2001:db9::1", false)]
    [InlineData("deny=::/0", "192.0.2.9", true)]
    [InlineData("deny=192.0.2.7/255.255.255.0", "192.0.2.99", false)]
    public void Of_the_rules_that_fit_the_last_counts_and_whom_none_fits_is_let_in(string rules, string address, bool isAdmitted)
    {
        var list = Of(rules);

        Assert.True(list.IsWhole);
        Assert.Equal(isAdmitted, list.Admits(Address.Parse(address)!.Value));
    }

    [Theory]
    [InlineData("permit=192.0.2.0/24", false, false)]
    [InlineData("deny=0.0.0.0/0", true, false)]
    [InlineData("deny=0.0.0.0/0;permit=0.0.0.0/0", false, false)]
    [InlineData("deny=0.0.0.0/0;permit=0.0.0.0/1;permit=128.0.0.0/1", false, false)]
    [InlineData("deny=0.0.0.0/0;permit=0.0.0.0/1;permit=128.0.0.0/2", true, false)]
    [InlineData("deny=::/0", false, true)]
    [InlineData("deny=255.255.255.255", true, false)]
    public void Whether_it_refuses_anybody_is_exact(string rules, bool refusesIPv4, bool refusesIPv6)
    {
        var list = Of(rules);

        Assert.Equal(refusesIPv4, list.RefusesSomebody(isIPv4: true));
        Assert.Equal(refusesIPv6, list.RefusesSomebody(isIPv4: false));
    }

    [Theory]
    [InlineData("permit=sip.provider.example.com")]
    [InlineData("deny=0.0.0.0/255.0.255.0")]
    [InlineData("deny=192.0.2.0/33")]
    [InlineData("deny=192.0.2.0/")]
    public void A_rule_that_is_no_network_makes_the_list_one_of_which_nothing_is_concluded(string rules) => Assert.False(Of(rules).IsWhole);

    [Fact]
    public void What_is_painted_once_is_what_each_rule_in_turn_says()
    {
        var random = new Random(7);
        for (var round = 0; round < 400; round++)
        {
            var list = Of(string.Join(';', Enumerable.Range(0, random.Next(0, 12)).Select(_ => $"{(random.Next(2) == 0 ? "permit" : "deny")}={Network(random)}")));

            foreach (var isIPv4 in (bool[])[true, false])
            {
                var asked = list.Rules.SelectMany(static rule => (Address[])[rule.Network.First, rule.Network.First.Previous, rule.Network.Last, rule.Network.Last.Next])
                    .Append(isIPv4 ? Address.FromIPv4(0) : new Address(0x2000_0000_0000_0000, 0)).Where(address => address.IsIPv4 == isIPv4).ToList();
                Assert.All(asked, address => Assert.Equal(InTurn(list, address), list.Admits(address)));
                var samples = list.Rules.Where(rule => rule.Network.IsIPv4 == isIPv4).SelectMany(static rule => (Address[])[rule.Network.First, rule.Network.Last.Next])
                    .Append(isIPv4 ? Address.FromIPv4(0) : new Address(0x2000_0000_0000_0000, 0)).Where(address => address.IsIPv4 == isIPv4).ToList();
                Assert.Equal(samples.Exists(address => !InTurn(list, address)), list.RefusesSomebody(isIPv4));
                Assert.Equal(samples.Exists(address => InTurn(list, address)), list.AdmitsSomebody(isIPv4));
            }
        }

        static bool InTurn(AddressRules list, Address address) => list.Rules.LastOrDefault(rule => rule.Network.Contains(address))?.Permits ?? true;
    }

    [Fact]
    public void A_permit_that_is_taken_back_is_found_as_if_each_pair_were_compared()
    {
        var random = new Random(8);
        var rule = AuditRules.All.Single(static rule => rule.Id == "RF1004");
        for (var round = 0; round < 300; round++)
        {
            var lines = Enumerable.Range(0, random.Next(1, 10)).Select(_ => $"{(random.Next(3) > 0 ? "permit" : "deny")}={Network(random)}").ToList();
            var pbx = ExampleFiles.Of($"[e]\ntype=endpoint\n{string.Join('\n', lines)}\n", "pjsip.conf").Pbx;
            var rules = Of(string.Join(';', lines)).Rules;

            var undone = Enumerable.Range(0, rules.Count).Where(at => rules[at].Permits && rules.Skip(at + 1).Any(later => !later.Permits && later.Network.Contains(rules[at].Network))
                && !rules.Skip(at + 1).Any(later => later.Permits && rules[at].Network.Contains(later.Network))).Select(static at => at + 3);

            Assert.Equal(undone, rule.Check(pbx).Select(static fault => fault.Place.Line));
        }
    }

    private static string Network(Random random) => random.Next(4) == 0
        ? $"2001:db8:{random.Next(2)}::{random.Next(3)}/{Lengths6[random.Next(Lengths6.Length)]}"
        : $"{random.Next(3) * 127}.{random.Next(2)}.0.{random.Next(4)}/{Lengths4[random.Next(Lengths4.Length)]}";

    private static AddressRules Of(string rules) => AddressRules.Read(rules.Split(';', StringSplitOptions.RemoveEmptyEntries).Select((rule, at) => rule.Split('=', 2) is [var name, var value] ? new ConfigSetting(name, value, new Place("acl.conf", at + 1), IsInherited: false) : throw new FormatException(rule)));
}
