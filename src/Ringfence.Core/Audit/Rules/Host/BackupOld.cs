using Ringfence.Core.Host;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Host;

/// <summary>Backups of the PBX on its machine.</summary>
internal static class BackupOld
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1609",
        Name = "backup-old",
        Severity = Severity.Info,
        Why = "After a break-in, a dead disk or a bad update a PBX is set up anew from its last backup; without one it is written down from memory, passwords and dialplan, while nobody can call.",
        Fix = "Have /etc/asterisk, the databases and the voicemail copied every night, to another machine as well, and try now and then whether it can be read back. Where your copies lie elsewhere, allow this rule.",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; fact backups
            2026-08-02 600 asterisk asterisk f /var/spool/asterisk/backup/nightly/20260802-pbx.tar.gz ; here
            2026-07-30 600 asterisk asterisk f /var/spool/asterisk/backup/nightly/20260730-pbx.tar.gz
            2026-11-21 644 root root f /var/backups/dpkg.status.0
            ;;; fact now
            2026-11-22T10:00:00Z
            """,
        Good = """
            ;;; fact backups
            2026-11-21 600 asterisk asterisk f /var/spool/asterisk/backup/nightly/20261121-pbx.tar.gz
            ;;; fact now
            2026-11-22T10:00:00Z
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Important-Security-Considerations/"),
        Topic = AuditTopic.Host,
        Check = Check,
    };

    private static readonly TimeSpan Old = TimeSpan.FromDays(30);

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        if (pbx.Fact(HostFact.Backups) is null || PjsipTls.Now(pbx) is not { } now)
        {
            return [];
        }

        var newest = BackupFile.All(pbx).Where(static file => file.IsOfPbx).MaxBy(static file => file.Day);
        return newest is null ? [new Fault(new Place(HostFact.Backups.Name, 0), "backups", "no backup of the PBX lies in /var/spool/asterisk/backup or /var/backups")]
            : newest.Day.AddDays(Old.Days) < DateOnly.FromDateTime(now.UtcDateTime) ? [new Fault(newest.Entry.Place, "backups", $"the newest backup on this machine is of {newest.Day:yyyy-MM-dd}: {Shown.Text(newest.Entry.Path, 120)}") { Severity = Severity.Low }]
            : [];
    }
}
