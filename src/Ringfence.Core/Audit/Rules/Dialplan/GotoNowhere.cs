using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>Goto, GoSub or their like name a place that is not there.</summary>
internal static class GotoNowhere
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1312",
        Name = "goto-nowhere",
        Severity = Severity.Medium,
        Why = "A call that comes here ends, or falls to the extension i: a check that was to stand there is passed by, or a call is lost.",
        Fix = "Write the context, extension and priority that are meant, or remove the line.",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => 1,1,Goto(sales,s,1) ; here
            exten => 2,1,GotoIf($[1]?phones,3,1:phones,4,1) ; here
            exten => 3,1,Hangup()
            """,
        Good = """
            [phones]
            exten => 1,1,Goto(sales,s,1)
            exten => 2,1,GotoIf($[1]?phones,3,1:phones,${EXTEN},1)
            exten => 3,1,Gosub(sales,s,start(x,y))
            [sales]
            exten => s,1(start),Hangup()
            [parked]
            include => spaces
            exten => 1,1,Goto(parkedcalls,701,1)
            exten => 2,1,Goto(parked,801,1)
            exten => 3,1,Goto(here,1001,1)
            ;;; res_parking.conf
            [general]
            [second]
            context = spaces
            parkext = 800
            parkpos = 801-820
            ;;; pjsip.conf
            [global]
            type = global
            regcontext = here
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Dialplan/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var plan = Plan.Of(pbx);
        return !CallEntries.Of(pbx).IsWhole ? [] :
            from context in plan.Contexts
            from extension in context.Extensions
            from priority in extension.Priorities
            from target in Targets(priority)
            where IsMissing(pbx, plan, target)
            select new Fault(priority.Place, $"context {Shown.Text(context.Name)}", $"{Shown.Text(priority.Application)} goes to {Target(pbx, target)}, which is not there");
    }

    private static string Target(PbxSnapshot pbx, string target) =>
        CallArguments.Cut(target, ',') is var (context, behind) ? $"{ShownValues.Of(pbx).Name(context)},{Shown.Text(behind ?? "")}" : target;

    private static IEnumerable<string> Targets(PlanPriority priority) => priority.Application.ToUpperInvariant() switch
    {
        "GOTO" => [priority.Arguments],
        "GOSUB" => [CallArguments.Cut(priority.Arguments, '(').First],
        "GOTOIF" or "GOTOIFTIME" when CallArguments.Cut(priority.Arguments, '?').Behind is { } branches => Branches(CallArguments.Cut(branches, ':')),
        _ => [],
    };

    private static IEnumerable<string> Branches((string First, string? Behind) branches) => branches.Behind is null ? [branches.First] : [branches.First, branches.Behind];

    // Only what is written out: context, extension and priority or label.
    private static bool IsMissing(PbxSnapshot pbx, Plan plan, string target)
    {
        if (target.Contains('$', StringComparison.Ordinal) || target.Split(',') is not [{ Length: > 0 } context, { Length: > 0 } extension, { Length: > 0 } priority] || MadeContexts.IsReached(pbx, plan, context))
        {
            return false;
        }

        if (plan[context] is null)
        {
            return true;
        }

        return plan.Visits(context).All(static visit => visit.Context.Switches.Count == 0) && plan.Visits(context).SelectMany(static visit => visit.Context.Extensions)
            .All(found => !ExtensionName.Matches(found.Pattern, extension) || (int.TryParse(priority.Trim(), out var number) ? found[number] is null : found.Labelled(priority.Trim()) is null));
    }
}
