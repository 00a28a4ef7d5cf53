using Ringfence.Core.Host;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Host;

/// <summary>Configuration that every user of the machine may change.</summary>
internal static class ConfigWritableByAll
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1602",
        Name = "config-writable-by-all",
        Severity = Severity.Critical,
        Why = "Whoever writes into these files runs programs as Asterisk at the next reload, and calls for the owner's money.",
        Fix = "chown -R root:asterisk /etc/asterisk; chmod -R o-rwx /etc/asterisk",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; fact config-files
            755 root root d /etc/asterisk
            666 root root f /etc/asterisk/extensions.conf ; here
            777 root root l /etc/asterisk/link.conf
            """,
        Good = """
            ;;; fact config-files
            750 root asterisk d /etc/asterisk
            666 root root f /etc/asterisk/extensions.conf
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Important-Security-Considerations/"),
        Topic = AuditTopic.Host,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var files = FileEntry.All(pbx);
        var directories = FileEntry.Directories(files);
        // A link's own mode says nothing.
        return Many.Bounded(
               from file in files
               where file.Kind is 'f' or 'd' && file.IsWritableByAll && FileEntry.IsReachable(file, directories)
               select new Fault(file.Place, Shown.Text(file.Path), $"{Shown.Text(file.Path)} has mode {file.ShownMode}: every user of this machine may change it"));
    }
}
