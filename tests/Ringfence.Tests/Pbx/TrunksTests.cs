using Ringfence.Core.Pbx;
using Xunit;

namespace Ringfence.Tests.Pbx;

public sealed class TrunksTests
{
    [Fact]
    public void An_identify_names_addresses_networks_and_names_in_every_form()
    {
        var hosts = Read("pjsip.conf", """
            [itsp]
            type=identify
            endpoint=itsp
            match=203.0.113.10
            match=198.51.100.0/24, 10.1.2.3/255.0.0.0
            match=192.168.10.0:5061/24
            match=[2001:db8::5]:5060, 2001:db8:7::/48
            match=SIP.example.com,!192.0.2.9
            """);

        Assert.Equal(["203.0.113.10", "198.51.100.0/24", "10.0.0.0/8", "192.168.10.0/24", "2001:db8::5", "2001:db8:7::/48", "sip.example.com"], Texts(hosts));
        Assert.Equal("trunk itsp in pjsip.conf:5", hosts[2].Origin);
    }

    [Fact]
    public void Contacts_registrations_and_proxies_name_their_hosts()
    {
        var hosts = Read("pjsip.conf", """
            [t](!)
            type=registration
            outbound_proxy=sip:proxy.example.net\;lr
            [itsp](t)
            server_uri=sips:sip.example.com:5061
            client_uri=sip:4930123@example.org
            [itsp]
            type=aor
            contact=sip:trunk@203.0.113.11:5060\;transport=tcp,sip:[2001:db8::9]:5060
            [itsp]
            type=endpoint
            from_domain=from.example.com
            outbound_proxy=<sip:203.0.113.12\;lr>
            [1001]
            type=aor
            max_contacts=1
            [1001]
            type=auth
            username=1001
            password=sip:192.0.2.99
            """);

        Assert.Equal(["sip.example.com", "example.org", "proxy.example.net", "203.0.113.11", "2001:db8::9", "203.0.113.12"], Texts(hosts));
        Assert.Equal("trunk itsp in pjsip.conf:3", hosts[2].Origin);
    }

    [Fact]
    public void The_wizard_and_the_old_channels_name_their_peers()
    {
        var files = new MemoryFiles()
            .With("/c/pjsip_wizard.conf", "[w]\ntype=wizard\nremote_hosts=sip1.example.com:5060,203.0.113.20\nidentify/match=203.0.113.21\nregistration/outbound_proxy=sip:203.0.113.22\n[no]\nremote_hosts=192.0.2.1\n")
            .With("/c/iax.conf", "[general]\nregister => me:sec@ret@iax.example.com:4569\nregister => nothing:secret\n[old]\ntype=friend\nhost=203.0.113.30\n[phone]\ntype=friend\nhost=dynamic\ndefaultip=0.0.0.0\n")
            .With("/c/sip.conf", "[general]\nregister => user:secret@203.0.113.40/1234\n[old]\ntype=peer\nhost=sip.example.net\noutboundproxy=203.0.113.41:5080\n");

        var reading = Trunks.Read("/c", files);

        Assert.Equal(["sip1.example.com", "203.0.113.20", "203.0.113.21", "203.0.113.22", "iax.example.com", "203.0.113.30", "203.0.113.40", "sip.example.net", "203.0.113.41"], Texts(reading.Hosts));
        Assert.DoesNotContain("sec", string.Concat(reading.Hosts.Select(host => host.Origin)) + string.Concat(reading.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.0.0.0/0")]
    [InlineData("0.0.0.0/0.0.0.0")]
    [InlineData("128.0.0.0/7")]
    [InlineData("::/0")]
    [InlineData("2000::/3")]
    [InlineData("10.0.0.0/255.0.255.0")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0")]
    public void A_match_that_is_half_the_world_or_no_address_is_not_trusted_and_said(string match)
    {
        var reading = Trunks.Read("/c", new MemoryFiles().With("/c/pjsip.conf", $"[x]\ntype=identify\nmatch={match}\n"));

        Assert.Empty(reading.Hosts);
        Assert.Contains($"pjsip.conf:3: match of trunk x names \"{match}\", which is not trusted", Assert.Single(reading.Problems).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Phones_and_templates_name_nobody_and_no_files_are_no_error()
    {
        Assert.Empty(Read("pjsip.conf", "[t](!)\ntype=identify\nmatch=192.0.2.1\n[1001]\ntype=endpoint\n[1001]\ntype=aor\n"));
        Assert.Equal(0, Trunks.Read("/c", new MemoryFiles()) is { Hosts.Count: 0, Problems.Count: 0 } ? 0 : 1);
    }

    [Theory]
    [InlineData("sip:a@192.0.2.1:5060;ob", "192.0.2.1")]
    [InlineData("sip:a;x?y:p;@192.0.2.1", "192.0.2.1")]
    [InlineData("SIPS:[2001:db8::1]:5061", "2001:db8::1")]
    [InlineData("\"N\" <sip:h.example.com>", "h.example.com")]
    [InlineData("sip:192.0.2.1?h=v", "192.0.2.1")]
    [InlineData("sip:a@192.0.2.1@192.0.2.2", null)]
    [InlineData("tel:+4930", null)]
    [InlineData("", null)]
    [InlineData("sip:", "")]
    public void The_host_of_a_URI_is_found(string uri, string? host) => Assert.Equal(host, SipHost.OfUri(uri));

    private static IReadOnlyList<TrunkHost> Read(string name, string text)
    {
        var reading = Trunks.Read("/c", new MemoryFiles().With("/c/" + name, text));
        Assert.Empty(reading.Problems);
        return reading.Hosts;
    }

    private static IEnumerable<string?> Texts(IEnumerable<TrunkHost> hosts) => hosts.Select(host => host.Network?.ToString() ?? host.Name);
}
