using System.CommandLine;
using System.Text;
using Ringfence.Core.Rules;
using Ringfence.Core.Sip;
using Ringfence.Output;

namespace Ringfence.Commands;

/// <summary><c>ringfence rules</c>: the list of rules.</summary>
internal static class RulesCommand
{
    public static Command Build() => Build(RuleList.All);

    public static Command Build(Func<IReadOnlyList<RuleInfo>> rules)
    {
        var json = SharedOptions.Json();
        var verb = new Verb("rules", "List every rule.")
        {
            Examples =
            [
                ("ringfence rules", "id, severity, name, what it sees"),
                ("ringfence explain RF2001", "one rule, with its cure and examples"),
                ("ringfence rules --fingerprints", "what scanners are known by (RF2012), to read and to add to"),
            ],
        };
        var prints = new Option<bool>("--fingerprints") { Description = "Print the file of fingerprints that is built in, in place of the rules: what the keys of your own one mean ([detect] fingerprints)." };
        verb.Add(json);
        verb.Add(prints);
        verb.Checks(result =>
        {
            if (result.GetValue(json) && result.GetValue(prints))
            {
                result.AddError("--fingerprints prints a configuration file, and no JSON.");
            }
        });
        return verb.Does((parsed, surroundings, _) =>
        {
            var screen = new Screen(surroundings);
            var sorted = rules().OrderBy(rule => rule.Id, StringComparer.Ordinal).ToList();
            if (parsed.GetValue(prints))
            {
                foreach (var line in Encoding.ASCII.GetString(FingerprintFile.BuiltInText()).TrimEnd().Split('\n'))
                {
                    screen.Verbatim(line);
                }
            }
            else if (parsed.GetValue(json))
            {
                screen.Json(new RulesReport([.. sorted.Select(RuleReport.From)]), RuleJson.Default.RulesReport);
            }
            else if (sorted.Count > 0)
            {
                screen.Table(["Id", "Severity", "Name", "What it sees"], [.. sorted.Select(Row)]);
            }

            return Task.FromResult(ExitCode.Fine);
        });
    }

    public static Tone ToneOf(Severity severity) => severity switch
    {
        Severity.Critical or Severity.High => Tone.Bad,
        Severity.Medium => Tone.Warning,
        _ => Tone.Plain,
    };

    private static Span[] Row(RuleInfo rule) => [rule.Id, new(SeverityName.Of(rule.Severity), ToneOf(rule.Severity)), rule.Name, rule.Why];
}
