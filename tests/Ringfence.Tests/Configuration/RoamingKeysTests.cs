using Ringfence.Core.Configuration;
using Ringfence.Core.Knock;
using Ringfence.Core.Perimeter;
using Xunit;

namespace Ringfence.Tests.Configuration;

public sealed class RoamingKeysTests
{
    private const string Secret = "dGVzdC1zZWNyZXQtdGVzdC1zZWNyZXQtdGVzdC0wMDE";

    [Fact]
    public void Users_and_how_long_the_door_is_open_are_read()
    {
        var reading = ConfigReader.Parse("r", $"[roaming]\nknock_port = 40000\nwindow = 30s\nopen = 1d\n[knock anna]\nsecret = {Secret}\n[knock ben]\nsecret = {Secret}\n");

        Assert.Empty(reading.Mistakes);
        var roaming = reading.Config!.Roaming;
        Assert.Equal((40_000, TimeSpan.FromSeconds(30), TimeSpan.FromDays(1)), (roaming.Port, roaming.Window, roaming.Open));
        Assert.Equal(["anna", "ben"], roaming.Users.Select(static user => user.Name));
        Assert.All(roaming.Users, static user => Assert.Equal((user.Name, Secret), (user.Key!.User, user.Key.SecretText)));
    }

    [Fact]
    public void The_page_its_passwords_ports_in_order_and_zones_are_read()
    {
        var reading = ConfigReader.Parse("r", $"""
            [zone lab]
            network = 192.0.2.0/24
            [roaming]
            zone = phones, lab
            sequence = 7000/tcp, 9000/udp, 8000/tcp
            sequence_step = 5s
            [page]
            listen = [::]:8443
            certificate = /etc/page.pem
            [knock anna]
            password = pbkdf2-sha256:100000:dGVzdC1zYWx0LXRlc3QtMQ:dGVzdC1oYXNoLXRlc3QtaGFzaC10ZXN0LWhhc2gtMDE
            """);

        Assert.Empty(reading.Mistakes);
        var roaming = reading.Config!.Roaming;
        Assert.Equal(["phones", "lab"], reading.Config.Perimeter.RoamingZones);
        Assert.Equal(("7000/tcp 9000/udp 8000/tcp", TimeSpan.FromHours(8), TimeSpan.FromSeconds(5)), (string.Join(' ', roaming.Sequence!.Ports), roaming.Sequence.Open, roaming.Sequence.Step));
        Assert.Equal(("[::]:8443", "/etc/page.pem"), (roaming.Page.Listen!.ToString(), roaming.Page.Certificate));
        Assert.NotNull(Assert.Single(roaming.Users).Password);
    }

    [Fact]
    public void A_port_in_order_that_is_a_service_s_on_this_machine_is_said()
    {
        var sequence = new KnockSequence([.. "7000/tcp 9000/udp 8000/tcp".Split(' ').Select(static port => PortRange.Parse(port)!.Value)], TimeSpan.FromHours(1), TimeSpan.FromSeconds(10));

        Assert.Equal(
            ["[roaming] sequence has 9000/udp, which is the service rtp's on this machine (5000-31000/udp), so it is no step and nobody opens a door by it: take a port of no service"],
            sequence.Problems([new Service("ssh", [PortRange.Parse("22/tcp")!.Value], [], []), new Service("rtp", [PortRange.Parse("5000-31000/udp")!.Value], [], [])]));
        Assert.Empty(sequence.Problems([new Service("rtp", [PortRange.Parse("10000-20000/udp")!.Value], [], [])]));
    }

    [Theory]
    [InlineData("[service web]\nport = 8443/tcp", "port is no key of [service NAME]: did you mean ports?")]
    [InlineData("[knock anna]\nsecert = x", "secert is no key of [knock NAME]: did you mean secret?")]
    [InlineData("[page]\nfirst_ban = 1h", "first_ban is no key of [page]: it belongs to [bans]")]
    [InlineData("[knock anna]\nsecret = test-password", "ringfence knock --new NAME")]
    [InlineData("[knock]\nsecret = " + Secret, "such as [knock anna]")]
    [InlineData("[knock anna]\n", "has neither secret nor password")]
    [InlineData("[knock anna]\nsecret = " + Secret + "\n[knock anna]\nsecret = " + Secret, "twice")]
    [InlineData("[roaming]\nknock_port = 0", "from 1 to 65535")]
    [InlineData("[roaming]\nopen = 1m", "from 10m to 30d")]
    [InlineData("[roaming]\nwindow = 1h", "from 10s to 10m")]
    [InlineData("[roaming]\nsequence = 7000", "a port and its protocol such as 7000/tcp")]
    [InlineData("[roaming]\nsequence = 7000/tcp, 8000/tcp, 9000/tcp", "neither only rise nor only fall")]
    [InlineData("[roaming]\nsequence = 7000/tcp, 12000/udp, 9000/tcp", "12000/udp, which is the service rtp's")]
    [InlineData("[roaming]\nsequence = 7000/tcp, 9000/udp, 8000/tcp\n[service mine]\nports = 8000-8010/tcp\nopen = world", "8000/tcp, which is the service mine's")]
    [InlineData("[roaming]\nzone = trusted", "a zone such as phones")]
    [InlineData("[roaming]\nzone = phnes", "did you mean phones?")]
    [InlineData("[knock anna]\npassword = test-password", "never a password itself")]
    [InlineData("[page]\nlisten = 0.0.0.0:8443", "neither certificate nor proxy")]
    [InlineData("[page]\nlisten = 0.0.0.0:8443\ncertificate = /etc/x.pem", "nobody has a password")]
    [InlineData("[page]\ncertificate_key = /etc/x.pem", "without certificate")]
    [InlineData("[page]\nlisten = 8443", "an address and a port")]
    [InlineData("[page]\nproxy = web", "an address such as 127.0.0.1")]
    public void A_mistake_says_what_was_expected_and_shows_no_secret(string text, string expected)
    {
        var mistakes = string.Join('\n', ConfigReader.Parse("r", text + "\n").Mistakes);

        Assert.Contains(expected, mistakes, StringComparison.Ordinal);
        Assert.DoesNotContain("test-password", mistakes, StringComparison.Ordinal);
    }
}
