using Ringfence.Core.Events;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Sources;

public sealed class SshPeersTests : IDisposable
{
    private const string Header = "  sl  local_address rem_address   st tx_queue rx_queue\n";

    // 192.168.0.2:22 <- 198.51.100.7:54321
    private const string FromAdministrator = "   1: 0200A8C0:0016 076433C6:D431 01 00000000:00000000\n";

    // 192.168.0.2:22 <- 203.0.113.9:50000
    private const string FromStranger = "   2: 0200A8C0:0016 097100CB:C350 01 00000000:00000000\n";

    private readonly string _directory = Directory.CreateTempSubdirectory("rf-sources-ssh-").FullName;
    private readonly SettableTime _time = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void The_far_end_of_a_session_is_an_administrator_and_a_mere_connection_is_not()
    {
        Table(FromAdministrator + FromStranger);
        Session("12", "UID=0\nSTATE=active\nREMOTE=1\nSERVICE=sshd\nREMOTE_HOST=198.51.100.7\n");

        Assert.Equal(["198.51.100.7"], Peers().Read().Select(address => address.ToString()));
    }

    [Fact]
    public void A_session_without_a_connection_protects_nobody()
    {
        Table(string.Empty);
        Session("12", "STATE=active\nSERVICE=sshd\nREMOTE_HOST=198.51.100.7\n");

        Assert.Empty(Peers().Read());
    }

    [Fact]
    public void A_connection_older_than_the_grace_time_is_a_login()
    {
        Table(FromAdministrator);
        var peers = Peers();

        Assert.Empty(peers.Read());
        _time.Advance(TimeSpan.FromSeconds(149));
        Assert.Empty(peers.Read());
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Single(peers.Read());
    }

    [Fact]
    public void Connecting_again_and_again_is_no_login()
    {
        var peers = Peers();
        for (var port = 0xc350; port < 0xc35a; port++)
        {
            Table($"   2: 0200A8C0:0016 097100CB:{port:X4} 01 0\n");

            Assert.Empty(peers.Read());
            _time.Advance(TimeSpan.FromSeconds(100));
        }
    }

    [Fact]
    public void Without_a_grace_time_age_proves_nothing()
    {
        Settings("LoginGraceTime 0");
        Table(FromStranger);
        var peers = Peers();

        peers.Read();
        _time.Advance(TimeSpan.FromDays(1));

        Assert.Empty(peers.Read());
    }

    [Fact]
    public void Only_sshds_own_port_counts()
    {
        Settings("Port 2222");
        Table(FromAdministrator + "   3: 0200A8C0:08AE 097100CB:C350 01 0\n");
        Session("1", "SERVICE=sshd\nREMOTE_HOST=198.51.100.7\n");
        Session("2", "SERVICE=sshd\nREMOTE_HOST=203.0.113.9\n");

        Assert.Equal(["203.0.113.9"], Peers().Read().Select(address => address.ToString()));
    }

    [Fact]
    public void A_machine_without_any_of_it_has_no_peers() =>
        Assert.Empty(new SshPeers(_time, () => null, _directory + "/a", _directory + "/b", _directory + "/c").Read());

    [Theory]
    [InlineData("", "22")]
    [InlineData("#Port 2222", "22")]
    [InlineData("Port 2222\nport 22", "22,2222")]
    [InlineData("PORT=2022", "2022")]
    [InlineData("Port \"2022\" # why", "2022")]
    [InlineData("ListenAddress 192.0.2.1:2222", "2222")]
    [InlineData("ListenAddress [2001:db8::1]:2222", "2222")]
    [InlineData("ListenAddress 2001:db8::1", "22")]
    [InlineData("ListenAddress 0.0.0.0", "22")]
    [InlineData("Port 0\nPort 99999\nPort x\nPort", "22")]
    public void The_ports_of_sshd_are_read_as_sshd_reads_them(string text, string ports) =>
        Assert.Equal(ports, string.Join(',', SshdSettings.Parse(text.Split('\n')).Ports.Order()));

    [Theory]
    [InlineData("", 120)]
    [InlineData("LoginGraceTime 30", 30)]
    [InlineData("LoginGraceTime 2m\nLoginGraceTime 9", 120)]
    [InlineData("logingracetime 1h30m5", 5405)]
    [InlineData("LoginGraceTime soon", 120)]
    [InlineData("LoginGraceTime 0", null)]
    public void The_grace_time_is_the_first_one_named(string text, int? seconds) =>
        Assert.Equal(seconds, (int?)SshdSettings.Parse(text.Split('\n')).LoginGraceTime?.TotalSeconds);

    [Fact]
    public void The_machine_knows_itself()
    {
        var own = OwnAddresses.Read();

        Assert.Contains(own, network => network.Contains(Address.Parse("127.0.0.53")!.Value));
        Assert.Contains(own, network => network.Contains(Address.Parse("::1")!.Value));
        Assert.DoesNotContain(own, network => network.Contains(Address.Parse("203.0.113.9")!.Value));
    }

    private SshPeers Peers() => new(_time, () => null, _directory, _directory, Path.Combine(_directory, "sessions"));

    private void Table(string lines) => File.WriteAllText(Path.Combine(_directory, "tcp"), Header + lines);

    private void Settings(string text) => File.WriteAllText(Path.Combine(_directory, "sshd_config"), text + "\n");

    private void Session(string name, string text)
    {
        Directory.CreateDirectory(Path.Combine(_directory, "sessions"));
        File.WriteAllText(Path.Combine(_directory, "sessions", name), "# This is private data. Do not parse.\n" + text);
    }

    private sealed class SettableTime : TimeProvider
    {
        private TimeSpan _now = TimeSpan.FromDays(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now.Ticks;

        public void Advance(TimeSpan time) => _now += time;
    }
}
