using Ringfence.Core.Fail2ban;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Host;

/// <summary>A jail of fail2ban that reads a log which Asterisk does not write.</summary>
internal static class Fail2banWrongLog
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1620",
        Name = "fail2ban-wrong-log",
        Severity = Severity.High,
        // Debian's own jail reads messages while the sample logger.conf writes messages.log; fail2ban 1.0.2 then says "Have not found any log file for asterisk jail" and ends.
        Why = "The jail is on, its status looks healthy or fail2ban did not start at all, and nobody is ever banned.",
        Fix = "Set logpath to a file that logger.conf names, best one with the level notice or security alone.",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; logger.conf
            [logfiles]
            messages.log => notice,warning,error
            ;;; /etc/fail2ban/jail.local
            [asterisk]
            enabled = true
            logpath = /var/log/asterisk/messages ; here
            """,
        Good = """
            ;;; logger.conf
            [logfiles]
            messages.log => notice,warning,error
            ;;; /etc/fail2ban/jail.local
            [asterisk]
            enabled = true
            logpath = /var/log/asterisk/messages.log
            """,
        Reference = new Uri("https://github.com/fail2ban/fail2ban/wiki"),
        Topic = AuditTopic.Host,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var logger = LoggerConf.Read(pbx.Directory, pbx.Files, hostName: "");
        var isNamedByHost = pbx.Config("logger.conf").Named("general").Any(static general => AsteriskBool.IsTrue(general["appendhostname"]));
        // What goes to syslog may lie in any file.
        var isToSyslog = pbx.Config("logger.conf").Named("logfiles").SelectMany(static section => section.Settings).Any(static log => log.Name.StartsWith("syslog", StringComparison.OrdinalIgnoreCase));
        return logger.Files.Count == 0 || logger.Problems.Count > 0 || isNamedByHost || isToSyslog
            ? []
            : from jail in Fail2banJail.All(pbx.Files, "/etc/fail2ban")
              where jail.IsOfAsterisk && jail.Logs.Count > 0
              where jail.Logs.All(log => !log.AsSpan().ContainsAny("*?[") && pbx.Files.Match(log).Count == 0 && logger.Files.All(file => file.Path != log))
              select new Fault(jail.Place, $"jail {Shown.Text(jail.Name)}", $"reads {Shown.Text(jail.Logs[0])}, which is not there; Asterisk writes {Shown.Text(string.Join(", ", logger.Files.Take(3).Select(static file => file.Path)), 160)}");
    }
}
