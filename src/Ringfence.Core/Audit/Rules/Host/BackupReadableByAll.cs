using Ringfence.Core.Host;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Host;

/// <summary>A backup that every user of the machine reads.</summary>
internal static class BackupReadableByAll
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1613",
        Name = "backup-readable-by-all",
        Severity = Severity.Medium,
        Why = "A backup of a PBX holds every password of it. A hole in any other program of the machine, such as its web server, then gives them all.",
        Fix = "chmod 0600 the files, and chmod 0700 the directory that they lie in.",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; fact backups
            2026-11-21 644 asterisk asterisk f /var/spool/asterisk/backup/nightly/20261121-pbx.tar.gz ; here
            2026-11-21 755 asterisk asterisk d /var/spool/asterisk/backup/nightly
            2026-11-21 644 root root f /var/backups/dpkg.status.0
            """,
        Good = """
            ;;; fact backups
            2026-11-21 600 asterisk asterisk f /var/spool/asterisk/backup/nightly/20261121-pbx.tar.gz
            2026-11-21 644 asterisk asterisk f /var/spool/asterisk/backup/other/20261121-pbx.tar.gz
            2026-11-21 700 asterisk asterisk d /var/spool/asterisk/backup/other
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Important-Security-Considerations/"),
        Topic = AuditTopic.Host,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var files = BackupFile.All(pbx);
        var directories = FileEntry.Directories(files.Select(static file => file.Entry));
        return Many.Bounded(
            from file in files
            where file.IsOfPbx && file.Entry.IsReadableByAll && FileEntry.IsReachable(file.Entry, directories)
            select new Fault(file.Entry.Place, Shown.Text(file.Entry.Path), $"{Shown.Text(file.Entry.Path, 120)} has mode {file.Entry.ShownMode}: every user of this machine reads the passwords in it"));
    }
}
