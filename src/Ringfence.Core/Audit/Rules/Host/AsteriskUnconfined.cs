using Ringfence.Core.Host;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Host;

/// <summary>No AppArmor profile or SELinux domain holds Asterisk.</summary>
internal static class AsteriskUnconfined
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1614",
        Name = "asterisk-unconfined",
        Severity = Severity.Info,
        Why = "A hole in Asterisk is then worth whatever its user may do: read other programs' files, run programs, open connections. A profile keeps it to its own directories.",
        Fix = "Write a profile of AppArmor for it (aa-genprof asterisk, then aa-enforce asterisk) or leave SELinux enforcing. Much the same: systemctl edit asterisk with NoNewPrivileges=yes, ProtectSystem=full, ProtectHome=yes and PrivateTmp=yes under [Service].",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; fact confinement
            unconfined ; here
            """,
        Good = """
            ;;; fact confinement
            asterisk (enforce)
            """,
        Reference = new Uri("https://gitlab.com/apparmor/apparmor/-/wikis/home"),
        Topic = AuditTopic.Host,
        Check = Check,
    };

    // ps prints what the kernel has in /proc/PID/attr/current; "-" where no such module is on, and then nothing is said of it.
    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from line in FactLines.Of(pbx, HostFact.Confinement).Take(1)
        let label = line.Text.Trim()
        let text = (label == "unconfined" || label.Contains("unconfined_service_t", StringComparison.Ordinal) || label.Contains(":unconfined_t:", StringComparison.Ordinal) ? "no profile holds Asterisk"
            : label.EndsWith(" (complain)", StringComparison.Ordinal) ? "its profile is in complain mode, and holds nothing back" : null)
            ?? (pbx.Fact(HostFact.Selinux)?.Trim() == "Permissive" ? "SELinux is permissive: it writes a log and holds nothing back" : null)
        where text is not null
        select new Fault(line.Place, "Asterisk", text);
}
