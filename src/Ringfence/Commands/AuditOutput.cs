using Ringfence.Core.Audit;
using Ringfence.Core.Audit.Reports;
using Ringfence.Core.Rules;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary>An audit for people: worst first, the places of one rule together, the line shown, the cure.</summary>
internal static class AuditOutput
{
    /// <summary>Of one rule; a template with a thousand phones must not bury the rest.</summary>
    private const int MostPlaces = 5;

    /// <summary>Of the way to one place: FreePBX takes ninety to a trunk.</summary>
    private const int MostSteps = 5;

    public static void Print(ReportInput input, AuditComparison comparison, bool isWhole, bool isDiff, Screen screen)
    {
        foreach (var rule in input.ByRule)
        {
            screen.Line(new Span(SeverityName.Of(rule.Severity).ToUpperInvariant(), RulesCommand.ToneOf(rule.Severity)), $"  {rule.Rule.Id} {rule.Rule.Name}");
            screen.Line($"  {rule.Rule.Why}");
            var shown = isWhole ? rule.Findings.Count : MostPlaces;
            foreach (var finding in rule.Findings.Take(shown))
            {
                Print(finding, isWhole, screen);
            }

            if (rule.Findings.Count > shown)
            {
                screen.Line($"    and {rule.Findings.Count - shown} more; --all shows them");
            }

            if (rule.Findings.Any(static finding => finding.Fault.Mend is null))
            {
                screen.Line(new Span("  What to do: ", Tone.Good), rule.Rule.Fix);
            }

            screen.Line("");
        }

        if (isDiff)
        {
            Gone(comparison, screen);
        }

        Summary(input, comparison, isDiff, screen);
    }

    private static void Gone(AuditComparison comparison, Screen screen)
    {
        foreach (var gone in comparison.Gone)
        {
            screen.Line(new Span("GONE", Tone.Good), $"  {gone.Rule} {gone.File}: {gone.Subject}");
        }

        if (comparison.Gone.Count > 0)
        {
            screen.Line("");
        }
    }

    private static void Print(Finding finding, bool isWhole, Screen screen)
    {
        screen.Line($"    {finding.Place}: {(finding.Fault.Subject == finding.Place.File ? "" : $"{finding.Fault.Subject}: ")}{finding.Fault.Text}");
        if (finding.Line is { } line)
        {
            screen.Line(new Span($"        {line}", Tone.Faint));
        }

        // Of a long way its beginning and where it ends.
        var left = isWhole ? 0 : Math.Max(0, finding.Fault.Way.Count - MostSteps);
        foreach (var (at, step) in finding.Fault.Way.Index())
        {
            if (left > 1 && at >= MostSteps - 1 && at < MostSteps - 1 + left)
            {
                if (at == MostSteps - 1)
                {
                    screen.Line(new Span($"        ... {left} more lines; --all shows them", Tone.Faint));
                }

                continue;
            }

            screen.Line(new Span($"        {(step.Place is { } place ? $"{place}: " : "")}{step.Text}", Tone.Faint));
        }

        if (finding.Fault.Mend is { } mend)
        {
            screen.Line(new Span("        Mend: ", Tone.Good), mend.Text);
            foreach (var edit in EditText.First(mend))
            {
                screen.Line($"          {edit}");
            }
        }
    }

    private static void Summary(ReportInput input, AuditComparison comparison, bool isDiff, Screen screen)
    {
        var result = input.Result;
        var counts = result.Findings.CountBy(static finding => finding.Severity).OrderByDescending(static count => count.Key).Select(static count => $"{count.Value} {SeverityName.Of(count.Key)}");
        var what = isDiff && comparison.Before is not null ? "new since the last audit, " : "";
        var assumed = result.IsVersionAssumed ? $"taken for version {result.Version.Major} (nobody said which; --asterisk VERSION)" : $"version {result.Version}";
        screen.Line(new Span(result.Findings.Count == 0 ? "No findings" : string.Join(", ", counts), result.Findings.Count == 0 ? Tone.Good : Tone.Plain),
            $" {(what.Length > 0 ? what : "")}in {result.FilesRead.Count} files of Asterisk, {assumed}.");
        var score = comparison.Runs[^1].Score;
        var trend = comparison.Before is { } before ? $" ({before.Score} at {screen.Time(before.Time)})" : "";
        screen.Line($"Score {score} of 100{trend}.");
        if (!isDiff && comparison.Before is not null && comparison.New.Count + comparison.Gone.Count > 0)
        {
            screen.Line($"Since then {comparison.New.Count} new and {comparison.Gone.Count} gone; --diff shows them.");
        }

        if (result.NotAskedText is { } notAsked)
        {
            screen.Line(new Span($"{notAsked}.", Tone.Warning));
        }

        foreach (var note in result.Notes)
        {
            screen.Line(new Span("Note: ", Tone.Faint), note);
        }

        if (result.AllowedText is { } allowed)
        {
            screen.Line($"{allowed}, --json lists all.");
        }
    }
}
