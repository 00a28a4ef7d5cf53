using Ringfence.Core.Audit.Rules.Options;
using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>The pattern _. or _! also takes h, i, t, e and fax.</summary>
internal static class PatternTakesAll
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1307",
        Name = "pattern-takes-all",
        Severity = Severity.Medium,
        Why = "Such a pattern takes every name, those too that Asterisk itself looks for: h when a call ends, i, t, e and fax. What stands there then runs again for them, with EXTEN set to h or i. Asterisk warns of it at every start. A name that stands in the same context is found first.",
        Fix = "Write _X. for numbers, or _[0-9*#+]. where they may begin with more than a digit; or give the context an h (and t, fax) of its own.",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => _.,1,Dial(PJSIP/${EXTEN}) ; here
            [incoming]
            exten => _!,1,Queue(sales) ; here
            exten => h,1,NoOp(ended)
            """,
        Good = """
            [phones]
            exten => _X.,1,Dial(PJSIP/1001)
            [default]
            exten => _.,1,NoOp(nobody)
             same => n,Hangup(21)
            [all]
            exten => _.,1,Dial(PJSIP/1001)
            exten => h,1,Hangup()
            exten => i,1,Hangup()
            exten => t,1,Hangup()
            exten => e,1,Hangup()
            exten => fax,1,Hangup()
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Dialplan/Pattern-Matching/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static readonly string[] Looked = ["h", "i", "t", "e", "fax"];

    // A context that answers all calls with these does no more when a call ends.
    private static readonly string[] Quiet =
        ["NoOp", "Hangup", "Congestion", "Busy", "Playback", "Answer", "Wait", "Ringing", "Progress", "Proceeding", "Playtones", "StopPlaytones", "Verbose", "Log", "Set", "Return"];

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        // What FreePBX writes its owner can't change.
        var generated = GeneratedFiles.Of(pbx, "extensions.conf");
        var outside = new Lazy<HashSet<string>>(() => Outside(pbx));
        return from context in Plan.Of(pbx).Contexts
               from extension in context.Extensions
               where extension.Pattern is "_." or "_!" && extension.Priorities.Any(static priority => !Quiet.Contains(priority.Application, StringComparer.OrdinalIgnoreCase))
               let place = extension.Priorities.First().Place
               let taken = Looked.Where(name => !context.Extensions.Any(other => other.Pattern == name && other.CallerId is null && other[1] is not null)).ToList()
               where taken.Count > 0 && !generated.Contains(place.File)
               select new Fault(place, $"context {Shown.Text(context.Name)}", $"{extension.Pattern} in context {Shown.Text(context.Name)} takes {Listed(taken)} too")
               {
                   // Every call ends, but few wait for keys or a fax.
                   Severity = CallEntries.Of(pbx).IsWhole && !outside.Value.Contains(context.Name) ? Severity.Info : taken.Contains("h") ? null : Severity.Low,
               };
    }

    // Those that callers from outside come to, and those that a line leads into from wherever it is. Of the house's own phones none learns what the pattern takes.
    private static HashSet<string> Outside(PbxSnapshot pbx)
    {
        var plan = Plan.Of(pbx);
        var entries = CallEntries.Of(pbx);
        var words = plan.Contexts.SelectMany(static context => context.Extensions).SelectMany(static extension => extension.Priorities)
            .SelectMany(static priority => priority.Arguments.Split(',', '(', ')', '?', ':', '@', '/', '&', '^', '=', '"', ' ')).ToHashSet(StringComparer.Ordinal);
        var begun = entries.Strangers().Concat(entries.Incoming()).Select(static entry => entry.Context).Concat(plan.Contexts.Select(static context => context.Name).Where(words.Contains));
        return [.. begun.Distinct(StringComparer.Ordinal).SelectMany(name => plan.Visits(name)).Select(static visit => visit.Context.Name)];
    }

    private static string Listed(List<string> names) => names.Count == 1 ? names[0] : $"{string.Join(", ", names.Take(names.Count - 1))} and {names[^1]}";
}
