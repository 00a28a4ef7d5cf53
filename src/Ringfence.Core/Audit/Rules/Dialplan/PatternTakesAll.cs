using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>The pattern _. or _! also takes h, i, t and fax.</summary>
internal static class PatternTakesAll
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1307",
        Name = "pattern-takes-all",
        Severity = Severity.Medium,
        Why = "Such a pattern takes every name, those too that Asterisk itself looks for: h when a call ends, i, t, e and fax. What stands there then runs again for them, with EXTEN set to h or i. Asterisk warns of it at every start.",
        Fix = "Write _X. for numbers, or _[0-9*#+]. where they may begin with more than a digit.",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => _.,1,Dial(PJSIP/${EXTEN}) ; here
            """,
        Good = """
            [phones]
            exten => _X.,1,Dial(PJSIP/1001)
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Dialplan/Pattern-Matching/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from context in Plan.Of(pbx).Contexts
        from extension in context.Extensions
        where extension.Pattern is "_." or "_!"
        select new Fault(extension.Priorities.First().Place, $"context {Shown.Text(context.Name)}", $"{extension.Pattern} in context {Shown.Text(context.Name)} takes h, i, t, e and fax too");
}
