using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using Ringfence.Bench.Fuzzing;
using Ringfence.Bench.Reporting;

namespace Ringfence.Bench.Verbs;

/// <summary><c>fuzz</c>: damaged samples into every parser, for as long as wanted.</summary>
internal static partial class FuzzVerb
{
    // An exception of one input is told with the input, and the run goes on; after so many it says nothing new.
    private const int MostCrashes = 20;

    public static Command Build(TimeProvider clock)
    {
        var targets = new Option<string[]>("--target") { DefaultValueFactory = _ => ["all"], Description = $"One of: all, {string.Join(", ", FuzzTargets.All.Select(target => target.Name))}. More than once for several." };
        var inputs = new Option<long>("--inputs") { DefaultValueFactory = _ => 100_000, Description = "Inputs of each target." };
        var seed = new Option<ulong>("--seed") { DefaultValueFactory = _ => 1, Description = "The same seed gives the same inputs." };
        var corpus = new Option<string>("--corpus") { Required = true, HelpName = "DIR", Description = "The tests' corpus: real logs and captures to damage." };
        var result = new Option<string?>("--result") { HelpName = "FILE", Description = "A page of results, whose lines of these targets are written anew." };
        var verb = new Command("fuzz", "Feed damaged samples to the parsers: none may throw, each must end soon.") { targets, inputs, seed, corpus, result };
        verb.SetAction(parsed =>
        {
            var names = parsed.GetValue(targets)!;
            var chosen = FuzzTargets.All.Where(target => names.Contains("all") || names.Contains(target.Name)).ToList();
            var samples = new FuzzSamples(parsed.GetValue(corpus)!);
            var crashes = 0;
            foreach (var target in chosen)
            {
                var run = Run(target, samples, parsed.GetValue(inputs), parsed.GetValue(seed), clock);
                crashes += run.Crashes;
                var row = string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {target.Name} | {run.Inputs:#,0} | {parsed.GetValue(seed)} | {run.Seconds:0.0} | {run.Crashes} | {run.LongestMilliseconds:0.000} | {clock.GetUtcNow():yyyy-MM-dd} |");
                Console.WriteLine(row);
                if (parsed.GetValue(result) is { } page)
                {
                    Write(page, target.Name, row, clock);
                }
            }

            return chosen.Count == 0 ? 2 : crashes == 0 ? 0 : 1;
        });
        return verb;
    }

    private static FuzzRun Run(FuzzTarget target, FuzzSamples samples, long inputs, ulong seed, TimeProvider clock)
    {
        var mutator = new Mutator(seed, [.. target.Samples(samples).Where(sample => sample.Length > 0)]);
        var crashes = 0;
        var longest = TimeSpan.Zero;
        var began = clock.GetTimestamp();
        long done = 0;
        for (; done < inputs && crashes < MostCrashes; done++)
        {
            var input = mutator.Next();
            try
            {
                var start = clock.GetTimestamp();
                target.Parse(input);
                var took = clock.GetElapsedTime(start);
                if (took > longest)
                {
                    // Another process may have had the processor: the shortest of a few times is the parser's own.
                    for (var again = 0; again < 5; again++)
                    {
                        start = clock.GetTimestamp();
                        target.Parse(input);
                        var repeated = clock.GetElapsedTime(start);
                        took = repeated < took ? repeated : took;
                    }

                    longest = took > longest ? took : longest;
                }
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                crashes++;
                Console.Error.WriteLine($"{target.Name}: input {done} of seed {seed}: {error.GetType().Name}: {error.Message}\n{error.StackTrace}\n{Convert.ToBase64String(input)}");
            }
        }

        return new FuzzRun(done, crashes, clock.GetElapsedTime(began).TotalSeconds, longest.TotalMilliseconds);
    }

    private static void Write(string page, string target, string row, TimeProvider clock)
    {
        var known = File.Exists(page) ? File.ReadAllLines(page).Where(line => Row().IsMatch(line) && !line.StartsWith($"| {target} |", StringComparison.Ordinal)).ToList() : [];
        known.Add(row);
        var machine = Machine.Describe(clock, []);
        var order = FuzzTargets.All.Select(each => each.Name).ToList();
        AtomicFile.WriteAllText(
            page,
            $"""
            # Fuzzing

            `bench/fuzz` writes this page: damaged samples of real logs, captures and messages (tests/Ringfence.Tests/Corpus) into each parser. A crash is any exception. The longest
            time is that of one input, the shortest of six runs of it. On {machine["Processor"]}, beside other work.

            | target | inputs | seed | seconds | crashes | longest, ms | date |
            |---|---|---|---|---|---|---|
            {string.Join('\n', known.OrderBy(line => order.IndexOf(line.Split('|')[1].Trim())))}

            """.ReplaceLineEndings("\n"));
    }

    [GeneratedRegex(@"^\| [\w.-]+ \| [\d,]+ \|", RegexOptions.NonBacktracking)]
    private static partial Regex Row();

    private sealed record FuzzRun(long Inputs, int Crashes, double Seconds, double LongestMilliseconds);
}
