using Ringfence.Core.Configuration;
using Ringfence.Core.Pbx;
using Xunit;

namespace Ringfence.Tests.Pbx;

public sealed class SipPortsTests
{
    [Theory]
    [InlineData("", "5060", "5061")]
    [InlineData("[a]\ntype=transport\nprotocol=udp\nbind=0.0.0.0:5160\n[b]\ntype=transport\nprotocol=tcp\nbind=[::]:5260\n", "5160,5260", "")]
    [InlineData("[a]\ntype=transport\nprotocol=udp\nbind=::\n[t]\ntype=transport\nprotocol=tls\nbind=0.0.0.0\n", "5060", "5061")]
    [InlineData("[a](!)\ntype=transport\nprotocol=udp\nbind=0.0.0.0:9\n[b](a)\nbind=192.0.2.1:5062\n", "5062", "")]
    [InlineData("[a]\ntype=transport\nbind=0.0.0.0:99999\n[w]\ntype=transport\nprotocol=wss\n", "5060", "8088,8189")]
    public void The_ports_are_those_of_the_transports(string pjsip, string clear, string opaque)
    {
        var files = new MemoryFiles().With("/a/pjsip.conf", pjsip).With("/a/http.conf", "[general]\nenabled=yes\ntlsenable=yes\ntlsbindaddr=0.0.0.0:8189\n");

        var ports = SipPorts.Read("/a", files);

        Assert.Equal((clear, opaque), (string.Join(",", ports.Clear), string.Join(",", ports.Opaque)));
        Assert.Equal([8088], ports.Web);
    }

    [Theory]
    [InlineData("[general]\nenabled=yes\n", "5038")]
    [InlineData("[general]\nenabled=yes\nport=5039\nbindaddr=0.0.0.0\n", "5039")]
    [InlineData("[general]\nenabled=yes\nbindaddr=127.0.0.1\n", "")]
    [InlineData("[general]\nenabled=no\n", "")]
    [InlineData("", "")]
    public void The_manager_interface_is_watched_where_it_can_be_reached_from_elsewhere(string manager, string expected) =>
        Assert.Equal(expected, string.Join(",", SipPorts.Read("/a", new MemoryFiles().With("/a/manager.conf", manager)).Manager));

    [Theory]
    [InlineData("[general]\nenabled=yes\n", "[general]\nenabled=yes\ntlsenable=yes\n", "8089")]
    [InlineData("[general]\npretty=yes\n", "[general]\nenabled=yes\ntlsenable=yes\ntlsbindaddr=[::]:8443\n", "8443")]
    [InlineData("[general]\nenabled=yes\n", "[general]\nenabled=yes\ntlsenable=yes\ntlsbindaddr=127.0.0.1:8089\n", "")]
    [InlineData("[general]\nenabled=no\n", "[general]\nenabled=yes\ntlsenable=yes\n", "")]
    [InlineData("[general]\nenabled=yes\n", "[general]\nenabled=yes\n", "")]
    [InlineData("", "[general]\nenabled=yes\ntlsenable=yes\n", "")]
    public void The_REST_interface_over_HTTPS_is_known_where_it_can_be_reached_from_elsewhere(string ari, string http, string expected) =>
        Assert.Equal(expected, string.Join(",", SipPorts.Read("/a", new MemoryFiles().With("/a/ari.conf", ari).With("/a/http.conf", http)).SecureAri));

    [Fact]
    public void The_old_channel_driver_has_its_own()
    {
        var files = new MemoryFiles().With("/a/sip.conf", "[general]\nbindport=5070\ntcpenable=yes\ntcpbindaddr=0.0.0.0:5080\ntlsenable=yes\n");

        var ports = SipPorts.Read("/a", files);

        Assert.Equal(("5070,5080", "5061"), (string.Join(",", ports.Clear), string.Join(",", ports.Opaque)));
    }

    [Fact]
    public void What_the_operator_names_holds_and_the_rest_is_found()
    {
        var ports = SipPorts.Of(new WireSettings { Ports = [5999] }, "/a", new MemoryFiles().With("/a/pjsip.conf", "[t]\ntype=transport\nprotocol=tls\nbind=0.0.0.0:5963\n"));

        Assert.Equal(("5999", "5963"), (string.Join(",", ports.Clear), string.Join(",", ports.Opaque)));
    }
}
