using System.Text;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Host;

/// <summary>Logs that grow until the disk is full.</summary>
internal static class NoRotation
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1611",
        Name = "no-rotation",
        Severity = Severity.Low,
        Why = "An attack writes megabytes a second; a full disk ends logging, call records and voicemail.",
        Fix = "Write /etc/logrotate.d/asterisk for /var/log/asterisk/*.log and the files that logger.conf names, with asterisk -rx \"logger reload\" behind it.",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; logger.conf
            [logfiles] ; here
            security.json => [json]security
            ;;; /etc/logrotate.conf
            weekly
            include /etc/logrotate.d
            ;;; /etc/logrotate.d/apt
            /var/log/apt/term.log {
            }
            """,
        Good = """
            ;;; logger.conf
            [logfiles]
            security.json => [json]security
            ;;; /etc/logrotate.conf
            weekly
            include /etc/logrotate.d
            ;;; /etc/logrotate.d/asterisk
            /var/log/asterisk/*.log /var/log/asterisk/*.json {
            }
            """,
        Reference = new Uri("https://github.com/logrotate/logrotate"),
        Topic = AuditTopic.Host,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        // Without logrotate's own file only Asterisk's were given, or another program rotates.
        if (pbx.Files.Read("/etc/logrotate.conf") is not { } main)
        {
            return [];
        }

        var logs = LoggerConf.LogDirectory(pbx.Directory, pbx.Files);
        var rotated = (byte[][])[main, .. pbx.Files.Match("/etc/logrotate.d/*").Select(path => pbx.Files.Read(path) ?? [])];
        var isRotated = rotated.Any(text => text.AsSpan().IndexOf(Encoding.UTF8.GetBytes(logs)) >= 0 || text.AsSpan().IndexOf("asterisk"u8) >= 0);
        return from section in pbx.Config("logger.conf").Named("logfiles").Take(1)
               where !isRotated && section.Settings.Any(static log => !log.Name.Equals("console", StringComparison.OrdinalIgnoreCase) && !log.Name.StartsWith("syslog", StringComparison.OrdinalIgnoreCase))
               select new Fault(section.Place, "logger.conf", $"nothing in /etc/logrotate.d rotates {Shown.Text(logs)}");
    }
}
