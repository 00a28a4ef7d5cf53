using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>An extension that leads to itself.</summary>
internal static class EndlessLoop
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1319",
        Name = "endless-loop",
        Severity = Severity.Medium,
        Why = "Asterisk goes round without a pause for as long as the caller holds the line: each such call takes one processor. Where Dial calls a Local channel that comes to the same line, every call makes another, until nothing is left to make them of.",
        Fix = "End the loop: let it wait or count (Wait, a counter and GotoIf), or send the call on to another extension.",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => 100,1,NoOp(round) ; here
             same => n,Goto(phones,100,1)
            exten => _2XX,1,Dial(Local/${EXTEN}@phones,20) ; here
            """,
        Good = """
            [phones]
            exten => 100,1,NoOp(round)
             same => n,Wait(5)
             same => n,Goto(phones,100,1)
            exten => _2XX,1,Dial(Local/${EXTEN}@desks,20)
            exten => 300,1,GotoIf($[${N} > 3]?end)
             same => n,Set(N=$[${N} + 1])
             same => n,Goto(300,1)
             same => n(end),Hangup()
            [desks]
            exten => _2XX,1,Dial(PJSIP/${EXTEN},20)
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Dialplan/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private const int MostSteps = 200;

    // What takes no time, and does nothing to where the call goes.
    private static readonly string[] Quick = ["NoOp", "Verbose", "Log", "Set", "MSet", "UserEvent", "CELGenUserEvent", "SetAMAFlags"];

    private static List<Fault> Check(PbxSnapshot pbx)
    {
        var plan = Plan.Of(pbx);
        var walked = new Walked();
        var loops = (from context in plan.Contexts
                     from extension in context.Extensions
                     where extension.CallerId is null && MayGoRound(extension)
                     let number = extension.IsPattern ? Languages.Fitting(extension.Pattern).Shortest() : extension.Pattern
                     where number is { Length: > 0 }
                     let steps = Loop(plan, context.Name, number, walked)
                     where steps is not null
                     select (number, steps))
            .DistinctBy(static found => found.steps.Select(static step => (step.Place.File, step.Place.Line)).Min())
            .Select(static found => new Fault(found.steps[0].Place, $"context {Shown.Text(found.steps[0].Context)}",
                found.steps.Any(static step => step.Calls)
                    ? $"a call of {Shown.Text(found.number)} makes another call of {Shown.Text(found.steps[0].Number)} in context {Shown.Text(found.steps[0].Context)}, and that the next, without end"
                    : $"a call of {Shown.Text(found.number)} goes round here without a pause until it is hung up")
            {
                Severity = found.steps.Any(static step => step.Calls) ? Severity.High : null,
            }).ToList();
        if (walked.Effort.IsOver)
        {
            pbx.LeaveOut("the dialplan has so many ways from one extension to the next that not all were looked through for calls that go round without end");
        }

        return loops;
    }

    // Before anything that takes time it goes elsewhere: most extensions do not.
    private static bool MayGoRound(PlanExtension extension) =>
        extension[1] is not null
        && extension.Priorities.SkipWhile(static priority => priority.Number < 1 || Quick.Contains(priority.Application, StringComparer.OrdinalIgnoreCase)).FirstOrDefault() is { } first
        && (first.Is("Goto") || (first.Is("Dial") && first.Arguments.StartsWith("Local/", StringComparison.OrdinalIgnoreCase)));

    // Ten thousand extensions that go on in each other are walked once: where one came by, the next need not go on.
    private sealed class Walked
    {
        public HashSet<(string Context, string Number, int Priority)> Places { get; } = [];

        public DialplanEffort Effort { get; } = new();
    }

    /// <returns>The lines that it goes through again and again; null: it ends, or that is not to be known, or was told already.</returns>
    private static List<At>? Loop(Plan plan, string context, string number, Walked walked)
    {
        var steps = new List<At>();
        var own = new Dictionary<(string, string, int), int>();
        var priority = 1;
        while (steps.Count < MostSteps && walked.Effort.Allows(plan, context, priority) && plan.Find(context, number, priority) is { } found && found.Via.All(static include => include.Times is null) && found.Extension.CallerId is null)
        {
            var at = new At(context, number, priority, found.Priority.Place, Calls: false);
            if (own.TryGetValue((context, number, priority), out var begin))
            {
                return steps[begin..];
            }

            if (!walked.Places.Add((context, number, priority)))
            {
                return null;
            }

            own[(context, number, priority)] = steps.Count;

            var texts = new CallTexts(context, new ConstantText(number), priority, System.Collections.Immutable.ImmutableSortedDictionary<string, SymbolicText>.Empty, plan.Globals);
            if (found.Priority.Is("Goto") && texts.Substitute(found.Priority.Arguments).Constant is { } target && Target(plan, at, target) is { } there)
            {
                (context, number, priority) = there;
            }
            else if (found.Priority.Is("Dial") && texts.Substitute(found.Priority.Arguments.Split(',')[0]).Constant is { } channel && LocalTarget(channel) is { } called)
            {
                at = at with { Calls = true };
                (context, number, priority) = (called.Context, called.Number, 1);
            }
            else if (Quick.Contains(found.Priority.Application, StringComparer.OrdinalIgnoreCase) && !found.Priority.Arguments.Contains("TIMEOUT(", StringComparison.OrdinalIgnoreCase))
            {
                priority++;
            }
            else
            {
                return null;
            }

            steps.Add(at);
        }

        return null;
    }

    private static (string Context, string Number, int Priority)? Target(Plan plan, At at, string target)
    {
        var parts = target.Split(',');
        var (context, number, wanted) = parts switch
        {
            [var only] => (at.Context, at.Number, only),
            [var extension, var there] => (at.Context, extension, there),
            [var first, var extension, var there] => (first, extension, there),
            _ => ("", "", ""),
        };
        return int.TryParse(wanted.Trim(), out var priority) ? (context, number, priority)
            : plan.FindLabel(context, number, wanted.Trim()) is { } found ? (context, number, found.Priority.Number)
            : null;
    }

    // "Local/100@phones/n"; with several channels one of them may ring a phone, and the call goes on there.
    private static (string Context, string Number)? LocalTarget(string channel) =>
        channel.StartsWith("Local/", StringComparison.OrdinalIgnoreCase) && !channel.Contains('&', StringComparison.Ordinal)
        && channel["Local/".Length..].Split('/')[0].Split('@') is [{ Length: > 0 } number, { Length: > 0 } context] ? (context, number) : null;

    private sealed record At(string Context, string Number, int Priority, Place Place, bool Calls);
}
