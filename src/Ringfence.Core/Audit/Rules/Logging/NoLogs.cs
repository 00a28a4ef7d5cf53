using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Logging;

/// <summary>Asterisk writes no log at all.</summary>
internal static class NoLogs
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1500",
        Name = "no-logs",
        Severity = Severity.High,
        Why = "Without a logger.conf, or without a file in its [logfiles], nothing of an attack is written down, and nothing that reads logs can see one.",
        Fix = "Write [logfiles] with security.json => [json]security and notice => notice into logger.conf, then: logger reload.",
        ExampleFile = "modules.conf",
        Bad = """
            [modules]
            autoload = yes
            ;;; logger.conf ; here
            [general]
            """,
        Good = """
            [modules]
            autoload = yes
            ;;; logger.conf
            [logfiles]
            security.json => [json]security
            """,
        Reference = new Uri("https://docs.asterisk.org/Operation/Logging/"),
        Topic = AuditTopic.Logging,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        if (!pbx.Config("modules.conf").Exists && !pbx.Config("asterisk.conf").Exists)
        {
            // A few files of a PBX were given, not all.
            return [];
        }

        var logger = pbx.Config("logger.conf");
        if (!logger.Exists && pbx.Files.Match($"{pbx.Directory}/logger.conf").Count > 0)
        {
            // It is there, and whoever asks may not read it.
            return [];
        }

        var hasLog = logger.Named("logfiles").SelectMany(static section => section.Settings).Any(static setting => !setting.Name.Equals("console", StringComparison.OrdinalIgnoreCase));
        return hasLog || logger.Problems.Count > 0
            ? []
            : [new Fault(new Place("logger.conf", 0), "logger.conf", logger.Exists ? "names no log file" : "is not there: Asterisk then writes to its console alone")
                {
                    Mend = new Mend("write two logs", new AppendLines("logger.conf", ["[logfiles]", "security.json => [json]security", "notice => notice"])),
                }];
    }
}
