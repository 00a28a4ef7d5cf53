using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Pbx;
using Ringfence.Tests.Pbx;
using Xunit;

namespace Ringfence.Tests.Configuration;

public sealed class FirstConfigTests
{
    [Fact]
    public void What_is_written_is_read_without_a_mistake_and_names_what_was_found()
    {
        var survey = Survey("/opt/ast;erisk/etc") with
        {
            AsteriskVersion = "22.10.1",
            Own = [("eth0", Address.Parse("192.0.2.10")!.Value, Network.Parse("192.0.2.0/24")!.Value)],
            SshPeers = [Address.Parse("198.51.100.7")!.Value],
        };

        var text = FirstConfig.Text(survey);

        var reading = ConfigReader.Parse("ringfence.conf", text);
        Assert.Empty(reading.Mistakes);
        Assert.Equal(RingfenceConfig.Default with { AsteriskDirectory = "/opt/ast;erisk/etc" }, reading.Config);
        Assert.Contains(";address = 192.0.2.0/24\n", text, StringComparison.Ordinal);
        Assert.Contains("203.0.113.10: trunk itsp in pjsip.conf:3\n", text, StringComparison.Ordinal);
        Assert.Contains(";log = /var/log/asterisk/security_json\n", text, StringComparison.Ordinal);
        Assert.Contains("now 198.51.100.7\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_taken_out_of_its_comment_is_right()
    {
        var survey = Survey("/etc/asterisk") with { Own = [("eth0", Address.Parse("192.0.2.10")!.Value, Network.Parse("192.0.2.0/24")!.Value)] };

        var text = string.Join('\n', FirstConfig.Text(survey).Split('\n').Select(line => line.StartsWith(';') && !line.StartsWith("; ", StringComparison.Ordinal) ? line[1..] : line));

        var reading = ConfigReader.Parse("ringfence.conf", text);
        Assert.Empty(reading.Mistakes);
        Assert.Equal([Network.Parse("192.0.2.0/24")!.Value], reading.Config!.Trust.Networks);
    }

    [Fact]
    public void Names_out_of_a_hostile_configuration_do_not_become_keys()
    {
        var files = new MemoryFiles().With("/c/pjsip.conf", "[x\u001b]0;a\u0085preset = observe]\ntype=identify\nmatch=203.0.113.10\n").With("/c/logger.conf", "[logfiles]\n/tmp/\u2028a\u0085b => security\n");
        var survey = Survey("/c") with { Trunks = Trunks.Read("/c", files), Logs = LoggerConf.Read("/c", files, "h") };

        var text = FirstConfig.Text(survey);

        Assert.Empty(ConfigReader.Parse("r", text).Mistakes);
        Assert.DoesNotContain(text, c => char.IsControl(c) && c != '\n');
        Assert.All(FirstConfig.Advice(survey), advice => Assert.DoesNotContain(advice, char.IsControl));
    }

    [Theory]
    [InlineData("sip:sip.provider.example", true)]
    [InlineData("sips:1001@sip.provider.example;transport=tls", true)]
    [InlineData("sip:sip.provider.example:5060", false)]
    [InlineData("sip:203.0.113.10", false)]
    public void A_trunk_whose_SRV_records_asterisk_follows_is_named(string uri, bool isNamed)
    {
        var survey = Survey("/c") with { Trunks = Trunks.Read("/c", new MemoryFiles().With("/c/pjsip.conf", $"[itsp]\ntype=registration\nserver_uri={uri}\n")) };

        var advice = FirstConfig.Advice(survey);

        Assert.Equal(isNamed, advice.Count == 1 && advice[0].StartsWith("trunk itsp in pjsip.conf:3 names sip.provider.example without a port", StringComparison.Ordinal));
    }

    [Fact]
    public void A_control_socket_that_is_closed_to_the_service_is_advised_upon()
    {
        var closed = Survey("/c") with { Control = new ControlSocket("/run/asterisk/asterisk.ctl", null) };
        var open = Survey("/c") with { Control = new ControlSocket("/run/asterisk/asterisk.ctl", 0x1b0) };

        Assert.Contains("astctlpermissions = 0660", Assert.Single(FirstConfig.Advice(closed)), StringComparison.Ordinal);
        Assert.Empty(FirstConfig.Advice(open));
    }

    [Fact]
    public void The_advice_names_what_is_missing()
    {
        var nothing = new MachineSurvey
        {
            AsteriskDirectory = "/c",
            HasAsterisk = false,
            Logs = LoggerConf.Read("/c", new MemoryFiles(), "h"),
            Trunks = Trunks.Read("/c", new MemoryFiles()),
            Fail2banJails = ["asterisk"],
        };

        var advice = FirstConfig.Advice(nothing);

        Assert.Equal(3, advice.Count);
        Assert.StartsWith("there is no Asterisk configuration in /c", advice[0], StringComparison.Ordinal);
        Assert.StartsWith("nft is not installed", advice[1], StringComparison.Ordinal);
        Assert.StartsWith("fail2ban also guards Asterisk (jail asterisk)", advice[2], StringComparison.Ordinal);
        Assert.Empty(FirstConfig.Advice(Survey("/c")));
    }

    internal static MachineSurvey Survey(string directory)
    {
        var files = new MemoryFiles()
            .With($"{directory}/pjsip.conf", "[itsp]\ntype=identify\nmatch=203.0.113.10\n")
            .With($"{directory}/logger.conf", "[general]\ndateformat=%F %T\n[logfiles]\nsecurity_json => [json]security\nnotice => notice\n");
        return new MachineSurvey
        {
            AsteriskDirectory = directory,
            HasAsterisk = true,
            Logs = LoggerConf.Read(directory, files, "h"),
            Trunks = Trunks.Read(directory, files),
            Nft = "nftables v1.0.6 (Lester Gooch #5)",
        };
    }
}
