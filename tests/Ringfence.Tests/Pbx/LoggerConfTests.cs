using Ringfence.Core.Pbx;
using Xunit;

namespace Ringfence.Tests.Pbx;

public sealed class LoggerConfTests
{
    [Fact]
    public void The_best_security_file_and_the_notice_file_are_chosen_and_nothing_is_missing()
    {
        var plan = Read("""
            [general]
            dateformat=%F %T.%3q
            [logfiles]
            console => notice,warning,error
            messages => notice,warning,error
            full => notice,warning,error,verbose(3),security
            security => security
            security_plain => [plain]security
            security_json => [json]security
            notice => notice
            """);

        Assert.Equal([new LogChoice("/var/log/asterisk/security_json", LogRank.SecurityJson), new LogChoice("/var/log/asterisk/notice", LogRank.NoticeOnly)], plan.Watch);
        Assert.Empty(plan.Advice);
        Assert.Equal(6, plan.Files.Count);
        Assert.Equal("%F %T.%3q", plan.DateFormat);
    }

    [Theory]
    [InlineData("a => [JSON] security", "SecurityJson")]
    [InlineData("a => [json]notice,security", "SecurityJson")]
    [InlineData("a => [json]notice", "Useless")]
    [InlineData("a => security", "Security")]
    [InlineData("a => [plain] Security", "Security")]
    [InlineData("a => notice", "NoticeOnly")]
    [InlineData("a => notice,security", "Mixed")]
    [InlineData("a => notice,warning", "Mixed")]
    [InlineData("a => *", "Mixed")]
    [InlineData("a => [json]*", "SecurityJson")]
    [InlineData("a => debug,verbose(5)", "Useless")]
    [InlineData("a =>", "Useless")]
    public void A_file_is_ranked_by_what_an_attacker_can_write_into_it(string line, string rank) =>
        Assert.Equal(rank, Assert.Single(Read("[logfiles]\n" + line).Files).Rank.ToString());

    [Fact]
    public void A_mixed_file_is_watched_only_when_nothing_better_is_there()
    {
        var mixed = Read("[general]\ndateformat=%F %T\n[logfiles]\nmessages.log => notice,warning,error\nfull => notice,warning,error,security\n");
        var better = Read("[logfiles]\nmessages => notice,warning,error\nsecurity => security\n");

        Assert.Equal([new LogChoice("/var/log/asterisk/full", LogRank.Mixed)], mixed.Watch);
        Assert.Equal(3, mixed.Advice.Count);
        Assert.Equal([new LogChoice("/var/log/asterisk/security", LogRank.Security)], better.Watch);
        Assert.Contains(better.Advice, advice => advice.StartsWith("add security_json => [json]security", StringComparison.Ordinal));
        Assert.Contains(better.Advice, advice => advice.StartsWith("add notice => notice", StringComparison.Ordinal));
        Assert.Contains(better.Advice, advice => advice.StartsWith("set dateformat=%F %T.%3q", StringComparison.Ordinal));
    }

    [Fact]
    public void Paths_follow_astlogdir_and_appendhostname_and_a_template_does_not_count()
    {
        var files = new MemoryFiles()
            .With("/c/logger.conf", "[general]\nappendhostname=yes\n[logfiles]\nsecurity => security\n/srv/notice => notice\n")
            .With("/c/asterisk.conf", "[directories]\nastlogdir => /lab/log/\n");

        var plan = LoggerConf.Read("/c", files, "pbx1");
        var template = LoggerConf.Read("/c", files.With("/c/asterisk.conf", "[directories](!)\nastlogdir => /lab/log\n"), "pbx1");

        Assert.Equal(["/lab/log/security.pbx1", "/srv/notice.pbx1"], plan.Watch.Select(log => log.Path));
        Assert.Equal("/var/log/asterisk/security.pbx1", template.Watch[0].Path);
    }

    [Fact]
    public void Without_logger_conf_there_is_nothing_to_watch_and_one_sentence_says_so()
    {
        var plan = LoggerConf.Read("/c", new MemoryFiles(), "h");

        Assert.Empty(plan.Watch);
        Assert.Contains("/c/logger.conf", Assert.Single(plan.Advice), StringComparison.Ordinal);
    }

    private static LogPlan Read(string text) => LoggerConf.Read("/c", new MemoryFiles().With("/c/logger.conf", text), "h");
}
