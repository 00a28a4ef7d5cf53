using Ringfence.Core.Host;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Host;

/// <summary>Files with passwords that every user of the machine may read.</summary>
internal static class SecretsReadableByAll
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1601",
        Name = "secrets-readable-by-all",
        Severity = Severity.Medium,
        Why = "A hole in any other program of the machine, such as its web server, then gives every phone's and trunk's password.",
        Fix = "chown -R root:asterisk /etc/asterisk; chmod 0750 /etc/asterisk; chmod 0640 the files in it (FreePBX: fwconsole chown).",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; fact config-files
            755 root root d /etc/asterisk
            644 root root f /etc/asterisk/pjsip.conf ; here
            644 root root f /etc/asterisk/musiconhold.conf
            640 root asterisk f /etc/asterisk/manager.conf
            """,
        Good = """
            ;;; fact config-files
            750 root asterisk d /etc/asterisk
            644 root root f /etc/asterisk/pjsip.conf
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Important-Security-Considerations/"),
        Topic = AuditTopic.Host,
        Check = Check,
    };

    private static readonly string[] Secret = ["pjsip", "sip", "iax", "manager", "ari", "voicemail", "users", "res_odbc", "res_pgsql", "res_config_mysql", "res_ldap", "cdr_pgsql", "cdr_mysql", "cel_pgsql", "xmpp"];

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var files = FileEntry.All(pbx);
        var directories = FileEntry.Directories(files);
        return Many.Bounded(
               from file in files
               where file.Kind == 'f' && file.IsReadableByAll && file.Name.EndsWith(".conf", StringComparison.Ordinal)
               let stem = file.Name[..^5]
               where Array.Exists(Secret, name => stem == name || stem.StartsWith(name + "_", StringComparison.Ordinal) || stem.StartsWith(name + ".", StringComparison.Ordinal))
               where stem is not ("sip_notify" or "pjsip_notify") && FileEntry.IsReachable(file, directories)
               select new Fault(file.Place, Shown.Text(file.Path), $"{Shown.Text(file.Path)} has mode {file.ShownMode}: every user of this machine reads its passwords"));
    }
}
