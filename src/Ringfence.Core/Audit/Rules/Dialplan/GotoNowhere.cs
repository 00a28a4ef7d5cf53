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
        var targets = new Asked(pbx, plan);
        return !CallEntries.Of(pbx).IsWhole ? [] :
            from context in plan.Contexts
            from extension in context.Extensions
            from priority in extension.Priorities
            from target in Targets(priority)
            where targets.IsMissing(target)
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

    // A thousand extensions go to the same place.
    private sealed class Asked(PbxSnapshot pbx, Plan plan)
    {
        private readonly Dictionary<string, bool> _known = new(StringComparer.Ordinal);
        private readonly Dictionary<string, bool> _made = new(StringComparer.Ordinal);
        private readonly DialplanEffort _effort = new();

        public bool IsMissing(string target)
        {
            if (!_known.TryGetValue(target, out var isMissing))
            {
                _known[target] = isMissing = Ask(target);
            }

            return isMissing;
        }

        // Only what is written out: context, extension and priority or label.
        private bool Ask(string target)
        {
            if (target.Contains('$', StringComparison.Ordinal) || target.Split(',') is not [{ Length: > 0 } context, { Length: > 0 } extension, { Length: > 0 } written] || IsMade(context))
            {
                return false;
            }

            if (plan[context] is null)
            {
                return true;
            }

            var priority = int.TryParse(written.Trim(), out var number) ? number : (int?)null;
            if (!_effort.Allows(plan, context, priority))
            {
                pbx.LeaveOut("the dialplan has so many jumps that not all were looked into: whether what they name is there is not known");
                return false;
            }

            return plan.Visits(context).All(visit => visit.Context.Switches.Count == 0
                && visit.Context.Fitting(extension, priority).All(found => priority is { } wanted ? found[wanted] is null : found.Labelled(written.Trim()) is null));
        }

        private bool IsMade(string context)
        {
            if (!_made.TryGetValue(context, out var isMade))
            {
                _made[context] = isMade = MadeContexts.IsReached(pbx, plan, context);
            }

            return isMade;
        }
    }
}
