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
        var gate = way.Other is null ? "the gate was not asked"
            : way.Other.About is { } about ? $"the gate was asked about {Shown.Text(about)}"
            : "whether that is the number that the gate was asked about was not to be known";
        return new Fault(exit.Place, $"context {Shown.Text(exit.Way.Step.Context)}", way.Kind == GateWayKind.Fixed
            ? $"{called} is called over {trunk} {(way.Other is null ? "without the gate" : $"and {gate}")}: no caller chooses another number"
            : $"{who} that {ToldCall.Dialled(exit)} calls {called} over {trunk}, and {gate}")
        {
            Way = ToldCall.Way(exit.Way),
            Mend = new Mend(MendOf(way, pbx)),
        };
    }

    private static string MendOf(GateWay way, PbxSnapshot pbx)
    {
        var exit = way.Exit;
        if (GeneratedFiles.Of(pbx, "extensions.conf").Contains(exit.Place.File))
        {
            return exit.Way.Steps().Any(static step => step.Context == FreePbxTrunks)
                ? $"#include in extensions_custom.conf what ringfence calls gate --print --freepbx prints: FreePBX runs its [{FreePbxHook}] before each call to a trunk"
                : $"FreePBX sends no such call through {FreePbxTrunks}, and there is no hook in which it could be asked about: turn off what makes it, if nobody needs it";
        }

        var gosub = $"same => n,Gosub({GateWays.Gate},s,1({(exit.Resource is { } trunk && trunk.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') ? trunk : "NAME-OF-THE-TRUNK")}))";
        var dialled = Dialled(exit, exit.Way.Step.Priority);
        if (dialled?.Contains(GateWays.Number, StringComparison.Ordinal) is true)
        {
            return $"let no call come to this line but through the lines that set {GateWays.Number} and ask: {gosub}";
        }

        if (way.Other is not null)
        {
            return $"{GateWays.Number} has to be the very text that Dial sends as the number{(dialled is null ? "" : $", {dialled}")}, when the gate is asked";
        }

        return dialled is not null ? $"before this line: same => n,Set({GateWays.Number}={dialled}) and {gosub}"
            : $"before this line set {GateWays.Number}, which has to be the very text that Dial sends as the number{(exit.Sent() is { Length: > 0 } sent ? $" (here {Shown.Text(sent)})" : "")}, and then {gosub}";
    }

    // What stands in PJSIP/${EXTEN:1}@trunk as the number; null: the line does not say it, or not so that it can be copied.
    private static string? Dialled(PlanExit exit, PlanPriority priority)
    {
        if (exit.Number.Constant is not null)
        {
            return exit.Sent() is { Length: > 0 } always && always.All(IsOfNumber) ? always : null;
        }

        var channel = priority.Is("Dial") ? CallArguments.Split(priority.Arguments, keepsQuotes: true)[0] : "";
        const string Begin = "PJSIP/";
        return channel.StartsWith(Begin, StringComparison.OrdinalIgnoreCase) && channel.LastIndexOf('@') is var at && at > Begin.Length && !channel.Contains('&', StringComparison.Ordinal)
            && channel[Begin.Length..at] is var number && IsNumber(number) && Shown.Text(number) == number ? number : null;
    }

    // Digits and variables, and nothing of a URI between.
    private static bool IsNumber(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (TextParts.EndOfPart(text, at) is { } end)
            {
                at = end - 1;
            }
            else if (!IsOfNumber(text[at]))
            {
                return false;
            }
        }

        return text.Length > 0;
    }

    private static bool IsOfNumber(char c) => char.IsAsciiDigit(c) || c is '*' or '#' or '+';
}
