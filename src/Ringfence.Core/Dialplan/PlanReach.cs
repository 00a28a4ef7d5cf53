using System.Collections.Immutable;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Dialplan;

internal enum ExitKind
{
    Phone,
    Trunk,
    Unknown,
}

/// <summary>What a channel that is dialled is.</summary>
/// <param name="technology">"PJSIP", "IAX2", "DAHDI"; never "Local", which is followed.</param>
/// <param name="resource">The endpoint or peer, "trunk-ip"; null: the caller, or something that was not read, decides which.</param>
internal delegate ExitKind ExitClassifier(string technology, string? resource);

/// <summary>Where calls come in, and what they can ask for.</summary>
/// <param name="Dialled">Their numbers: <see cref="Languages.Dialled"/> over SIP, <see cref="Languages.Keys"/> from a telephone line.</param>
internal sealed record PlanEntry(string Context, NumberLanguage Dialled);

/// <summary>A channel that a call can have dialled.</summary>
/// <param name="Resource">As the classifier was asked.</param>
/// <param name="Number">What is sent to it, as a function of the inputs; <see cref="SymbolicText.Nothing"/> where the endpoint itself is called.</param>
/// <param name="Inputs">What is dialled, and then typed, in order: each language holds exactly the texts that lead here.</param>
/// <param name="Order">Which of them <paramref name="Number"/> calls N0, N1...</param>
/// <param name="Assumptions">Empty: the way is certain.</param>
internal sealed record PlanExit(
    ExitKind Kind,
    string Technology,
    string? Resource,
    SymbolicText Number,
    ImmutableArray<NumberLanguage> Inputs,
    ImmutableArray<int> Order,
    ImmutableHashSet<Brake> Brakes,
    ImmutableHashSet<Assumption> Assumptions,
    CallWay Way)
{
    public Place Place => Way.Step.Priority.Place;

    /// <summary>Which of the inputs stand in a part of the caller, and which (<see cref="ShownText.Part"/>).</summary>
    public ImmutableSortedDictionary<int, string> Parts { get; init; } = ImmutableSortedDictionary<int, string>.Empty;

    /// <summary>What names the endpoint or peer, where it is not fixed: PJSIP/${EXTEN}.</summary>
    public SymbolicText? Called { get; init; }

    /// <summary>What the gate was asked about last, and what it was told is sent; empty: it was not asked, or that was not to be known.</summary>
    public ImmutableArray<SymbolicText> Asked { get; init; } = [];

    /// <inheritdoc cref="GateWays.AskedTrunk"/>
    public SymbolicText? AskedTrunk { get; init; }

    /// <summary>Whether the endpoint that is called may have one of these names.</summary>
    public bool MayCall(NumberLanguage names)
    {
        if (Called is not { IsFollowed: true } called)
        {
            return true;
        }

        var demand = Demand.That(called, names);
        return !demand.Holds.IsNone && (demand.Input is not { } input || Languages.Overlap(demand.Holds, Inputs[Order[input]]));
    }

    /// <summary>Something is typed on the way.</summary>
    public bool IsTyped => Inputs.Length > 1 + Parts.Count;

    /// <summary>What the caller must show of himself besides what <see cref="Witness"/> says.</summary>
    /// <returns>Empty: nothing; null: more keeps him out than what he writes himself, or he would have to write two things at once.</returns>
    public IReadOnlyList<ShownText>? Shows() => ShownText.For(Assumptions, [.. Parts.Select(part => new ShownText(part.Value, Inputs[part.Key]))]);

    /// <summary>A caller alone can go this way: he may have to wait for the time, or until a line is free.</summary>
    public bool IsCertain => Assumptions.All(static assumption => assumption.ComesByItself);

    /// <summary>How much must be so that does not come by itself.</summary>
    public int Hindrances => Assumptions.Count(static assumption => !assumption.ComesByItself);

    /// <summary>The shortest number to dial, and then what to type.</summary>
    public IReadOnlyList<string> Witness() => [.. Inputs.Select(static input => input.Shortest() ?? "")];

    /// <summary>What is sent out for the witness; null: that is not known, or it is a PIN.</summary>
    public string? Sent() => Number.Inputs.Any(input => IsPin(Order[input])) ? null : Witness() is var entered ? OfNumber(Number.For([.. Order.Select(at => entered[at])])) : null;

    // SIP/number:secret:digest:login@peer: what stands behind the colon is no number, and a port or a password.
    private string? OfNumber(string? sent) => Technology is "SIP" or "IAX2" && sent?.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? sent[..colon] : sent;

    /// <summary>The input is a secret that the dialplan compares: it is told nowhere.</summary>
    public bool IsPin(int input) => input > 0 && Brake.IsPin(Brakes, Inputs[input]);

    /// <summary>The same way, for what is sent out in a language alone.</summary>
    /// <returns>null: nothing of it is.</returns>
    public PlanExit? Sending(NumberLanguage wanted)
    {
        var demand = Demand.That(Number, wanted);
        if (demand.Input is not { } input)
        {
            return demand.Holds.IsNone || !demand.Fails.IsNone ? null : this;
        }

        var left = Languages.Intersect(Inputs[Order[input]], Languages.Except(demand.Holds, demand.Fails));
        return left.IsNone ? null : this with { Inputs = Inputs.SetItem(Order[input], left) };
    }
}

/// <summary>A place where it was not to be known how a call goes on.</summary>
internal sealed record PlanUnknown(string Text, Place Place);

/// <param name="Exits">The shortest ways first.</param>
/// <param name="Unknowns">What is beside this answer.</param>
/// <param name="Injections">Where a caller's text goes on as it is; each place once.</param>
internal sealed record PlanReach(IReadOnlyList<PlanExit> Exits, IReadOnlyList<PlanUnknown> Unknowns, IReadOnlyList<PlanInjection> Injections)
{
    /// <summary>Everything that a call can have dialled.</summary>
    public static PlanReach From(Plan plan, PlanEntry entry, ExitClassifier classify) => From(new CallSearch(plan), entry, classify);

    /// <param name="search">The same for many entries: what it finds once it knows.</param>
    public static PlanReach From(CallSearch search, PlanEntry entry, ExitClassifier classify) => new CallWalk(search, classify).Run(entry);

    /// <summary>Each thing that is called once, with the way that assumes least; those that assume least first.</summary>
    public IEnumerable<PlanExit> Called() =>
        Exits.OrderBy(static exit => exit.Hindrances).ThenBy(static exit => exit.Assumptions.Count).DistinctBy(static exit => (exit.Place, exit.Sent()));

    /// <summary>The ways to a trunk with a number of interest, the least hindered first: certain ones, then those with fewer brakes, then short ones.</summary>
    public IReadOnlyList<PlanExit> Trunks(NumberLanguage? interest = null) =>
        [.. Exits.Where(static exit => exit.Kind == ExitKind.Trunk).Select(exit => interest is null ? exit : exit.Sending(interest)).OfType<PlanExit>()
            .OrderBy(static exit => exit.IsCertain ? 0 : 1).ThenBy(static exit => exit.Brakes.Count).ThenBy(static exit => exit.Hindrances).ThenBy(static exit => exit.Assumptions.Count).ThenBy(static exit => exit.Way.Length)];

    /// <summary>The kinds of brake that every way to a trunk has; a way without one is a way without it.</summary>
    public IReadOnlyList<BrakeKind> BrakesOnAllWays(NumberLanguage? interest = null)
    {
        var ways = Trunks(interest);
        return ways.Count == 0 ? [] : [.. Enum.GetValues<BrakeKind>().Where(kind => ways.All(exit => exit.Brakes.Any(brake => brake.Kind == kind)))];
    }
}
