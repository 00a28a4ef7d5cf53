using Ringfence.Core.Host;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Host;

/// <summary>Configuration that belongs to the web server.</summary>
internal static class ConfigOfWebServer
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1603",
        Name = "config-of-web-server",
        Severity = Severity.High,
        Why = "A hole in any page of that web server then writes extensions that run programs, and reads every password.",
        Fix = "Give the files to root and the group asterisk. Where a web page has to write them, let it write one file of its own that is included.",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; fact config-files
            755 root root d /etc/asterisk
            640 www-data www-data f /etc/asterisk/extensions.conf ; here
            """,
        Good = """
            ;;; fact config-files
            755 root root d /etc/asterisk
            640 asterisk asterisk f /etc/asterisk/extensions.conf
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Important-Security-Considerations/"),
        Topic = AuditTopic.Host,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) => Many.Bounded(
        from file in FileEntry.All(pbx)
        where file.Kind is 'f' or 'd' && (file.Mode & 0x80) != 0 && file.Owner is "www-data" or "apache" or "nginx" or "httpd" or "lighttpd"
        select new Fault(file.Place, Shown.Text(file.Path), $"{Shown.Text(file.Path)} belongs to {Shown.Text(file.Owner, 20)}, which may change it"));
}
