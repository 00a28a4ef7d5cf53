using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit.Rules.Dialplan;

/// <summary>A call as a finding tells it.</summary>
internal static class ToldCall
{
    /// <summary>The way as a report shows it.</summary>
    public static IReadOnlyList<Step> Way(CallWay way) =>
        [.. way.Steps().Select(static step => new Step(step.Priority.Place, $"[{Shown.Text(step.Context)}] {Shown.Text(step.Extension)},{step.Priority.Number}: {Shown.Text(step.Priority.Application)}"))];

    /// <summary>"dials 900, then types 12"</summary>
    public static string Dialled(PlanExit exit)
    {
        var texts = exit.Witness();
        return texts.Count == 1 ? $"dials {Named(texts[0])}" : $"dials {Named(texts[0])}, then types {string.Join(", then ", texts.Select((text, at) => exit.IsPin(at) ? "the PIN" : Named(text)).Skip(1))}";
    }

    private static string Named(string text) => text.Length == 0 ? "nothing" : Shown.Text(text);
}
