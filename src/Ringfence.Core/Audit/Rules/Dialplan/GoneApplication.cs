using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>An application that this Asterisk does not have any more.</summary>
internal static class GoneApplication
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1328",
        Name = "gone-application",
        Severity = Severity.Medium,
        // Measured on 22.10.1: "No application 'Macro' for extension (inc, 1, 1)", and the channel is hung up; ExecIf says "Could not find application! (Macro)" and the call ends too; TryExec goes on.
        Why = "Where Asterisk does not find the application of a line it hangs up: the call ends there, and whatever stood behind it (a check, a recording, the trunk) is not reached. Macro, Monitor and the applications of chan_sip went with Asterisk 21.",
        Fix = "Write GoSub in place of Macro (Return() at its end, ${ARG1} as before), MixMonitor in place of Monitor, PJSIP_HEADER in place of SIPAddHeader. A FreePBX writes its dialplan for the Asterisk that it was told of: choose the version there, and update FreePBX first.",
        ExampleFile = "extensions.conf",
        Bad = """
            [phones]
            exten => _1XXX,1,Macro(ring,${EXTEN}) ; here
            exten => _2XXX,1,ExecIf($[${LEN(${EXTEN})} = 4]?Macro(ring,${EXTEN}))
            exten => _3XXX,1,SIPAddHeader(Alert-Info: ring) ; here
            [macro-ring]
            exten => s,1,Dial(PJSIP/${ARG1},20)
            """,
        Good = """
            [phones]
            exten => _1XXX,1,Gosub(ring,s,1(${EXTEN}))
            exten => _2XXX,1,TryExec(Macro(ring,${EXTEN}))
            exten => _3XXX,1,NoOp(Macro(ring))
            [ring]
            exten => s,1,Dial(PJSIP/${ARG1},20)
            """,
        Reference = new Uri("https://docs.asterisk.org/Development/Asterisk-Module-Deprecations/"),
        Topic = AuditTopic.Dialplan,
        Check = Check,
    };

    // The version that no longer has it: what the documentation of Asterisk 16 to 22 names, compared.
    private static readonly (int Since, string[] Names)[] Gone =
    [
        (20, ["DAHDIRAS", "ICES", "NBScat", "SendImage", "SendURL"]),
        (21, ["Macro", "MacroExclusive", "MacroIf", "Monitor", "ChangeMonitor", "StopMonitor", "PauseMonitor", "UnpauseMonitor", "NoCDR", "SetAMAFlags", "ImportVar", "SIPAddHeader", "SIPRemoveHeader", "SIPDtmfMode", "SIPSendCustomINFO", "OSPAuth", "OSPLookup", "OSPNext", "OSPFinish"]),
    ];

    // Nobody who moves a PBX wants to hear two hundred times of one word.
    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        if (pbx.IsVersionAssumed)
        {
            return [];
        }

        var gone = Gone.Where(gone => pbx.Version.Major >= gone.Since).SelectMany(static gone => gone.Names).ToDictionary(static name => name, StringComparer.OrdinalIgnoreCase);
        return from found in
                   from context in Plan.Of(pbx).Contexts
                   from extension in context.Extensions
                   from priority in extension.Priorities
                   from name in Applications(priority)
                   where gone.ContainsKey(name)
                   select (Name: gone[name], priority.Place)
               group found.Place by found.Name into places
               select ManyPlaces.One([.. places], $"application {places.Key}", $"Asterisk {pbx.Version.Major} has no application {places.Key}: a call that comes to it ends there");
    }

    private static IEnumerable<string> Applications(PlanPriority priority)
    {
        yield return priority.Application.Trim();
        if (priority.Is("ExecIf") && CallArguments.Cut(priority.Arguments, '?').Behind is { } branches)
        {
            var (first, second) = CallArguments.Cut(branches, ':');
            foreach (var branch in (string?[])[first, second])
            {
                if (branch?.IndexOf('(', StringComparison.Ordinal) is > 0 and var open)
                {
                    yield return branch[..open].Trim();
                }
            }
        }
    }
}
