using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Logging;

/// <summary>The security level is in no log.</summary>
internal static class NoSecurityLog
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1501",
        Name = "no-security-log",
        Severity = Severity.Medium,
        Why = "Wrong passwords, unknown accounts and refused addresses are told by the level security; without it most of an attack on PJSIP is invisible.",
        Fix = "Add security.json => [json]security to [logfiles], then: logger reload.",
        ExampleFile = "logger.conf",
        Bad = """
            [logfiles] ; here
            console => notice,warning,error
            messages.log => notice,warning,error
            """,
        Good = """
            [logfiles]
            messages.log => notice,warning,error
            security.json => [json]security
            """,
        Reference = new Uri("https://docs.asterisk.org/Operation/Logging/"),
        Topic = AuditTopic.Logging,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var logger = pbx.Config("logger.conf");
        var sections = logger.Named("logfiles").ToList();
        var logs = sections.SelectMany(static section => section.Settings).ToList();
        return logs.Count == 0 || logger.Problems.Count > 0 || logs.Exists(static log => Levels.Of(log.Value).Overlaps(["security", "*"]))
            ? []
            : [new Fault(sections[0].Place, "logger.conf", "no log has the level security") { Mend = new Mend("write it as JSON", OptionEdit.Add(sections[0], "security.json => [json]security")) }];
    }
}
