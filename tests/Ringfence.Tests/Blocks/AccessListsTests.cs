using System.Text;
using Ringfence.Core.Blocks;
using Ringfence.Core.Events;
using Ringfence.Tests.Parsing;
using Ringfence.Tests.Pbx;
using Xunit;

namespace Ringfence.Tests.Blocks;

/// <summary>Whom Asterisk's own access lists refuse.</summary>
public sealed class AccessListsTests
{
    private const string Acl = "[office]\ndeny = 0.0.0.0/0.0.0.0\npermit = 10.81.0.0/24, 10.82.0.0/24\n[shut]\ndeny=203.0.113.0/24\n";
    private const string Pjsip = """
        [phone](!)
        type = endpoint
        acl = office
        [1001](phone)
        [1002](phone)
        [1003]
        type = endpoint
        deny = 203.0.113.0/24
        permit = 203.0.113.5
        [1004]
        type = endpoint
        acl = missing
        [1005]
        type = endpoint
        permit = !203.0.113.5,203.0.113.6
        [1001]
        type = auth
        """;

    [Theory]
    [InlineData("203.0.113.5", "AccountAcl acl.conf:2 0.0.0.0/0 for accounts 1001, 1002 alone", "AccountAcl pjsip.conf:15 203.0.113.5 for account 1005 alone")]
    [InlineData("203.0.113.9", "AccountAcl acl.conf:2 0.0.0.0/0 for accounts 1001, 1002 alone", "AccountAcl pjsip.conf:8 203.0.113.0/24 for account 1003 alone")]
    [InlineData("10.82.0.7")]
    [InlineData("2001:db8::7")]
    public void The_last_rule_that_holds_an_address_decides_and_the_accounts_are_named(string address, params string[] expected) =>
        Assert.Equal(expected, Read(Acl, Pjsip, address));

    [Theory]
    [InlineData("[a]\ntype = acl\nacl = shut\n", "203.0.113.5", "Acl acl.conf:5 203.0.113.0/24 all SIP from there is answered with 403, and no security event tells of it")]
    [InlineData("[a]\ntype=acl\ndeny=0.0.0.0/0\npermit=203.0.113.0/24\n", "198.51.100.7", "Acl pjsip.conf:3 0.0.0.0/0 all SIP from there is answered with 403, and no security event tells of it")]
    [InlineData("[a]\ntype=acl\ndeny=0.0.0.0/0\npermit=203.0.113.0/24\n", "203.0.113.5")]
    public void A_list_of_all_SIP_is_a_block(string pjsip, string address, params string[] expected) => Assert.Equal(expected, Read(Acl, pjsip, address));

    [Fact]
    public void No_configuration_throws()
    {
        var random = new Random(20_261_129);
        byte[][] acls = [Encoding.ASCII.GetBytes(Acl)];
        byte[][] endpoints = [Encoding.ASCII.GetBytes(Pjsip)];
        var told = 0;
        for (var input = 0; input < 5_000; input++)
        {
            var acl = Encoding.Latin1.GetString(DoorSampleTests.Mutated(random, acls));
            told += Read(acl, Encoding.Latin1.GetString(DoorSampleTests.Mutated(random, endpoints)), "203.0.113.5").Count();
        }

        Assert.True(told > 1_000, $"{told} told");
    }

    private static IEnumerable<string> Read(string acl, string pjsip, string address) =>
        AccessLists.Read("/a", new MemoryFiles().With("/a/acl.conf", acl).With("/a/pjsip.conf", pjsip), Network.Parse(address)!.Value)
            .Select(block => $"{block.Kind} {block.Lift[0]} {block.Subject} {block.Why}");
}
