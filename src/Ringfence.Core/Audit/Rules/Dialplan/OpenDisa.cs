using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>DISA without a password.</summary>
internal static class OpenDisa
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1310",
        Name = "disa-without-password",
        Severity = Severity.High,
        Why = "Whoever reaches this extension hears a dial tone and dials as if he sat inside, without a secret.",
        Fix = "Give DISA a password file in place of no-password, and a context that holds no more than it must.",
        ExampleFile = "extensions.conf",
        Bad = """
            [ivr]
            exten => 9,1,DISA(no-password,out) ; here
            [out]
            exten => _X.,1,Dial(PJSIP/${EXTEN})
            """,
        Good = """
            [ivr]
            exten => 9,1,DISA(/etc/asterisk/disa,out)
            exten => 8,1,VMAuthenticate()
             same => n,DISA(no-password,out)
            [out]
            exten => _X.,1,Dial(PJSIP/1001)
            """,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Dialplan_Applications/DISA/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from context in Plan.Of(pbx).Contexts
        from extension in context.Extensions
        from priority in extension.Priorities
        where priority.Is("DISA") && CallArguments.Split(priority.Arguments)[0].Equals("no-password", StringComparison.OrdinalIgnoreCase) && !CallEntries.Of(pbx).IsAskedBefore(context, extension, priority)
            // That is told with what it costs.
            && !OpenWays.LeadOver(priority.Place, CallEntries.Of(pbx))
        let isForOne = IsForOneCaller(pbx, priority)
        select new Fault(priority.Place, $"context {Shown.Text(context.Name)}", $"{Shown.Text(extension.Name)} in context {Shown.Text(context.Name)} gives a dial tone to whoever reaches it{(isForOne ? "; nothing keeps it but a caller ID that somebody must know" : "")}")
        {
            Severity = CallsNobodyOutside(pbx, CallArguments.Split(priority.Arguments).ElementAtOrDefault(1)) ? Severity.Low : isForOne ? Severity.Medium : null,
        };

    private static bool CallsNobodyOutside(PbxSnapshot pbx, string? context) =>
        context is { Length: > 0 } && Plan.Of(pbx)[context] is not null && CallEntries.Of(pbx).Reach(context) is { Unknowns.Count: 0 } reach && reach.Exits.All(CallEntries.Of(pbx).CallsPhone);

    // Calls come to it, and none without a number or a name that is asked for: on a list that only the PBX knows, or as it stands in the line.
    private static bool IsForOneCaller(PbxSnapshot pbx, PlanPriority priority)
    {
        var entries = CallEntries.Of(pbx);
        var ways = entries.Strangers().Concat(entries.Incoming()).Concat(entries.Phones()).SelectMany(entry => entries.EnteredUnasked(entry.Context)).Where(state => state.Way!.Step.Priority.Place == priority.Place).ToList();
        return ways.Count > 0 && ways.TrueForAll(static state => state.Assumptions.Any(static assumption => !assumption.ComesByItself && assumption.Shown?.IsUsual is not true && assumption.Text.Contains("CALLERID(", StringComparison.Ordinal)));
    }
}
