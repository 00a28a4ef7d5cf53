using System.CommandLine;
using System.Text.Json.Serialization;
using Ringfence.Core.Audit;
using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Output;
using Ringfence.Sources;

namespace Ringfence.Commands;

/// <summary><c>ringfence audit dialplan</c>: what one number does.</summary>
internal static class AuditDialplanCommand
{
    /// <param name="before">The path of audit itself, where it stands before this word.</param>
    public static Command Build(Argument<string?> before)
    {
        var path = new Argument<string?>("path") { Description = "A directory with a PBX's files, or a tar archive of it; this machine's PBX, if none is given.", HelpName = "DIR|ARCHIVE", Arity = ArgumentArity.ZeroOrOne };
        var from = new Option<string>("--from") { Description = "The context in which the call begins.", HelpName = "CONTEXT", Required = true };
        var dial = new Option<string>("--dial") { Description = "What is dialled there.", HelpName = "NUMBER", Required = true };
        var version = AuditCommand.VersionOption();
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var verb = new Verb("dialplan", "Follow one call through the dialplan: each step with its line, each way that it can go, and what is called in the end.")
        {
            Examples =
            [
                ("ringfence audit dialplan --from internal --dial 0011234567", "what a phone of context internal does with that number"),
                ("ringfence audit dialplan pbx7.tar.gz --from from-trunk --dial s", "what a call from outside does, in a copy"),
                ("ringfence audit dialplan pbx7.tar.gz --from from-internal --dial 0011234567 --asterisk 18", "the same for that version, which still has Macro"),
            ],
        };
        verb.Add(path);
        verb.Add(from);
        verb.Add(dial);
        verb.Add(version);
        verb.Add(json);
        verb.Add(config);
        return verb.Does(async (parsed, surroundings, stop) =>
        {
            var asterisk = AuditCommand.Version(parsed.GetValue(version));
            var pbx = (parsed.GetValue(path) ?? parsed.GetValue(before)) is { } copy
                ? AuditedPbx.OfCopy(copy, asterisk)
                : await AuditedPbx.OfMachineAsync(surroundings.ReadConfigToAsk(parsed.GetValue(config)).AsteriskDirectory, asterisk, surroundings.Clock, stop);
            var plan = Plan.Of(pbx);
            var (context, number) = (parsed.GetRequiredValue(from), parsed.GetRequiredValue(dial));
            if (plan[context] is null)
            {
                if (RefusedFile.Is(pbx, "extensions.conf"))
                {
                    throw new MistakeException($"--from {context}: Asterisk refuses extensions.conf as a whole, so there is no such context; ringfence audit says where the mistake is (RF1113)");
                }

                var near = Core.Configuration.NearestName.Of(context, plan.Contexts.Select(static known => known.Name)) is { } meant ? $"; did you mean {Shown.Text(meant)}?" : "";
                throw new MistakeException($"--from {context}: the dialplan has no such context{near}");
            }

            var trace = CallEntries.Of(pbx).Trace(context, number);
            var screen = new Screen(surroundings);
            if (parsed.GetValue(json))
            {
                screen.Json(DialplanReport.From(trace, context, number, ShownValues.Of(pbx)), DialplanJson.Default.DialplanReport);
            }
            else
            {
                DialplanOutput.Print(trace, context, number, ShownValues.Of(pbx), screen);
            }

            return ExitCode.Fine;
        });
    }
}

/// <summary>One call through the dialplan as JSON: docs/json.md.</summary>
internal sealed record DialplanReport(
    string Context, string Number, IReadOnlyList<IReadOnlyList<DialplanStepReport>> Ways, bool IsWhole, IReadOnlyList<DialplanExitReport> Exits, IReadOnlyList<StepReport> Unknown)
{
    public static DialplanReport From(PlanTrace trace, string context, string number, ShownValues values) => new(
        context, number, [.. trace.Ways.Select(way => (IReadOnlyList<DialplanStepReport>)[.. way.Select(step => DialplanStepReport.From(step, values))])], trace.IsWhole,
        [.. trace.Reach.Called().Select(exit => DialplanExitReport.From(exit, values))],
        [.. trace.Reach.Unknowns.Select(unknown => new StepReport(unknown.Place.ToString(), values.Call(unknown.Text)))]);
}

/// <param name="Number">What EXTEN is there; null: that was not to be known.</param>
/// <param name="If">What was assumed since the step before.</param>
internal sealed record DialplanStepReport(string Place, string Context, string Extension, int Priority, string Application, string? Number, IReadOnlyList<string> If)
{
    public static DialplanStepReport From(TraceStep step, ShownValues values) => new(
        step.Step.Priority.Place.ToString(), step.Step.Context, step.Step.Extension, step.Step.Priority.Number, step.Step.Priority.Application, step.Number, [.. step.Assumptions.Select(assumption => values.Call(assumption.Text))]);
}

/// <param name="Kind">"trunk", "phone" or "unknown".</param>
/// <param name="Sent">The number that is sent out; null: that is not known, none is, or it is a PIN.</param>
/// <param name="If">What the way there assumes; empty: a caller alone can go it.</param>
internal sealed record DialplanExitReport(string Kind, string Technology, string? Resource, string? Sent, string Place, IReadOnlyList<string> Brakes, IReadOnlyList<AssumptionReport> If)
{
    public static DialplanExitReport From(PlanExit exit, ShownValues values) => new(
        exit.Kind.ToString().ToLowerInvariant(), exit.Technology, exit.Resource, exit.Sent(), exit.Place.ToString(), [.. exit.Brakes.Select(static brake => brake.Text)], [.. exit.Assumptions.Select(assumption => AssumptionReport.From(assumption, values))]);
}

internal sealed record AssumptionReport(string Place, string Text)
{
    public static AssumptionReport From(Assumption assumption, ShownValues values) => new(assumption.Place.ToString(), values.Call(assumption.Text));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DialplanReport))]
internal sealed partial class DialplanJson : JsonSerializerContext;
