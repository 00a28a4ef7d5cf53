using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>A context includes one that is not there.</summary>
internal static class IncludesNothing
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1314",
        Name = "includes-nothing",
        Severity = Severity.Low,
        Why = "What was to be included is not: extensions are missing, or the name is mistyped and a block that stood in it does not hold.",
        Fix = "Correct the name or remove the line.",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            include => outbond ; here
            [outbound]
            exten => _9.,1,Hangup()
            """,
        Good = """
            [phones]
            include => outbound
            include => parkedcalls
            include => phones-custom
            [outbound]
            exten => _9.,1,Hangup()
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Dialplan/Include-Statements/Include-Statements-Basics/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    // Made by Asterisk itself (parking), or to be filled in by the owner (FreePBX).
    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        !CallEntries.Of(pbx).IsWhole ? [] :
        from context in Plan.Of(pbx).Contexts
        from include in context.Includes
        where Plan.Of(pbx)[include.Context] is null && !include.Context.StartsWith("park", StringComparison.OrdinalIgnoreCase) && !include.Context.EndsWith("-custom", StringComparison.Ordinal) && !include.Context.Contains("hints", StringComparison.Ordinal) && !MadeContexts.Contains(pbx, include.Context)
        select new Fault(include.Place, $"context {Shown.Text(context.Name)}", $"[{Shown.Text(context.Name)}] includes {Shown.Text(include.Context)}, and there is no such context");
}
