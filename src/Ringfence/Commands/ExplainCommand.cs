using System.CommandLine;
using Ringfence.Core.Configuration;
using Ringfence.Core.Detection;
using Ringfence.Core.Rules;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary><c>ringfence explain</c>: one rule.</summary>
internal static class ExplainCommand
{
    public static Command Build() => Build(RuleList.All);

    public static Command Build(Func<IReadOnlyList<RuleInfo>> rules)
    {
        var id = new Argument<string>("rule") { Description = "Id or name of the rule.", HelpName = "RULE" };
        id.CompletionSources.Add(_ => rules().Select(rule => new System.CommandLine.Completions.CompletionItem(rule.Id)));
        var json = SharedOptions.Json();
        var verb = new Verb("explain", "Explain a rule: why it matters, what to do, what it fires on and what it lets pass.")
        {
            Examples =
            [
                ("ringfence explain RF2001", "by id"),
                ("ringfence explain password-guessing", "by name"),
            ],
        };
        verb.Add(id);
        verb.Add(json);
        return verb.Does((parsed, surroundings, _) =>
        {
            var asked = parsed.GetRequiredValue(id);
            var rule = RuleList.Find(rules(), asked) ?? throw new MistakeException($"{asked}: no such rule; `ringfence rules` lists them");
            var screen = new Screen(surroundings);
            if (parsed.GetValue(json))
            {
                screen.Json(RuleReport.From(rule), RuleJson.Default.RuleReport);
            }
            else
            {
                Print(rule, screen);
            }

            return Task.FromResult(ExitCode.Fine);
        });
    }

    private static void Print(RuleInfo rule, Screen screen)
    {
        screen.Line($"{rule.Id} {rule.Name}, ", new(SeverityName.Of(rule.Severity), RulesCommand.ToneOf(rule.Severity)));
        Paragraph("Why", rule.Why, screen);
        Paragraph("What to do", rule.Fix, screen);
        Paragraph(Under("It fires on", rule), Shown(rule.Bad), screen);
        Paragraph("It lets pass", rule.Good, screen);
        Paragraph("More", rule.Reference.ToString(), screen);
    }

    // "# here", behind a line, and "; here", at its end, tell the tests which line it is about; people are told in words.
    private static string Shown(string example)
    {
        var lines = example.TrimEnd('\n').Split('\n').ToList();
        var here = lines.IndexOf("# here");
        if (here > 0)
        {
            lines.RemoveAt(here);
            lines[here - 1] += "  <- fires here";
        }

        return string.Join('\n', lines.Select(static line => line.EndsWith("; here", StringComparison.Ordinal) ? line[..^"; here".Length] + " <- fires here" : line));
    }

    private static string Under(string heading, RuleInfo rule) =>
        rule is DetectionRule { ExampleSettings: var settings } && Settings(settings) is { Length: > 0 } set ? $"{heading}, with {set} in ringfence.conf" : heading;

    private static string Settings(DetectionSettings settings)
    {
        var usual = new DetectionSettings();
        List<string> set = [];
        if (settings.Refusals != usual.Refusals)
        {
            set.Add($"refusals = {settings.Refusals}");
        }

        if (settings.Decoys.Count > 0)
        {
            set.Add($"decoy = {string.Join(", ", settings.Decoys)}");
        }

        return string.Join(", ", set);
    }

    private static void Paragraph(string heading, string text, Screen screen)
    {
        screen.Line("");
        screen.Line(new Span(heading, Tone.Good));
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            screen.Line($"  {line}");
        }
    }
}
