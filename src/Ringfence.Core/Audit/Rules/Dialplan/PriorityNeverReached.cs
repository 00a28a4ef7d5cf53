using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>A line of the dialplan that no call comes to.</summary>
internal static class PriorityNeverReached
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1320",
        Name = "priority-never-reached",
        Severity = Severity.Low,
        Why = "A number is missing before it, or the line above never goes on: what stands there, often the check or the limit that somebody added later, is never run.",
        Fix = "Number the lines with n (same => n,...), and put the line where the call still is.",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => _9X.,1,Dial(PJSIP/${FILTER(0-9,${EXTEN:1})}@trunk)
            exten => _9X.,3,Set(TIMEOUT(absolute)=3600) ; here
            exten => 100,1,Hangup()
             same => n,Authenticate(/etc/asterisk/pins) ; here
            """,
        Good = """
            [phones]
            exten => _9X.,1,Dial(PJSIP/${FILTER(0-9,${EXTEN:1})}@trunk)
            exten => _9X.,2,Hangup()
            exten => 100,1,GotoIf($[${X}]?ask)
             same => n,Hangup()
             same => n(ask),Authenticate(/etc/asterisk/pins)
            exten => 101,1,NoOp()
            exten => _10X,2,Hangup()
            exten => 200,1,Gosub(menu,s,1)
             same => n,Hangup()
             same => 20,Playback(bye)
            [menu]
            exten => s,1,Read(A)
             same => n,Goto(phones,200,20)
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Dialplan/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static readonly string[] Ends = ["Hangup", "Goto", "Return", "Congestion", "Busy", "MacroExit"];

    // A Hangup behind a Goto is a habit, and nobody misses it.
    private static readonly string[] Idle = ["Hangup", "NoOp", "Busy", "Congestion", "Return", "Verbose", "Log", "Playback", "Playtones", "Wait", "MacroExit"];

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var plan = Plan.Of(pbx);
        if (plan.Unread.Count > 0 || plan.HasSwitches)
        {
            return [];
        }

        var jumps = Jumps(plan);
        var effort = new DialplanEffort();
        return from context in plan.Contexts
               from extension in context.Extensions
               where extension.CallerId is null && extension[1] is not null && !extension.Priorities.Any(static priority => MayGoAnywhere(priority))
               from lost in Lost(context, extension, jumps, IsMissing).Take(1)
               where !lost.Line.Place.File.EndsWith(".ael", StringComparison.Ordinal)
                   && extension.Priorities.Any(line => line.Number >= lost.Line.Number && !Idle.Contains(line.Application, StringComparer.OrdinalIgnoreCase))
               select new Fault(lost.Line.Place, $"context {Shown.Text(context.Name)}", $"{Shown.Text(extension.Name)},{lost.Line.Number}: {Shown.Text(lost.Line.Application)} is never run: {lost.Why}");

        bool IsMissing(string context, string number, int priority)
        {
            if (effort.Allows(plan, context, priority))
            {
                return plan.Find(context, number, priority) is null;
            }

            pbx.LeaveOut("the dialplan has so many gaps between priorities that not all were looked into: whether a pattern fills them is not known");
            return false;
        }
    }

    // Only the first of an extension: what stands behind it is lost with it.
    private static IEnumerable<(PlanPriority Line, string Why)> Lost(PlanContext context, PlanExtension extension, HashSet<int> jumps, Func<string, string, int, bool> isMissing)
    {
        string? number = null;
        PlanPriority? before = null;
        foreach (var line in extension.Priorities.Where(static line => line.Number != PlanPriority.Hint))
        {
            if (before is not null && line.Label is null && !jumps.Contains(line.Number))
            {
                if (Ends.Contains(before.Application, StringComparer.OrdinalIgnoreCase) && line.Number == before.Number + 1)
                {
                    yield return (line, $"{before.Application} above it never goes on");
                }
                else if (line.Number > before.Number + 1 && (number ??= Text(extension)) is { Length: > 0 }
                    && Enumerable.Range(before.Number + 1, Math.Min(line.Number - before.Number - 1, 100)).All(missing => isMissing(context.Name, number!, missing)))
                {
                    yield return (line, $"there is no priority {before.Number + 1} before it");
                }
            }
            else if (before is not null && (line.Label is not null || jumps.Contains(line.Number)))
            {
                yield break;
            }

            before = line;
        }
    }

    private static string? Text(PlanExtension extension) => extension.IsPattern ? Languages.Fitting(extension.Pattern).Shortest() : extension.Pattern;

    // Numbers that something jumps to, wherever: which extension is meant is often not to be seen there.
    private static HashSet<int> Jumps(Plan plan) =>
        [.. from context in plan.Contexts
            from extension in context.Extensions
            from priority in extension.Priorities
            where priority.Application.StartsWith("Go", StringComparison.OrdinalIgnoreCase) || priority.Application.StartsWith("Exec", StringComparison.OrdinalIgnoreCase)
                || priority.Arguments.Contains('^', StringComparison.Ordinal) || priority.Arguments.Contains('@', StringComparison.Ordinal)
            from word in priority.Arguments.Split([',', '?', ':', '^', '(', ')', '@', '/', ' '])
            where int.TryParse(word, out _)
            select int.Parse(word, System.Globalization.CultureInfo.InvariantCulture)];

    // Relative jumps, jumps that a variable decides, and programs that set the priority.
    private static bool MayGoAnywhere(PlanPriority priority) =>
        priority.Application.EndsWith("AGI", StringComparison.OrdinalIgnoreCase) || priority.Is("Stasis") || priority.Is("Macro") || priority.Is("While") || priority.Is("EndWhile")
        || ((priority.Application.StartsWith("Go", StringComparison.OrdinalIgnoreCase) || priority.Application.StartsWith("Exec", StringComparison.OrdinalIgnoreCase))
            && (priority.Arguments.Contains("${", StringComparison.Ordinal) || priority.Arguments.Contains('+', StringComparison.Ordinal) || priority.Arguments.Contains('-', StringComparison.Ordinal)))
        || priority.Arguments.Contains("G(", StringComparison.Ordinal);
}
