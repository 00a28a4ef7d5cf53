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
        var typed = texts.Select((text, at) => exit.Parts.ContainsKey(at) ? null : exit.IsPin(at) ? "the PIN" : Named(text)).Skip(1).OfType<string>().ToList();
        return $"dials {Named(texts[0])}{With(exit)}{(typed.Count == 0 ? "" : $", then types {string.Join(", then ", typed)}")}";
    }

    /// <summary>", with 00 in the header X-Ext", or "".</summary>
    public static string With(PlanExit exit) => string.Concat(exit.Parts.Select(part => $", with {Named(exit.Inputs[part.Key].Shortest() ?? "")} {In(part.Value)}"));

    /// <summary>"; nothing keeps it but the caller ID 101, which anybody can write", or "".</summary>
    public static string Kept(IReadOnlyList<ShownText> shows) =>
        shows.Count == 0 ? "" : $"; nothing keeps it but {string.Join(" and ", shows.Select(Kept))}, which anybody can write";

    private static string Kept(ShownText shown) => shown.Part switch
    {
        ShownText.Number when Languages.Intersect(shown.Texts, Digits) is var numbers && numbers.Shortest() is { } number => $"{(numbers.Equals(Languages.Only(number)) ? "the caller ID" : "a caller ID such as")} {number}",
        ShownText.Number => "a caller ID",
        ShownText.Name => "the caller's name",
        // What the header must hold may be meant as a secret.
        _ => $"the {shown.Part}",
    };

    private static string In(string part) => part is ShownText.Number or ShownText.Name ? $"as his {part}" : $"in the {part}";

    private static readonly NumberLanguage Digits = Languages.Repeat("0123456789", 1);

    private static string Named(string text) => text.Length == 0 ? "nothing" : Shown.Text(text);
}
