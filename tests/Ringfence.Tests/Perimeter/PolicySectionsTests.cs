using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Host;
using Ringfence.Core.Pbx;
using Ringfence.Core.Perimeter;
using Ringfence.Tests.Pbx;
using Xunit;

namespace Ringfence.Tests.Perimeter;

public sealed class PolicySectionsTests
{
    [Fact]
    public void Zones_and_services_are_read_with_their_comments()
    {
        var settings = Read("""
            [zone admin]
            network = 203.0.113.9, 2001:db8::/64   ; the accountant's desk
            interface = wg0
            name = Office.Example.com
            [service sip]
            open = phones
            [service cockpit]
            ports = 9090/tcp, 9091-9095/udp
            open = admin
            closed = trunks
            """);

        var zone = Assert.Single(settings.Zones);
        Assert.Equal(("admin", "wg0", "office.example.com"), (zone.Name, Assert.Single(zone.Interfaces), Assert.Single(zone.Names)));
        Assert.Equal([("203.0.113.9", "the accountant's desk"), ("2001:db8::/64", "the accountant's desk")], zone.Networks.Select(noted => (noted.Network.ToString(), noted.Note)));
        Assert.Equal(["9090/tcp", "9091-9095/udp"], settings.Services[1].Ports!.Select(port => port.ToString()));
        Assert.Null(settings.Services[0].Ports);
        Assert.Equal(["phones"], settings.Services[0].Open!);
    }

    [Theory]
    [InlineData("[zone a]\nnetwork = 0.0.0.0/0", "network is \"0.0.0.0/0\": expected a network of /4 (IPv6: /8) or smaller: who means everybody opens a service to world")]
    [InlineData("[zone a]\nnetwork = 192.0.2.7/24", "expected 192.0.2.0/24, or the one address 192.0.2.7: 192.0.2.7/24 has bits set behind its prefix")]
    [InlineData("[zone a]\nnetwork = pbx.example.com", "name = pbx.example.com")]
    [InlineData("[zone a]\ninterface = lo", "loopback always passes")]
    [InlineData("[zone a]\ninterface = \"eth0\\\" accept", "the name of an interface")]
    [InlineData("[zone world]\nnetwork = 192.0.2.0/24", "it is everybody")]
    [InlineData("[zone]\nnetwork = 192.0.2.0/24", "has no name that can be one")]
    [InlineData("[zone a b]\nnetwork = 192.0.2.0/24", "has no name that can be one")]
    [InlineData("[zone a]\nnetwork = 192.0.2.1\n[zone a]\nnetwork = 192.0.2.2", "is there twice")]
    [InlineData("[service sip]\nopen = phnoes", "names the zone phnoes, which is not there: did you mean phones?")]
    [InlineData("[service sip]\nports = 5060", "expected a port and its protocol such as 5060/udp")]
    [InlineData("[service sip]\nports = 5060/udp, 5060/udp", "expected each port once")]
    [InlineData("[service x]\nopen = phones", "has no ports")]
    [InlineData("[service x]\nports = 80/tcp", "is open to nobody: expected open =")]
    [InlineData("[service x]\nports = 80-90/tcp\nopen = admin\n[service y]\nports = 90/tcp\nopen = admin", "[service y] has 90/tcp, and so has [service x]: expected each port at one service")]
    public void A_mistake_is_told_with_its_cure(string text, string told) =>
        Assert.Contains(told, Assert.Single(ConfigReader.Parse("r", text + "\n").Mistakes).ToString(), StringComparison.Ordinal);

    [Fact]
    public void A_port_that_a_section_has_is_not_a_default_services_too()
    {
        var policy = Build("[service proxy]\nports = 443/tcp, 5060/udp\nopen = world\n");

        Assert.Equal("proxy", policy.ServiceAt(PortProtocol.Tcp, 443)?.Name);
        Assert.Equal("proxy", policy.ServiceAt(PortProtocol.Udp, 5060)?.Name);
        Assert.Equal("sip", policy.ServiceAt(PortProtocol.Tcp, 5060)?.Name);
        Assert.Equal("web", policy.ServiceAt(PortProtocol.Tcp, 80)?.Name);
        var ports = policy.Services.SelectMany(service => service.Ports).ToList();
        Assert.All(ports.Index(), one => Assert.DoesNotContain(ports.Skip(one.Index + 1), one.Item.Overlaps));
    }

    [Theory]
    [InlineData("10.1.1.1", "eth0", 9999, true)] // trusted
    [InlineData("198.51.100.1", "eth0", 5061, true)] // phones
    [InlineData("198.51.100.7", "eth0", 5061, false)] // closed
    [InlineData("198.51.100.7", "eth0", 84, true)] // closed to sips alone
    [InlineData("203.0.113.1", "eth0", 5061, false)]
    [InlineData("203.0.113.1", "wg0", 5061, true)]
    [InlineData("203.0.113.1", "wg0", 22, false)]
    public void Who_is_in_a_zone_that_a_service_is_open_to_and_in_none_that_it_is_closed_to_passes(string source, string link, int port, bool passes)
    {
        var policy = Build("""
            [zone trusted]
            network = 10.0.0.0/8
            [zone phones]
            network = 198.51.100.0/24
            interface = wg0
            [zone lobby]
            network = 198.51.100.4/30
            [service sips]
            closed = lobby

            """);

        Assert.Equal(passes, policy.Passes(new Arrival(Address.Parse(source)!.Value, link, PortProtocol.Tcp, (ushort)port)));
    }

    [Fact]
    public void Ports_are_where_asterisk_says_it_listens()
    {
        var files = new MemoryFiles()
            .With("/c/asterisk.conf", "[directories]\n")
            .With("/c/pjsip.conf", "[t]\ntype = transport\nprotocol = udp\nbind = 0.0.0.0:5080\n[s]\ntype = transport\nprotocol = tls\nbind = 0.0.0.0:5443\n[w]\ntype = transport\nprotocol = wss\nbind = 0.0.0.0\n")
            .With("/c/http.conf", "[general]\nenabled = yes\ntlsenable = yes\ntlsbindaddr = 0.0.0.0:8443\n")
            .With("/c/rtp.conf", "[general]\nrtpstart = 12000\nrtpend = 13000\n");

        var ports = AsteriskPorts.Read("/c", files, [2222]);

        Assert.Equal([5080], ports.Sip);
        Assert.Equal([5443], ports.Sips);
        Assert.Equal([8443], ports.Wss);
        Assert.Equal((12000, 13000), ports.Rtp);
        Assert.Equal([2222], ports.Ssh);
        Assert.Equal((5000, 31000), AsteriskPorts.Read("/d", new MemoryFiles().With("/d/asterisk.conf", ""), [22]).Rtp);
        Assert.Equal(MachinePorts.Usual.Rtp, AsteriskPorts.Read("/none", new MemoryFiles(), [22]).Rtp);
    }

    [Fact]
    public void What_an_operator_wrote_behind_a_network_ends_no_string_of_any_output()
    {
        var policy = Build("[zone phones]\nnetwork = 192.0.2.0/24 ; it's \"$(reboot)\" `x` \\ {;} Zoë, and more than a hundred and twenty characters of it, which neither nft nor ufw nor ipset would take whole\n");

        Assert.Contains("add element inet ringfence_policy g1_zone_phones4 { 192.0.2.0/24 comment \"it's ?$(reboot)? `x` ? {;} Zo?, and", PolicyScripts.Load(policy), StringComparison.Ordinal);
        Assert.All(PolicyScripts.Load(policy).Split('\n'), line => Assert.True(line.Count(c => c == '"') % 2 == 0 && line.Length < 300, line));
        Assert.Contains("ufw allow proto tcp from 192.0.2.0/24 to any port 5060 comment 'sip: phones, it s  $(reboot)  `x` ? {;} Zo?", UfwPolicy.Build(policy), StringComparison.Ordinal);
        Assert.All(UfwPolicy.Build(policy).Split('\n'), line => Assert.True(line.StartsWith('#') || line.Count(c => c == '\'') % 2 == 0, line));
    }

    [Fact]
    public void What_init_proposes_holds_nothing_until_its_semicolons_go_and_is_right_then()
    {
        var survey = new MachineSurvey
        {
            AsteriskDirectory = "/etc/asterisk",
            HasAsterisk = true,
            Logs = LoggerConf.Read("/etc/asterisk", new MemoryFiles(), "h"),
            Trunks = new TrunkReading([], []),
            Own = [("eth0", Address.Parse("192.168.1.2")!.Value, Network.Parse("192.168.1.0/24")!.Value), ("eth1", Address.Parse("203.0.113.2")!.Value, Network.Parse("203.0.113.0/24")!.Value)],
            SshPeers = [Address.Parse("198.51.100.7")!.Value],
            Phones = [(Address.Parse("192.168.1.50")!.Value, "registered contact of 1001"), (Address.Parse("198.51.100.50")!.Value, "registered contact of 10;02\n[zone trusted]")],
            Listening = [new ListeningSocket("tcp", System.Net.IPAddress.Any, false, 5060, "asterisk", default), new ListeningSocket("tcp", System.Net.IPAddress.Any, false, 9090, "cockpit-ws", default), new ListeningSocket("tcp", System.Net.IPAddress.Loopback, false, 3306, "mariadbd", default)],
        };

        var text = FirstConfig.Text(survey);

        Assert.False(ConfigReader.Parse("r", text).Config!.Perimeter.IsGiven);
        var proposed = ConfigReader.Parse("r", string.Join('\n', text.Split('\n').Select(line => line.StartsWith(';') && !line.StartsWith("; ", StringComparison.Ordinal) ? line[1..] : line)));
        Assert.Empty(proposed.Mistakes);
        var zones = proposed.Config!.Perimeter.Zones;
        Assert.Equal(["admin", "phones"], zones.Select(zone => zone.Name));
        Assert.Equal(["198.51.100.7"], zones[0].Networks.Select(noted => noted.Network.ToString()));
        Assert.Equal(["192.168.1.0/24", "198.51.100.50"], zones[1].Networks.Select(noted => noted.Network.ToString()));
        Assert.Equal(("cockpit-ws", "9090/tcp"), (Assert.Single(proposed.Config.Perimeter.Services).Name, Assert.Single(proposed.Config.Perimeter.Services[0].Ports!).ToString()));
    }

    private static PerimeterSettings Read(string text)
    {
        var reading = ConfigReader.Parse("r", text + "\n");
        Assert.Empty(reading.Mistakes);
        return reading.Config!.Perimeter;
    }

    private static Policy Build(string text) => PolicyBuilder.Build(Read(text), MachinePorts.Usual, static _ => []);
}
