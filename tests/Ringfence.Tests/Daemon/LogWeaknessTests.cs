using System.Net;
using Ringfence.Core.Configuration;
using Ringfence.Daemon;
using Ringfence.Tests.Pbx;
using Xunit;

namespace Ringfence.Tests.Daemon;

/// <summary>A guard that is well and sees little says so.</summary>
public sealed class LogWeaknessTests
{
    private static readonly RingfenceConfig Plain = RingfenceConfig.Default with { AsteriskDirectory = "/etc/asterisk" };

    [Theory]
    [InlineData("messages.log => notice,warning,error", "messages.log", true)]
    [InlineData("messages.log => notice,warning,error\nsecurity_json => [json]security", "messages.log security_json", false)]
    [InlineData("notice => notice", "notice", false)]
    [InlineData("other => notice", "messages.log", false)]
    public void The_default_log_alone_is_weak_and_a_better_one_beside_it_is_not(string logger, string watched, bool isWeak) =>
        Assert.Equal(isWeak, LogWeakness.Of(Plain, [.. watched.Split(' ').Select(log => $"/var/log/asterisk/{log}")], Files(logger)) is not null);

    [Fact]
    public void Whoever_sees_the_messages_is_not_weak_for_his_logs() =>
        Assert.Null(LogWeakness.Of(
            Plain with { Hep = new HepSettings { Listen = new IPEndPoint(IPAddress.Loopback, 9060) } }, ["/var/log/asterisk/messages.log"], Files("messages.log => notice,warning,error")));

    private static MemoryFiles Files(string logger) => new MemoryFiles().With("/etc/asterisk/logger.conf", $"[logfiles]\n{logger}\n");
}
