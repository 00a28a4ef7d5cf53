using Ringfence.Core.Events;
using Ringfence.Core.Pbx;
using Xunit;

namespace Ringfence.Tests.Audit;

/// <summary>Lists of addresses as Asterisk applies them (main/acl.c).</summary>
public sealed class AddressRulesTests
{
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

    private static AddressRules Of(string rules) => AddressRules.Read(rules.Split(';').Select((rule, at) => rule.Split('=', 2) is [var name, var value] ? new ConfigSetting(name, value, new Place("acl.conf", at + 1), IsInherited: false) : throw new FormatException(rule)));
}
