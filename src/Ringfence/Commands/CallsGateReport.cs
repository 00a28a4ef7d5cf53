using System.Text.Json.Serialization;
using Ringfence.Core.Audit;
using Ringfence.Core.Dialplan;
using Ringfence.Core.Gate;
using Ringfence.Core.Pbx;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary>What <c>calls gate --check</c> found: docs/json.md.</summary>
/// <param name="Past">A caller alone goes there, and the gate is not asked.</param>
/// <param name="Perhaps">The same, if something is so that was not to be known.</param>
/// <param name="Fixed">No caller chooses what is called there.</param>
/// <param name="Problems">What is wrong with the gate's own part of the dialplan.</param>
/// <param name="NotFollowed">Where it was not to be known how a call goes on, or what is called.</param>
/// <param name="Contexts">Those that calls come in by, and were walked.</param>
internal sealed record CallsGateReport(
    IReadOnlyList<GateWayReport> Past, IReadOnlyList<GateWayReport> Perhaps, IReadOnlyList<GateWayReport> Fixed, IReadOnlyList<GateProblemReport> Problems, IReadOnlyList<StepReport> NotFollowed,
    IReadOnlyList<string> Contexts)
{
    // A FreePBX has hundreds.
    private const int MostShown = 20;

    /// <summary>Something is to be done.</summary>
    [JsonIgnore]
    public bool IsFound => Past.Count > 0 || Problems.Count > 0;

    public static CallsGateReport From(GateWays ways, IReadOnlyList<GateProblem> problems, PbxSnapshot pbx)
    {
        var values = ShownValues.Of(pbx);
        List<GateWayReport> Of(GateWayKind kind) => [.. ways.Ways.Where(way => way.Kind == kind).Select(way => GateWayReport.From(way, pbx, values))];
        List<StepReport> unfollowed =
        [
            .. ways.Unknowns.Select(unknown => new StepReport(unknown.Place.ToString(), values.Call(unknown.Text))),
            .. Of(GateWayKind.Unknown).Select(static way => new StepReport(way.Place, "whether a trunk is called here was not to be known")),
        ];
        if (!ways.IsWhole)
        {
            unfollowed.Add(new StepReport(null, "the dialplan has more ways than were walked"));
        }

        if (ways.Entries.Count == 0)
        {
            unfollowed.Add(new StepReport(null, "no phone and no trunk was found in pjsip.conf, sip.conf and iax.conf: nothing was walked"));
        }

        return new CallsGateReport(
            Of(GateWayKind.Open), Of(GateWayKind.Perhaps), Of(GateWayKind.Fixed), [.. problems.Select(static problem => new GateProblemReport(problem.Place.ToString(), problem.Text, problem.Mend))], unfollowed,
            [.. ways.Entries.Select(static entry => entry.Context)]);
    }

    public void Print(Screen screen)
    {
        foreach (var problem in Problems)
        {
            screen.Line(new Span("dialplan: ", Tone.Bad), $"{problem.Place}: {problem.Text}");
            screen.Line(new Span($"  {problem.Mend}", Tone.Faint));
        }

        Print(Past, new Span("past the gate: ", Tone.Bad), screen);
        Print(Perhaps, new Span("perhaps past the gate: ", Tone.Warning), screen);
        Print(Fixed, new Span("one number: ", Tone.Faint), screen);
        foreach (var step in NotFollowed.Take(MostShown))
        {
            screen.Line(new Span($"not followed: {(step.Place is null ? "" : $"{step.Place}: ")}{Shown.Text(step.Text, 200)}", Tone.Faint));
        }

        if (NotFollowed.Count > MostShown)
        {
            screen.Line(new Span($"not followed: {NotFollowed.Count - MostShown} more places; --json has them", Tone.Faint));
        }

        if (!IsFound && Contexts.Count > 0)
        {
            screen.Line(new Span($"No way past the gate was found from {string.Join(", ", Contexts.Take(10).Select(static context => Shown.Text(context)))}{(Contexts.Count > 10 ? $" and {Contexts.Count - 10} more" : "")}.", NotFollowed.Count + Perhaps.Count == 0 ? Tone.Good : Tone.Plain));
        }
    }

    private static void Print(IReadOnlyList<GateWayReport> ways, Span heading, Screen screen)
    {
        foreach (var way in ways)
        {
            screen.Line(heading, $"{way.Place}: {way.Text}");
            foreach (var condition in way.If)
            {
                screen.Line(new Span($"  if {Shown.Text(condition.Text, 200)} ({condition.Place})", Tone.Faint));
            }

            screen.Line(new Span($"  {way.Mend}", Tone.Faint));
        }
    }
}

/// <param name="Context">In which the call comes in.</param>
/// <param name="Dialled">What is dialled there, and then typed: one example; a PIN is "".</param>
/// <param name="Sent">The number that is called; null: that is not known, or none is.</param>
/// <param name="If">What must be so; empty: a caller alone can go it.</param>
internal sealed record GateWayReport(string Place, string Text, string Mend, string Context, IReadOnlyList<string> Dialled, string? Sent, IReadOnlyList<AssumptionReport> If, IReadOnlyList<StepReport> Way)
{
    public static GateWayReport From(GateWay way, PbxSnapshot pbx, ShownValues values)
    {
        var told = PastGate.Told(way, pbx);
        return new GateWayReport(
            told.Place.ToString(), told.Text, told.Mend!.Text, way.Entry.Context, [.. way.Exit.Witness().Select((text, at) => way.Exit.IsPin(at) ? "" : text)], way.Exit.Sent(),
            [.. way.Exit.Assumptions.Where(static assumption => !assumption.ComesByItself).Select(assumption => AssumptionReport.From(assumption, values))],
            [.. told.Way.Select(static step => new StepReport(step.Place?.ToString(), step.Text))]);
    }
}

internal sealed record GateProblemReport(string Place, string Text, string Mend);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CallsGateReport))]
internal sealed partial class CallsGateJson : JsonSerializerContext;
