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

    // Of a file at whose mistake Asterisk stops it reads nothing below, and of one that it refuses nothing at all: RF1113 tells it.
    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var all = ReaderProblems.All(pbx).ToList();
        var stops = all.Where(found => RefusedFile.IsSure(pbx, found.Problem)).ToList();
        var refused = stops.Where(static found => found.Problem.Place.File == found.File).Select(static found => found.File).ToHashSet(StringComparer.Ordinal);
        var first = stops.GroupBy(static found => found.Problem.Place.File, StringComparer.Ordinal).ToDictionary(static file => file.Key, static file => file.Min(static found => found.Problem.Place.Line), StringComparer.Ordinal);
        return from found in all
               where found.Problem is { StopsReading: false, IsUnread: false } && !ExecNotRead.Is(found.Problem)
                   && !refused.Contains(found.File) && !(first.TryGetValue(found.Problem.Place.File, out var line) && found.Problem.Place.Line > line)
               select new Fault(found.Problem.Place, found.File, found.Problem.Text);
    }
}
