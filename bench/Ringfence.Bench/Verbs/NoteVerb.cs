using System.CommandLine;
using System.Globalization;
using Ringfence.Bench.Measuring;

namespace Ringfence.Bench.Verbs;

/// <summary><c>note</c>: puts figures that a script worked out beside the measured ones.</summary>
internal static class NoteVerb
{
    public static Command Build()
    {
        var part = new Argument<string>("PART");
        var figures = new Argument<string[]>("NAME=NUMBER") { Arity = ArgumentArity.OneOrMore };
        var program = new Option<string>("--program") { DefaultValueFactory = _ => "ringfence" };
        var json = new Option<string?>("--json") { HelpName = "FILE" };
        var verb = new Command("note", "Add figures to the results.") { part, figures, program, json };
        verb.SetAction(parsed => new Measurement(
            parsed.GetValue(part)!,
            parsed.GetValue(program)!,
            parsed.GetValue(figures)!.Select(text => text.Split('=', 2)).ToDictionary(pair => pair[0], pair => double.Parse(pair[1], CultureInfo.InvariantCulture)))
            .Report(parsed.GetValue(json)));
        return verb;
    }
}
