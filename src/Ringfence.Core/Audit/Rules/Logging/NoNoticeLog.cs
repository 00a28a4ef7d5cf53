using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Logging;

/// <summary>The level notice is in no log.</summary>
internal static class NoNoticeLog
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1504",
        Name = "no-notice-log",
        Severity = Severity.Low,
        // Measured on 22.10.1: "Failed to issue security event of type ChallengeResponseFailed", which names no address.
        Why = "A request whose Call-ID is not UTF-8 gives no security event at all; its notice is the only line that holds its address.",
        Fix = "Add notice => notice to [logfiles], a file of its own.",
        ExampleFile = "logger.conf",
        Bad = """
            [logfiles] ; here
            security.json => [json]security
            """,
        Good = """
            [logfiles]
            security.json => [json]security
            notice => notice
            """,
        Reference = new Uri("https://docs.asterisk.org/Operation/Logging/"),
        Topic = AuditTopic.Logging,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var logger = pbx.Config("logger.conf");
        var sections = logger.Named("logfiles").ToList();
        var logs = sections.SelectMany(static section => section.Settings).Where(static log => !log.Name.Equals("console", StringComparison.OrdinalIgnoreCase)).ToList();
        return logs.Count == 0 || logger.Problems.Count > 0 || logs.Exists(static log => Levels.Of(log.Value).Overlaps(["notice", "*"]))
            ? []
            : [new Fault(sections[0].Place, "logger.conf", "no log has the level notice") { Mend = new Mend("write it to a file of its own", OptionEdit.Add(sections[0], "notice => notice")) }];
    }
}
