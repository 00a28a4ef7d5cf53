using System.Net;
using Ringfence.Core.Events;
using Ringfence.Core.Firewall;
using Xunit;

namespace Ringfence.Tests.Events;

public sealed class AddressTests
{
    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("0.0.0.0", "0.0.0.0")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8:0:0::7", "2001:db8::7")]
    [InlineData("::1", "::1")]
    public void An_address_is_read_as_it_is_written(string text, string expected) =>
        Assert.Equal(expected, Address.Parse(text)?.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.4.5")]
    [InlineData("1.2.3.256")]
    [InlineData("01.2.3.4")]
    [InlineData("1.2.3.4 ")]
    [InlineData("1.2.3.4:5060")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[::1]")]
    [InlineData("example.com")]
    [InlineData("1234")]
    [InlineData("0x7f.1.1.1")]
    public void Anything_else_is_no_address(string text) => Assert.Null(Address.Parse(text));

    [Fact]
    public void Bytes_and_text_agree_for_many_addresses()
    {
        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            var bytes = new byte[i % 2 == 0 ? 4 : 16];
            random.NextBytes(bytes);
            var expected = new IPAddress(bytes);

            var address = Address.Parse(expected.ToString());

            Assert.Equal(expected, address?.ToIPAddress());
            Assert.Equal(bytes, address?.ToBytes());
        }
    }

    [Fact]
    public void A_ban_covers_one_IPv4_address_and_a_whole_IPv6_64()
    {
        Assert.Equal("192.0.2.7", Address.Parse("192.0.2.7")!.Value.Subject.ToString());
        Assert.Equal("2001:db8:1:2::/64", Address.Parse("2001:db8:1:2:3:4:5:6")!.Value.Subject.ToString());
    }

    [Theory]
    [InlineData("64:ff9b::c000:207", "64:ff9b::c000:207")]
    [InlineData("64:ff9b:0:0:0:1::1", "64:ff9b::/64")]
    [InlineData("64:ff9b:1:2:3:4:5:6", "64:ff9b:1:2:3:4:5:6")]
    [InlineData("64:ff9b:2::1", "64:ff9b:2::/64")]
    [InlineData("2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:0:4136:e378:8000:63bf:3fff:fdd2")]
    [InlineData("2001:1:4136:e378::1", "2001:1:4136:e378::/64")]
    [InlineData("2002:c000:207:1::1", "2002:c000:207:1::/64")]
    public void Where_IPv4_stands_in_the_last_64_bits_a_ban_covers_one_address(string address, string subject)
    {
        var covered = Address.Parse(address)!.Value.Subject;

        Assert.Equal(Network.Parse(subject), covered);
        Assert.Equal(covered.PrefixLength == 64 ? BanSet.Hosts6 : BanSet.Networks6, BanSets.For(covered));
    }

    [Theory]
    [InlineData("192.0.2.0/24", "192.0.2.255", true)]
    [InlineData("192.0.2.0/24", "192.0.3.0", false)]
    [InlineData("0.0.0.0/0", "203.0.113.1", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("::/0", "2001:db8::1", true)]
    [InlineData("::/0", "192.0.2.1", false)]
    [InlineData("2001:db8::/32", "2001:db8:ffff::1", true)]
    public void A_network_holds_its_own_addresses_and_no_others(string network, string address, bool holds) =>
        Assert.Equal(holds, Network.Parse(network)!.Value.Contains(Address.Parse(address)!.Value));

    [Theory]
    [InlineData("192.0.2.7/24")]
    [InlineData("192.0.2.0/33")]
    [InlineData("192.0.2.0/")]
    [InlineData("192.0.2.0/ 8")]
    [InlineData("2001:db8::/129")]
    public void A_network_with_a_mistake_is_refused(string text) => Assert.Null(Network.Parse(text));
}
