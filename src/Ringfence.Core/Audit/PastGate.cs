using Ringfence.Core.Audit.Rules.Dialplan;
using Ringfence.Core.Audit.Rules.Options;
using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit;

/// <summary>Ways past the gate, as people are told of them.</summary>
internal static class PastGate
{
    private const string FreePbxTrunks = "macro-dialout-trunk";
    private const string FreePbxHook = "macro-dialout-trunk-predial-hook";

    /// <summary>The dialplan is FreePBX's: it sends calls to trunks through one context, and that through a hook of the owner's.</summary>
    public static bool IsFreePbx(PbxSnapshot pbx) => Plan.Of(pbx)[FreePbxTrunks] is not null;

    public static Fault Told(GateWay way, PbxSnapshot pbx)
    {
        var exit = way.Exit;
        var trunk = exit.Resource is { } resource ? $"the trunk {Shown.Text(resource)}" : $"a channel of {Shown.Text(exit.Technology)}";
        var who = way.Entry.Who.StartsWith("a phone", StringComparison.Ordinal) ? $"a phone in context {Shown.Text(way.Entry.Context)}" : $"{way.Entry.Who} in context {Shown.Text(way.Entry.Context)}";
        var called = exit.Sent() is { Length: > 0 } sent ? Shown.Text(sent) : "a number";
        return new Fault(exit.Place, $"context {Shown.Text(exit.Way.Step.Context)}", way.Kind == GateWayKind.Fixed
            ? $"{called} is called over {trunk} without the gate: no caller chooses another number"
            : $"{who} that {ToldCall.Dialled(exit)} calls {called} over {trunk}, and the gate was not asked")
        {
            Way = ToldCall.Way(exit.Way),
            Mend = new Mend(MendOf(exit, pbx)),
        };
    }

    private static string MendOf(PlanExit exit, PbxSnapshot pbx)
    {
        if (GeneratedFiles.Of(pbx, "extensions.conf").Contains(exit.Place.File))
        {
            return exit.Way.Steps().Any(static step => step.Context == FreePbxTrunks)
                ? $"#include in extensions_custom.conf what ringfence calls gate --print --freepbx prints: FreePBX runs its [{FreePbxHook}] before each call to a trunk"
                : $"FreePBX sends no such call through {FreePbxTrunks}, and there is no hook in which it could be asked about: turn off what makes it, if nobody needs it";
        }

        var priority = exit.Way.Step.Priority;
        return $"before this line: same => n,Set({GateWays.Number}={Dialled(exit, priority)}) and same => n,Gosub({GateWays.Gate},s,1({(exit.Resource is { } trunk && trunk.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') ? trunk : "NAME-OF-THE-TRUNK")}))";
    }

    // PJSIP/${EXTEN:1}@trunk: what stands between, if the line has no more than that to say.
    private static string Dialled(PlanExit exit, PlanPriority priority)
    {
        if (exit.Number.Constant is not null && exit.Sent() is { Length: > 0 } always)
        {
            return Shown.Text(always);
        }

        var channel = priority.Is("Dial") ? CallArguments.Split(priority.Arguments, keepsQuotes: true)[0] : "";
        const string Begin = "PJSIP/";
        return channel.StartsWith(Begin, StringComparison.OrdinalIgnoreCase) && channel.LastIndexOf('@') is var at && at > Begin.Length && !channel.Contains('&', StringComparison.Ordinal)
            && channel[Begin.Length..at] is var number && number.Contains("${", StringComparison.Ordinal) && Shown.Text(number) == number
            ? number : "${EXTEN}";
    }
}
