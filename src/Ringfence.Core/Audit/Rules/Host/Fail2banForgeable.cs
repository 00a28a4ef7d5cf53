using Ringfence.Core.Fail2ban;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Host;

/// <summary>fail2ban reads a log into which strangers write whole lines.</summary>
internal static class Fail2banForgeable
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1622",
        Name = "fail2ban-forgeable",
        Severity = Severity.Medium,
        // Measured end to end with fail2ban 1.0.2 and 1.1.1 on 22.10.1: one UDP datagram without CSeq.
        Why = "One datagram that Asterisk can't read is written into the log as it came, line ends included: it holds as many \"failed to authenticate\" lines as its sender likes, and fail2ban bans whom they name, the trunk perhaps.",
        Fix = "Give fail2ban a log with the level notice alone (notice => notice in logger.conf), or use Ringfence in its place.",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; logger.conf
            [logfiles]
            messages => notice,warning,error
            ;;; /etc/fail2ban/jail.local
            [asterisk]
            enabled = true
            logpath = /var/log/asterisk/messages ; here
            """,
        Good = """
            ;;; logger.conf
            [logfiles]
            messages => notice,warning,error
            notice => notice
            ;;; /etc/fail2ban/jail.local
            [asterisk]
            enabled = true
            logpath = /var/log/asterisk/notice
            """,
        Reference = new Uri("https://github.com/fail2ban/fail2ban/wiki"),
        Topic = AuditTopic.Host,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var logs = LoggerConf.Read(pbx.Directory, pbx.Files, hostName: "").Files.Where(static file => !file.IsJson && (file.Levels.Contains("error") || file.Levels.Contains("*"))).Select(static file => file.Path)
            .ToHashSet(StringComparer.Ordinal);
        return from jail in Fail2banJail.All(pbx.Files, "/etc/fail2ban")
               where jail.IsOfAsterisk
               let log = jail.Logs.FirstOrDefault(logs.Contains)
               where log is not null
               select new Fault(jail.Place, $"jail {Shown.Text(jail.Name)}", $"reads {Shown.Text(log)}, where ERROR lines hold strangers' packets as they came: one datagram bans whom it names");
    }
}
