using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Logging;

/// <summary>A log with every key that callers press.</summary>
internal static class DigitsInLog
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1505",
        Name = "digits-in-log",
        Severity = Severity.Medium,
        Why = "The level dtmf writes each digit of each call: voicemail PINs, calling PINs and card numbers stay in the file and its backups.",
        Fix = "Take dtmf (or *) out of the line; turn it on for the minutes that you need it: logger add channel.",
        ExampleFile = "logger.conf",
        Bad = """
            [logfiles]
            full => notice,warning,error,verbose,dtmf ; here
            everything => * ; here
            """,
        Good = """
            [logfiles]
            console => notice,warning,error,dtmf
            full => notice,warning,error,verbose
            """,
        Reference = new Uri("https://docs.asterisk.org/Operation/Logging/"),
        Topic = AuditTopic.Logging,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from log in pbx.Config("logger.conf").Named("logfiles").SelectMany(static section => section.Settings)
        where !log.Name.Equals("console", StringComparison.OrdinalIgnoreCase) && Levels.Of(log.Value).Overlaps(["dtmf", "*"])
        select new Fault(log.Place, $"log {Shown.Text(log.Name)}", "holds every key that callers press, PINs included");
}
