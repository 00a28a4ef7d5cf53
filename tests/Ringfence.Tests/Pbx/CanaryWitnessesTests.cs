using System.Net;
using Ringfence.Core.Configuration;
using Ringfence.Core.Pbx;
using Xunit;

namespace Ringfence.Tests.Pbx;

/// <summary>Which sources must tell of a request from this machine, by the PBX's configuration.</summary>
public sealed class CanaryWitnessesTests
{
    private static readonly IPEndPoint Pbx = IPEndPoint.Parse("127.0.0.1:5060");

    [Theory]
    [InlineData("[json]security", "ip,username", true)]
    [InlineData("security", "ip,username,auth_username", true)]
    [InlineData("notice", "ip,username", true)]
    [InlineData("notice", "ip,username,auth_username", false)]
    [InlineData("*", "ip,username", true)]
    [InlineData("warning,error", "ip,username", false)]
    public void A_log_must_tell_if_its_levels_do(string levels, string order, bool mustTell)
    {
        var files = new MemoryFiles()
            .With("/etc/asterisk/logger.conf", $"[logfiles]\nattacks => {levels}\n")
            .With("/etc/asterisk/pjsip.conf", $"[global]\ntype=global\nendpoint_identifier_order={order}\n");

        Assert.Equal(mustTell ? ["/var/log/asterisk/attacks"] : [], Read(files, RingfenceConfig.Default, "/var/log/asterisk/attacks").Logs);
        Assert.Equal(mustTell ? ["/srv/pbx/log/attacks"] : [], Read(files, RingfenceConfig.Default, "/srv/pbx/log/attacks").Logs);
    }

    [Fact]
    public void A_log_that_logger_conf_does_not_name_need_not_tell()
    {
        var files = new MemoryFiles().With("/etc/asterisk/logger.conf", "[logfiles]\nsecurity => security\n");

        Assert.Empty(Read(files, RingfenceConfig.Default, "/var/log/auth.log").Logs);
    }

    [Theory]
    [InlineData("127.0.0.1:9060", "yes", "", true)]
    [InlineData("192.0.2.5:9060", "yes", "", false)]
    [InlineData("127.0.0.1:9061", "yes", "", false)]
    [InlineData("127.0.0.1:9060", "no", "", false)]
    [InlineData("127.0.0.1:9060", "yes", "noload = res_hep_pjsip.so", false)]
    public void Hep_must_tell_if_Asterisk_sends_it_here(string capture, string enabled, string modules, bool mustTell)
    {
        var files = new MemoryFiles()
            .With("/etc/asterisk/asterisk.conf", "[directories]\nastmoddir => /modules\n")
            .With("/modules/res_hep_pjsip.so", "")
            .With("/etc/asterisk/modules.conf", $"[modules]\nautoload = yes\n{modules}\n")
            .With("/etc/asterisk/hep.conf", $"[general]\nenabled = {enabled}\ncapture_address = {capture}\n");

        Assert.Equal(mustTell, Read(files, RingfenceConfig.Default with { Hep = new HepSettings { Listen = IPEndPoint.Parse("127.0.0.1:9060") } }).Hep);
    }

    [Theory]
    [InlineData("lo", true)]
    [InlineData("eth0", false)]
    [InlineData(null, true)]
    public void The_wire_must_tell_if_it_reads_loopback(string? link, bool mustTell)
    {
        var wire = link is null ? new WireSettings { IsAll = true } : new WireSettings { Interfaces = [link] };

        Assert.Equal(mustTell, Read(new MemoryFiles(), RingfenceConfig.Default with { Wire = wire }).Wire);
    }

    [Theory]
    [InlineData("127.0.0.1:5038", true)]
    [InlineData("192.0.2.5:5038", false)]
    public void The_manager_interface_must_tell_if_it_is_this_machines(string manager, bool mustTell) =>
        Assert.Equal(mustTell, Read(new MemoryFiles(), RingfenceConfig.Default with { Ami = new AmiSettings { User = "u", Manager = IPEndPoint.Parse(manager) } }).Ami);

    [Theory]
    [InlineData("[t]\ntype=transport\nprotocol=udp\nbind=0.0.0.0\n", "127.0.0.1:5060")]
    [InlineData("[t]\ntype=transport\nbind=0.0.0.0:5070\n", "127.0.0.1:5070")]
    [InlineData("[t]\ntype=transport\nprotocol=tcp\nbind=0.0.0.0:5070\n[u]\ntype=transport\nprotocol=udp\nbind=192.0.2.5:5080\n", "192.0.2.5:5080")]
    [InlineData("[t]\ntype=transport\nprotocol=udp\nbind=[::]:5060\n", "[::1]:5060")]
    [InlineData("[t]\ntype=transport\nprotocol=udp\nbind=::\n", "[::1]:5060")]
    [InlineData("[t]\ntype=transport\nprotocol=tls\nbind=0.0.0.0:5061\n", null)]
    [InlineData("[t]\ntype=transport\nprotocol=udp\nbind=pbx.example.com\n", null)]
    public void The_first_transport_over_udp_is_asked(string pjsip, string? found) =>
        Assert.Equal(found, UdpTransport.Find("/etc/asterisk", new MemoryFiles().With("/etc/asterisk/pjsip.conf", pjsip))?.ToString());

    private static CanaryWitnesses Read(MemoryFiles files, RingfenceConfig config, params string[] watched) => CanaryWitnesses.Read(config, watched, Pbx, files, "pbx");
}
