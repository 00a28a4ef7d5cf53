using System.CommandLine;
using System.Globalization;
using Ringfence.Bench.Logs;

namespace Ringfence.Bench.Verbs;

/// <summary><c>loggen</c>: writes a log like that of an attacked Asterisk 22.</summary>
internal static class LoggenVerb
{
    public static Command Build(TimeProvider clock)
    {
        var file = new Argument<string>("FILE") { Description = "Written anew." };
        var lines = new Option<int>("--lines") { DefaultValueFactory = _ => 1_000_000 };
        var attackers = new Option<int>("--attackers") { DefaultValueFactory = _ => 20_000, Description = "2 in 100 of them on IPv6." };
        var seed = new Option<ulong>("--seed") { DefaultValueFactory = _ => 42 };
        var start = new Option<string>("--start") { DefaultValueFactory = _ => "2026-11-20T00:00:00Z", Description = "ISO 8601, or now: then the log ends now." };
        var span = new Option<int>("--span") { DefaultValueFactory = _ => 3600, Description = "Seconds from the first to the last line." };
        lines.Validators.Add(result => Range(result, lines, 1, 100_000_000));
        attackers.Validators.Add(result => Range(result, attackers, 1, 130_000));
        span.Validators.Add(result => Range(result, span, 1, 30 * 86_400));
        var verb = new Command("loggen", "Write a log of an attacked Asterisk 22: the same arguments give the same bytes.") { file, lines, attackers, seed, start, span };
        verb.SetAction(parsed =>
        {
            var length = TimeSpan.FromSeconds(parsed.GetValue(span));
            var recipe = new LogRecipe
            {
                Lines = parsed.GetValue(lines),
                Attackers = parsed.GetValue(attackers),
                Seed = parsed.GetValue(seed),
                Span = length,
                Start = parsed.GetValue(start) is "now"
                    ? clock.GetUtcNow() - length
                    : DateTimeOffset.Parse(parsed.GetValue(start)!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
            };
            using var target = new FileStream(parsed.GetValue(file)!, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
            LogGenerator.Write(recipe, target);
        });
        return verb;
    }

    private static void Range(System.CommandLine.Parsing.OptionResult result, Option<int> option, int least, int most)
    {
        if (result.GetValue(option) is var value && (value < least || value > most))
        {
            result.AddError($"{option.Name} {value}: expected a number from {least} to {most}");
        }
    }
}
