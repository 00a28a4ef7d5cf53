using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Logging;

/// <summary>Log lines without a year.</summary>
internal static class LogWithoutYear
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1503",
        Name = "log-without-year",
        Severity = Severity.Low,
        Why = "The default date is \"Nov 21 10:00:00\": whoever looks into last winter's logs has to guess, and what reads them guesses around the turn of the year.",
        Fix = "Set dateformat = %F %T.%3q in [general] of logger.conf.",
        ExampleFile = "logger.conf",
        Bad = """
            [general] ; here
            [logfiles]
            messages.log => notice,warning,error
            """,
        Good = """
            [general]
            dateformat = %F %T.%3q
            [logfiles]
            messages.log => notice,warning,error
            """,
        Reference = new Uri("https://docs.asterisk.org/Operation/Logging/"),
        Topic = AuditTopic.Logging,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var logger = pbx.Config("logger.conf");
        var general = logger.First("general");
        var files = logger.Named("logfiles").ToList();
        var format = general?.Find("dateformat");
        if (files.Sum(static section => section.Settings.Count) == 0 || logger.Problems.Count > 0
            || (format is not null && ((string[])["%F", "%Y", "%y", "%D", "%c", "%x", "%s", "%G"]).Any(field => format.Value.Contains(field, StringComparison.Ordinal))))
        {
            return [];
        }

        return [new Fault(format?.Place ?? general?.Place ?? files[0].Place, "logger.conf", "its lines don't say the year")
            {
                Mend = general is null ? null : new Mend("write dates that sort", OptionEdit.Set(general, "dateformat", "%F %T.%3q")),
            }];
    }
}
