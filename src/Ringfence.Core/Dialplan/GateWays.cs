using System.Collections.Immutable;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Dialplan;

/// <summary>How sure it is that a call leaves without being asked about.</summary>
internal enum GateWayKind
{
    /// <summary>A caller alone can go it, with a number of his own choice.</summary>
    Open,

    /// <summary>Only if something is so that was not to be known.</summary>
    Perhaps,

    /// <summary>No caller chooses what is called: it stands in the dialplan, or is the number that a provider delivers.</summary>
    Fixed,

    /// <summary>Whether it is a trunk that is called was not to be known.</summary>
    Unknown,
}

/// <summary>A way on which a call leaves without being asked about.</summary>
internal sealed record GateWay(GateWayKind Kind, CallEntry Entry, PlanExit Exit)
{
    /// <summary>It was asked about, but as another number, or perhaps so; null: it was not asked about.</summary>
    public AskedNumber.Other? Other { get; init; }
}

/// <summary>Every way on which calls leave that were not asked about at the gate; each line once, with the way that assumes least.</summary>
/// <param name="Entries">The contexts in which calls come in; empty: nothing was walked.</param>
/// <param name="Unknowns">Where it was not to be known how a call goes on.</param>
/// <param name="IsWhole">false: there are more ways than were walked.</param>
internal sealed record GateWays(IReadOnlyList<GateWay> Ways, IReadOnlyList<CallEntry> Entries, IReadOnlyList<PlanUnknown> Unknowns, bool IsWhole)
{
    /// <summary>The context into which calls go by Gosub before they leave, and those that belong to it.</summary>
    public const string Gate = "ringfence-gate";

    /// <summary>The number that is asked about.</summary>
    public const string Number = "RINGFENCE_NUMBER";

    /// <summary>What the gate is told is sent, where that is another text.</summary>
    private const string Sent = "RINGFENCE_SENT";

    /// <summary>Before the names of what those held when the gate was asked; no name in a dialplan has a blank.</summary>
    public const string AskedAs = "asked ";

    /// <summary>Its extensions leave without anybody being asked.</summary>
    public const string Emergency = "ringfence-emergency";

    /// <param name="isSame">Whether two texts, asked about and called, are one number; null: how people dial here is not known.</param>
    /// <param name="isInside">Whether a trunk leads to a PBX of one's own: the gate lets each call out that is said to go there.</param>
    public static GateWays Of(PbxSnapshot pbx, IEnumerable<string> emergency, Func<string, string, bool>? isSame = null, Func<string, bool>? isInside = null)
    {
        var entries = CallEntries.Of(pbx);
        var plan = Plan.Of(pbx);
        var callers = entries.Phones().Concat(entries.Strangers()).Concat(entries.Incoming().Select(static entry => entry with { IsIncoming = true })).Concat(Transfers(pbx, plan)).DistinctBy(static entry => entry.Context).ToList();
        var asked = Languages.Not(Languages.UnionOf([.. emergency.Select(Languages.Only), .. plan[Emergency]?.Extensions.Select(static extension => Languages.Fitting(extension.Pattern)) ?? []]));
        var own = plan.Contexts.Where(static context => context.Name == Gate).SelectMany(static context => context.Extensions).SelectMany(static extension => extension.Priorities).Select(static priority => priority.Place).ToHashSet();
        var ways = new List<GateWay>();
        var unknowns = new List<PlanUnknown>();
        var isWhole = true;
        foreach (var entry in callers)
        {
            var reach = entries.ReachOver(Gate, entry.Context, out var all);
            isWhole &= all;
            unknowns.AddRange(reach.Unknowns.Where(unknown => !own.Contains(unknown.Place)));
            ways.AddRange(reach.Exits.Select(exit => WayOf(exit, entry, entries, asked, isSame, isInside, own)).OfType<GateWay>());
        }

        return new GateWays(
            [.. ways.OrderBy(static way => way.Kind).ThenBy(static way => way.Exit.Hindrances).ThenBy(static way => way.Exit.Assumptions.Count).ThenBy(static way => way.Exit.Way.Length).DistinctBy(static way => way.Exit.Place)
                .OrderBy(static way => way.Kind).ThenBy(static way => way.Exit.Place.File, StringComparer.Ordinal).ThenBy(static way => way.Exit.Place.Line)],
            callers, [.. unknowns.Distinct()], isWhole);
    }

    private static GateWay? WayOf(PlanExit exit, CallEntry entry, CallEntries entries, NumberLanguage asked, Func<string, string, bool>? isSame, Func<string, bool>? isInside, HashSet<Place> own)
    {
        var isAsked = IsAsked(exit) && !IsSaidToStayInside(exit, isInside);
        if ((isAsked && AskedNumber.Of(exit, isSame) is null) || NotEmergency(exit, asked) is not { } left)
        {
            return null;
        }

        var other = isAsked ? AskedNumber.Of(left, isSame) : null;
        if (isAsked && other is null)
        {
            return null;
        }

        // What the gate answered is no hindrance to a call that it let out and that then goes on elsewhere.
        left = (other?.Exit ?? left) with { Assumptions = [.. left.Assumptions.Where(assumption => !own.Contains(assumption.Place))] };
        return KindOf(left, entry, entries) switch
        {
            null => null,
            GateWayKind.Open when other?.IsCertain is false => new GateWay(GateWayKind.Perhaps, entry, left) { Other = other },
            { } kind => new GateWay(kind, entry, other is null ? Example(left) : left) { Other = other },
        };
    }

    // Who transfers has a number looked up there, whatever his own context is (res_pjsip_refer.c; a global counts as a variable of each channel).
    private static IEnumerable<CallEntry> Transfers(PbxSnapshot pbx, Plan plan) =>
        pbx.Pjsip.Endpoints.SelectMany(static endpoint => endpoint.All("set_var")).Select(static setting => CallArguments.Cut(setting.Value, '='))
            .Where(static set => set.First.Trim().TrimStart('_') == CallDialling.TransferContext).Select(static set => set.Behind?.Trim())
            .Append(plan.Globals.GetValueOrDefault(CallDialling.TransferContext))
            .OfType<string>().Where(static context => context.Length > 0).Select(static context => new CallEntry(context, "who transfers a call", new Place("extensions.conf", 0), HasOwnNumber: false));

    /// <summary>What the gate was asked about last.</summary>
    public static ImmutableArray<SymbolicText> AskedAbout(CallState state) => [.. Told.Select(name => state.Variables.GetValueOrDefault(AskedAs + name)).OfType<SymbolicText>()];

    /// <summary>The trunk that the gate was told; null: that was not to be known.</summary>
    public static SymbolicText? AskedTrunk(CallState state) => state.Variables.GetValueOrDefault(AskedAs + Trunk);

    private const string Trunk = "ARG1";

    private static readonly string[] Told = [Number, Sent];

    /// <summary>The call as it goes on behind the gate.</summary>
    public static CallState Asked(CallState state, string gate)
    {
        var asked = new Brake(BrakeKind.Gate, gate, state.Way!.Step.Priority.Place);
        state = Told.Append(Trunk).Aggregate(state, static (at, name) => at.Variables.TryGetValue(name, out var told) ? at.With(AskedAs + name, told) : at with { Variables = at.Variables.Remove(AskedAs + name) });
        // Who dials once more behind it (a menu, a transfer) is asked about anew: the brake is one for each thing that was entered.
        return state.Variables.GetValueOrDefault(Number) is { IsFollowed: true, Constant: null } number
            ? number.Inputs.Aggregate(state, (at, input) => at.With(asked with { Input = at.Order[input] }))
            : state.With(asked);
    }

    private static bool IsAsked(PlanExit exit)
    {
        var gates = exit.Brakes.Where(static brake => brake is { Kind: BrakeKind.Gate, Text: Gate }).ToList();
        return gates.Count > 0 && (gates.Exists(static brake => brake.Input is null) || exit.Number.Inputs.All(input => gates.Exists(brake => brake.Input == exit.Order[input])));
    }

    // The gate was told another trunk than the one that is called.
    private static bool IsSaidToStayInside(PlanExit exit, Func<string, bool>? isInside) =>
        isInside is not null && exit is { AskedTrunk.Constant: { } told, Resource: { } called } && isInside(told) && !isInside(called);

    // null: nobody but emergency calls goes this way.
    private static PlanExit? NotEmergency(PlanExit exit, NumberLanguage asked)
    {
        if (!exit.Number.IsFollowed)
        {
            return exit;
        }

        if (exit.Sending(asked) is not { Number.Inputs.Count: 1 } sent)
        {
            return exit.Number.Constant is null ? null : exit.Sending(asked);
        }

        // With the digit for an outside line, where the dialplan takes that away.
        var at = sent.Order[sent.Number.Inputs[0]];
        var left = Languages.Intersect(sent.Inputs[at], asked);
        return left.IsNone ? null : sent with { Inputs = sent.Inputs.SetItem(at, left) };
    }

    // One that looks like a number, where such can be dialled.
    private static PlanExit Example(PlanExit exit) => Examples.Select(exit.Sending).FirstOrDefault(static sent => sent is not null) ?? exit;

    private static readonly NumberLanguage[] Examples = [Languages.Fitting("_0044XXXXXXX"), Languages.Fitting("_01144XXXXXXX"), Languages.Repeat("0123456789", 8), Languages.Repeat("0123456789", 1)];

    // What a provider delivers is one of the site's own numbers, sent on to another PBX.
    private static GateWayKind? KindOf(PlanExit exit, CallEntry entry, CallEntries entries) => exit.Kind switch
    {
        // A gateway that registers as a phone does is called with a number; a phone is called by its name.
        ExitKind.Phone => exit.Called is null && exit.Number.Inputs.Count > 0 ? GateWayKind.Unknown : null,
        ExitKind.Unknown => entries.CallsPhone(exit) || !entries.MayCallTrunk(exit) ? null : GateWayKind.Unknown,
        _ when exit.Number.Constant is not null || (entry.IsIncoming && exit.Number.IsFollowed && exit.Number.Inputs.All(input => exit.Order[input] == 0)) => GateWayKind.Fixed,
        _ => exit.Assumptions.All(static assumption => assumption.ComesByItself || assumption.Kind is AssumptionKind.Answer or AssumptionKind.Caller) ? GateWayKind.Open : GateWayKind.Perhaps,
    };
}
