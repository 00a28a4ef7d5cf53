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
    [InlineData("a => [json]notice", "NoticeJson")]
    [InlineData("a => [json]notice,error,verbose", "NoticeJson")]
    [InlineData("a => [json]error", "Useless")]
    [InlineData("a => security", "Security")]
    [InlineData("a => [plain] Security", "Security")]
    [InlineData("a => notice", "NoticeOnly")]
    [InlineData("a => notice,security", "Security")]
    [InlineData("a => security,notice,warning", "Security")]
    [InlineData("a => security,warning", "Security")]
    [InlineData("a => warning", "Useless")]
    [InlineData("a => notice,warning,error", "Mixed")]
    [InlineData("a => security,verbose", "Mixed")]
    [InlineData("a => notice,warning", "NoticeOnly")]
    [InlineData("a => *", "Mixed")]
    [InlineData("a => [json]*", "SecurityJson")]
    [InlineData("a => debug,verbose(5)", "Useless")]
    [InlineData("a =>", "Useless")]
    public void A_file_is_ranked_by_what_an_attacker_can_write_into_it(string line, string rank) =>
        Assert.Equal(rank, Assert.Single(Read("[logfiles]\n" + line).Files).Rank.ToString());

    [Theory]
    [InlineData("a => [json]notice", "a")]
    [InlineData("a => [json]security\nb => [json]notice\nc => notice", "a c b")]
    [InlineData("a => [json]security,notice\nb => [json]notice", "a")]
    [InlineData("a => security,notice\nb => [json]notice", "a b")]
    public void Notices_as_json_are_watched_unless_the_security_file_has_them(string lines, string watched) =>
        Assert.Equal(watched.Split(' ').Select(name => "/var/log/asterisk/" + name), Read("[logfiles]\n" + lines + "\n").Watch.Select(log => log.Path));

    [Theory]
    [InlineData("security,error")]
    [InlineData("notice,verbose")]
    [InlineData("*")]
    [InlineData("notice,security,warning,dtmf")]
    public void A_log_is_called_mixed_only_where_something_is_said_against_it(string levels) =>
        Assert.NotNull(LoggerConf.Doubt(false, Assert.Single(Read($"[logfiles]\na => {levels}\n").Files, file => file.Rank == LogRank.Mixed).Levels));

    [Fact]
    public void A_mixed_file_is_watched_only_when_nothing_better_is_there()
    {
        var mixed = Read("[general]\ndateformat=%F %T\n[logfiles]\nmessages.log => notice,warning,error\nfull => notice,warning,error,security\n");
        var better = Read("[logfiles]\nmessages => notice,warning,error\nsecurity => security\n");

        Assert.Equal([new LogChoice("/var/log/asterisk/full", LogRank.Mixed)], mixed.Watch);
        Assert.Equal(
            [
                "add security_json => [json]security to [logfiles] in /c/logger.conf, then run: asterisk -rx \"logger reload\"",
                "add notice => notice to [logfiles] in /c/logger.conf, then run: asterisk -rx \"logger reload\": attempts with a Call-ID that is not UTF-8 are in no other log",
                "/var/log/asterisk/full: for 64 KB behind a packet dump, which ERROR lines bring, nothing in it counts",
            ],
            mixed.Advice);
        Assert.Equal([new LogChoice("/var/log/asterisk/security", LogRank.Security)], better.Watch);
        Assert.Contains(better.Advice, advice => advice.StartsWith("add security_json => [json]security", StringComparison.Ordinal));
        Assert.Contains(better.Advice, advice => advice.StartsWith("add notice => notice", StringComparison.Ordinal));
        Assert.Contains(better.Advice, advice => advice.StartsWith("set dateformat=%F %T.%3q", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("notice", null)]
    [InlineData("security", null)]
    [InlineData("notice,security", null)]
    [InlineData("notice,warning,security", null)]
    [InlineData("[json]security,error,verbose", null)]
    [InlineData("notice,error", LoggerConf.DumpDoubt)]
    [InlineData("notice,warning,error,security", LoggerConf.DumpDoubt)]
    [InlineData("security,verbose(3)", LoggerConf.TalkDoubt)]
    [InlineData("notice,debug", LoggerConf.TalkDoubt)]
    [InlineData("notice,dtmf", LoggerConf.TalkDoubt)]
    [InlineData("notice,warning,error,security,verbose", LoggerConf.DumpDoubt + "; " + LoggerConf.TalkDoubt)]
    [InlineData("*", LoggerConf.DumpDoubt + "; " + LoggerConf.TalkDoubt)]
    public void What_is_said_of_a_log_follows_from_its_levels_alone(string levels, string? doubt)
    {
        var plan = Read($"[logfiles]\na => {levels}\n");

        Assert.Equal(doubt, plan.DoubtOf(new LogChoice("/var/log/asterisk/a", LogRank.Mixed)));
        Assert.Equal(doubt is not null, plan.Advice.Contains($"/var/log/asterisk/a: {doubt}"));
    }

    [Theory]
    [InlineData("ERROR", LoggerConf.DumpDoubt)]
    [InlineData("VERBOSE", LoggerConf.TalkDoubt)]
    [InlineData("NOTICE", null)]
    [InlineData("WARNING", null)]
    public void What_is_said_of_a_level_is_what_the_parser_does(string level, string? doubt)
    {
        var first = level == "ERROR"
            ? "[2026-11-20 23:58:09] ERROR[1] pjproject: \tsip_endpoint.c Error processing packet from 203.0.113.5:5060: x [code 1] of packet 9:\nx\n-- end of packet.\n"
            : $"[2026-11-20 23:58:09] {level}[1] pbx.c: x\n";
        var log = first + "[2026-11-20 23:58:10] NOTICE[2297] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '<sip:1001@10.99.0.1>' failed for '198.51.100.7:34336' (callid: 3e43a5e6@lab) - Failed to authenticate\n";
        var parser = new Ringfence.Core.Parsing.LogParser(TimeZoneInfo.Utc);
        var recorder = new Ringfence.Tests.Parsing.Recorder();

        parser.Parse(System.Text.Encoding.ASCII.GetBytes(log), endOfFile: true, ref recorder);

        Assert.Equal(doubt is null, recorder.Events[^1].Counts);
    }

    [Theory]
    [InlineData("docs/logs.md")]
    [InlineData("SECURITY.md")]
    public void The_pages_say_it_in_the_same_words(string page)
    {
        var text = File.ReadAllText(InTree(page));
        var words = string.Join(' ', text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));

        Assert.Contains(LoggerConf.DumpDoubt, words, StringComparison.Ordinal);
        Assert.Contains(LoggerConf.TalkDoubt, words, StringComparison.Ordinal);
    }

    [Fact]
    public void FreePBX_writes_what_fail2ban_reads_and_the_advice_names_the_files_that_are_the_administrators()
    {
        var files = new MemoryFiles()
            .With("/c/logger.conf", "[general]\n#include logger_general_additional.conf\n#include logger_general_custom.conf\n[logfiles]\n#include logger_logfiles_additional.conf\n#include logger_logfiles_custom.conf\n")
            .With("/c/logger_general_additional.conf", "dateformat=%T\n").With("/c/logger_general_custom.conf", "").With("/c/logger_logfiles_custom.conf", "")
            .With("/c/logger_logfiles_additional.conf", "full => debug,error,notice,verbose,warning\nfail2ban => notice,security\n");

        var plan = LoggerConf.Read("/c", files, "h");

        Assert.Equal([new LogChoice("/var/log/asterisk/fail2ban", LogRank.Security)], plan.Watch);
        Assert.Equal(2, plan.Advice.Count);
        Assert.StartsWith("add security_json => [json]security to /c/logger_logfiles_custom.conf (logger.conf is made anew by FreePBX)", plan.Advice[0], StringComparison.Ordinal);
        Assert.StartsWith("set dateformat=%F %T.%3q in /c/logger_general_custom.conf", plan.Advice[1], StringComparison.Ordinal);
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

    private static string InTree(string page, [System.Runtime.CompilerServices.CallerFilePath] string thisFile = "") =>
        Path.Combine(Path.GetDirectoryName(thisFile)!, "../../..", page);

    private static LogPlan Read(string text) => LoggerConf.Read("/c", new MemoryFiles().With("/c/logger.conf", text), "h");
}
