using System.Net;
using Ringfence.Core.Audit;
using Ringfence.Core.Pbx;
using Ringfence.Tests.Audit;
using Xunit;

namespace Ringfence.Tests.Pbx;

public sealed class ManagerAccountTests
{
    [Fact]
    public void Without_a_manager_conf_there_is_none() => Assert.Null(ManagerAccount.Read("/etc/asterisk", new MemoryFiles()));

    [Fact]
    public void Debian_s_file_takes_the_user_itself()
    {
        var account = Read("[general]\nenabled = no\nport = 5038\nbindaddr = 0.0.0.0\n");

        Assert.Equal(new ManagerAccount("/etc/asterisk/manager.conf", false, new IPEndPoint(IPAddress.Loopback, 5038)), account);
    }

    [Fact]
    public void FreePBX_s_own_file_takes_it_where_there_is_one()
    {
        var files = new MemoryFiles()
            .With("/etc/asterisk/manager.conf", "[general]\nenabled = yes\n#include manager_additional.conf\n#include manager_custom.conf\n")
            .With("/etc/asterisk/manager_custom.conf", "")
            .With("/etc/asterisk/manager_additional.conf", "");

        Assert.Equal("/etc/asterisk/manager_custom.conf", ManagerAccount.Read("/etc/asterisk", files)!.File);
    }

    [Theory]
    [InlineData("read = security", true)]
    [InlineData("read = system, security", true)]
    [InlineData("read = all", true)]
    [InlineData("read = call,cdr", false)]
    [InlineData("write = security", false)]
    public void A_user_that_is_there_is_found_with_its_secret_and_its_rights(string right, bool hears)
    {
        var account = Read($"[general]\nenabled = yes\nbindaddr = 10.0.0.1\nport = 5039\n[ringfence]\nsecret = s3cret\n{right}\n")!;

        Assert.Equal((true, "s3cret", hears), (account.Exists, account.Secret, account.HearsSecurity));
        Assert.Equal(new IPEndPoint(IPAddress.Parse("10.0.0.1"), 5039), account.Address);
    }

    [Fact]
    public void The_section_that_is_written_may_hear_security_events_and_calls_and_end_calls_and_no_rule_scolds_it()
    {
        var account = Read("[general]\nenabled = yes\n" + string.Join('\n', ManagerAccount.Section("s3cret", IPAddress.Loopback)) + "\n")!;

        Assert.Equal((true, "s3cret", true, true), (account.Exists, account.Secret, account.HearsSecurity, account.MayBrake));
        var audited = ExampleFiles.Of("[general]\nenabled = yes\nbindaddr = 127.0.0.1\n" + string.Join('\n', ManagerAccount.Section("k7Rq2ZtLw9Xc4Vb8Nm1Pd6Sf3Hg5Jy0T", IPAddress.Loopback)), "manager.conf").Pbx;
        Assert.Empty(AuditRules.All.Where(static rule => rule.Topic == AuditTopic.Manager).SelectMany(rule => rule.Check(audited).Select(fault => $"{rule.Id} {fault.Text}")));
        Assert.Contains("permit = 127.0.0.1/255.255.255.255", ManagerAccount.Section("s3cret", IPAddress.Loopback));
    }

    [Theory]
    [InlineData("read = security,call\nwrite = call", true)]
    [InlineData("read = all\nwrite = all", true)]
    [InlineData("read = security\nwrite =", false)]
    [InlineData("read = security,call\nwrite = originate", false)]
    [InlineData("read = security\nwrite = call", false)]
    public void A_user_that_hears_calls_and_ends_them_lets_the_brake_work(string rights, bool may) => Assert.Equal(may, Read($"[ringfence]\nsecret = s3cret\n{rights}\n")!.MayBrake);

    private static ManagerAccount? Read(string manager) => ManagerAccount.Read("/etc/asterisk", new MemoryFiles().With("/etc/asterisk/manager.conf", manager));
}
