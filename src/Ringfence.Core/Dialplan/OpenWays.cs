using Ringfence.Core.Pbx;

namespace Ringfence.Core.Dialplan;

/// <summary>A way to a trunk that a caller can go who has no secret.</summary>
/// <param name="Shows">What he must write into his call for it, and most callers would not; empty: nothing.</param>
internal sealed record OpenWay(CallEntry Entry, PlanExit Exit, IReadOnlyList<ShownText> Shows);

/// <summary>The ways out that stand open to those who call in: the best of each entry. Each is told by one rule.</summary>
internal static class OpenWays
{
    // What a telephone network carries as a caller's number.
    private static readonly NumberLanguage Numbers = Languages.Union(Languages.Repeat("0123456789", 0, 16), Languages.Concatenate(Languages.Only("+"), Languages.Repeat("0123456789", 1, 16)));

    /// <summary>Of callers who show no password.</summary>
    public static IEnumerable<OpenWay> Strangers(CallEntries entries) =>
        from entry in entries.Strangers()
        from way in Best(entry, isStranger: true, entries.Reach(entry.Context).Trunks().Where(static exit => exit.Number.Inputs.Count > 0 && (exit.IsCertain || !IsAsked(exit))))
        select way;

    /// <summary>Of callers whom a provider brings, by what they type.</summary>
    public static IEnumerable<OpenWay> Typed(CallEntries entries) =>
        from entry in entries.Incoming()
        from way in Best(entry, isStranger: false, entries.Reach(entry.Context).Trunks()
            .Where(static exit => exit.IsTyped && !IsAsked(exit) && exit.Number.Inputs.Any(input => exit.Order[input] > 0 && !exit.Parts.ContainsKey(exit.Order[input]))))
        select way;

    /// <summary>Of calls that a provider brings, by their number or a header, to numbers abroad.</summary>
    public static IEnumerable<OpenWay> Delivered(CallEntries entries) =>
        from entry in entries.Incoming()
        from way in Best(entry, isStranger: false, entries.Reach(entry.Context).Trunks(entries.International).Where(static exit => !exit.IsTyped && exit.Number.Inputs.Count > 0 && !CountryCode.IsOfTheLine(exit.Number) && !IsAsked(exit)))
        select way;

    /// <summary>Lines that callers come to who show no password, or whom a provider brings, and are asked for nothing before.</summary>
    public static IEnumerable<(CallEntry Entry, CallState State, IReadOnlyList<ShownText> Shows)> Into(CallEntries entries, Func<PlanPriority, bool> wanted) =>
        from entry in entries.Strangers().Select(static entry => (Of: entry, IsStranger: true)).Concat(entries.Incoming().Select(static entry => (Of: entry, IsStranger: false)))
        from state in entries.EnteredUnasked(entry.Of.Context)
        where wanted(state.Way!.Step.Priority)
        let inputs = state.InOrder()
        let parts = state.Parts.Select(part => new ShownText(part.Value, inputs[part.Key])).ToList()
        let shows = ShownText.For(state.Assumptions, parts)
        where shows is not null && shows.Concat(parts).All(shown => MayShow(entry.Of, entry.IsStranger, shown))
        select (entry.Of, state, (IReadOnlyList<ShownText>)[.. shows.Where(static shown => !shown.IsUsual)]);

    /// <summary>Such a way leads over this line.</summary>
    public static bool LeadOver(Place place, CallEntries entries) =>
        Strangers(entries).Concat(Typed(entries)).Concat(Delivered(entries)).Any(way => way.Exit.Way.Steps().Any(step => step.Priority.Place == place));

    private static bool IsAsked(PlanExit exit) => exit.Brakes.Any(static brake => brake.Kind != BrakeKind.TimeLimit);

    // For which nothing must be shown, else the one for which least must be.
    private static IEnumerable<OpenWay> Best(CallEntry entry, bool isStranger, IEnumerable<PlanExit> exits)
    {
        OpenWay? best = null;
        foreach (var exit in exits)
        {
            if (exit.Shows() is { } shows && shows.Concat(exit.Parts.Select(part => new ShownText(part.Value, exit.Inputs[part.Key]))).All(shown => MayShow(entry, isStranger, shown)))
            {
                // A number is the better example, where one can be dialled.
                var way = new OpenWay(entry, exit.Sending(Languages.OfLength(1)) ?? exit, [.. shows.Where(static shown => !shown.IsUsual)]);
                best = best is null || way.Shows.Count < best.Shows.Count ? way : best;
                if (best.Shows.Count == 0)
                {
                    break;
                }
            }
        }

        return best is null ? [] : [best];
    }

    /// <summary>Whether callers of this entry write that themselves: providers hand on what a caller's own PBX says of itself, numbers, names and headers. Few look whether the number is his.</summary>
    public static bool MayShow(CallEntry entry, bool isStranger, ShownText shown) =>
        shown.Part is not (ShownText.Number or ShownText.Name) || (!entry.HasOwnNumber && (isStranger || shown.Part == ShownText.Name || Languages.Overlap(shown.Texts, Numbers)));
}
