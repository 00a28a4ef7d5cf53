using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>A pattern whose underscore is missing.</summary>
internal static class PatternWithoutUnderscore
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1313",
        Name = "pattern-without-underscore",
        Severity = Severity.Low,
        Why = "Without the underscore the letters stand for themselves: the extension is reached by whoever dials the letters NXX, and by no number. A block written so blocks nothing.",
        Fix = "Write _ before the pattern.",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => 1900XXXXXXX,1,Hangup() ; here
            exten => NXXXXXX,1,Dial(PJSIP/1001) ; here
            """,
        Good = """
            [phones]
            exten => _1900XXXXXXX,1,Hangup()
            exten => MAXX,1,Dial(PJSIP/1001)
            exten => 100,1,Dial(PJSIP/1001)
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Dialplan/Pattern-Matching/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from context in Plan.Of(pbx).Contexts
        from extension in context.Extensions
        where !extension.IsPattern && extension.Pattern.TrimEnd('.', '!') is var name && name.Count(static c => c is 'X' or 'N' or 'Z') >= 3 && name.All(static c => char.IsAsciiDigit(c) || c is 'X' or 'N' or 'Z' or '+' or '*' or '#')
        select new Fault(extension.Priorities.First().Place, $"context {Shown.Text(context.Name)}", $"{Shown.Text(extension.Name)} has no underscore before it: no number fits it");
}
