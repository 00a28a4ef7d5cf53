using Ringfence.Core.Decisions;
using Ringfence.Core.Pbx;
using Xunit;

namespace Ringfence.Tests.Pbx;

public sealed class AsteriskBoolTests
{
    [Theory]
    [InlineData("yes")]
    [InlineData("Yes")]
    [InlineData("TRUE")]
    [InlineData("On")]
    [InlineData("1")]
    [InlineData("Y")]
    [InlineData("t")]
    public void What_asterisk_takes_for_yes_is_yes_in_each_of_its_files(string yes)
    {
        var files = new MemoryFiles()
            .With("/etc/asterisk/manager.conf", $"[general]\nwebenabled = {yes}\n")
            .With("/etc/asterisk/logger.conf", $"[general]\nappendhostname = {yes}\n[logfiles]\nnotice => notice\n")
            .With("/etc/asterisk/pjsip.conf", $"[1001]\ntype = endpoint\nrewrite_contact = {yes}\n");

        Assert.True(ManagerConf.IsOverHttp("/etc/asterisk", files));
        Assert.Equal("/var/log/asterisk/notice.pbx", Assert.Single(LoggerConf.Read("/etc/asterisk", files, "pbx").Files).Path);
        Assert.Equal(["1001"], ContactTrust.RewrittenContacts("/etc/asterisk", files));
    }

    [Theory]
    [InlineData("no", false)]
    [InlineData("False", false)]
    [InlineData("0", false)]
    [InlineData("enabled", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void What_is_not_yes_is_no_or_nothing(string? text, bool? expected)
    {
        Assert.Equal(expected, AsteriskBool.Parse(text));
        Assert.False(AsteriskBool.IsTrue(text));
    }

    [Fact]
    public void A_manager_file_that_says_no_is_believed_and_one_that_cant_be_read_is_not()
    {
        var no = new MemoryFiles().With("/etc/asterisk/manager.conf", "[general]\nenabled = yes\nwebenabled = no\n");

        Assert.False(ManagerConf.IsOverHttp("/etc/asterisk", no));
        Assert.True(ManagerConf.IsOverHttp("/etc/asterisk", new MemoryFiles()));
    }
}
