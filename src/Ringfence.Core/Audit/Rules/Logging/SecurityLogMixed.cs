using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Logging;

/// <summary>A plain log where strangers write whole lines beside security events.</summary>
internal static class SecurityLogMixed
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1502",
        Name = "security-log-mixed",
        Severity = Severity.Low,
        // Measured on 22.10.1: one datagram without CSeq put three complete forged lines into such a file, and fail2ban banned the address that they named.
        Why = "An ERROR line about a broken packet holds the packet, line ends included, so one datagram writes any SECURITY or NOTICE line into this file; what reads it then bans whom the attacker names.",
        Fix = "Give security a file of its own, security.json => [json]security, and let programs that ban read that one, or one with the level notice alone.",
        ExampleFile = "logger.conf",
        Bad = """
            [logfiles]
            full => notice,warning,error,security ; here
            """,
        Good = """
            [logfiles]
            full => notice,warning,error
            security.json => [json]security
            notice => notice
            """,
        Reference = new Uri("https://docs.asterisk.org/Operation/Logging/"),
        Topic = AuditTopic.Logging,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var logs = pbx.Config("logger.conf").Named("logfiles").SelectMany(static section => section.Settings)
            .Where(static log => !log.Name.Equals("console", StringComparison.OrdinalIgnoreCase)).Select(static log => (log.Name, log.Place, IsJson: Levels.IsJson(log.Value), Levels: Levels.Of(log.Value))).ToList();
        var isSafe = logs.Exists(static log => log.Levels.Contains("security") && !log.Levels.Overlaps(["error", "verbose", "debug", "*"]));
        return from log in logs
               where !log.IsJson && log.Levels.Overlaps(["security", "*"]) && log.Levels.Overlaps(["error", "*"])
               select new Fault(log.Place, $"log {Shown.Text(log.Name)}", "has security beside error in plain text: one packet can write any line into it")
               {
                   Severity = isSafe ? null : Severity.Medium,
               };
    }
}
