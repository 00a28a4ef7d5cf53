using Ringfence.Core.Host;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Host;

/// <summary>A private key that every user of the machine may read.</summary>
internal static class KeyReadableByAll
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1604",
        Name = "key-readable-by-all",
        Severity = Severity.High,
        Why = "Whoever has it can answer as this PBX, and read TLS and SRTP keys of calls where the cipher has no forward secrecy.",
        Fix = "chmod 0640 and the group asterisk for the key; then issue it anew, for nobody knows who has read it.",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; fact config-files
            755 root root d /etc/asterisk
            755 root root d /etc/asterisk/keys
            644 root root f /etc/asterisk/keys/pbx.key ; here
            644 root root f /etc/asterisk/keys/pbx.pem
            """,
        Good = """
            ;;; fact config-files
            755 root root d /etc/asterisk
            750 root asterisk d /etc/asterisk/keys
            644 root root f /etc/asterisk/keys/pbx.key
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Important-Security-Considerations/"),
        Topic = AuditTopic.Host,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var files = FileEntry.All(pbx);
        var directories = FileEntry.Directories(files);
        return Many.Bounded(
               from file in files
               where file.Kind == 'f' && file.IsReadableByAll && FileEntry.IsReachable(file, directories)
               where file.Name.EndsWith(".key", StringComparison.Ordinal) || (file.Name.EndsWith(".pem", StringComparison.Ordinal) && HoldsKey(pbx.Files.Read(file.Path)))
               select new Fault(file.Place, Shown.Text(file.Path), $"{Shown.Text(file.Path)} has mode {file.ShownMode}: every user of this machine reads the key"));
    }

    private static bool HoldsKey(byte[]? content) => content.AsSpan().IndexOf("PRIVATE KEY-----"u8) >= 0;
}
