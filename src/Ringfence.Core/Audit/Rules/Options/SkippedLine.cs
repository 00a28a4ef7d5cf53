using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>A line that Asterisk passes over, or reads otherwise than it looks.</summary>
internal static class SkippedLine
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1114",
        Name = "skipped-line",
        Severity = Severity.Low,
        Why = "Asterisk does not read the line as it stands there: no =, a comment that begins with # or //, a block comment that never ends. What it was to set is not set.",
        Fix = "Correct the line. A comment begins with a semicolon; ;-- and --; enclose a block.",
        Bad = """
            [1001]
            type = endpoint
            context from-internal ; here
            # language = de ; here
            """,
        Good = """
            [1001]
            type = endpoint
            context = from-internal
            ; language = de
            ;-- allow = ulaw
            allow = alaw --;
            """,
        Reference = new Uri("https://docs.asterisk.org/Fundamentals/Asterisk-Configuration/Asterisk-Configuration-Files/Config-File-Format/"),
        Topic = AuditTopic.Options,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from found in ReaderProblems.All(pbx)
        where found.Problem is { StopsReading: false, IsUnread: false } && !ExecNotRead.Is(found.Problem)
        select new Fault(found.Problem.Place, found.File, found.Problem.Text);
}
