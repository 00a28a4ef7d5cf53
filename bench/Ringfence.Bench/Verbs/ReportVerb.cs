using System.CommandLine;
using System.Text.Json;
using Ringfence.Bench.Measuring;
using Ringfence.Bench.Reporting;

namespace Ringfence.Bench.Verbs;

/// <summary><c>report</c>: measurements to a table.</summary>
internal static class ReportVerb
{
    private const string Begin = "<!-- results: written by bench/compare --update-readme -->";
    private const string End = "<!-- end of results -->";

    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public static Command Build(TimeProvider clock)
    {
        var raw = new Argument<string>("RAW") { Description = "What the other verbs appended by --json." };
        var folder = new Option<string>("--to") { Required = true, Description = "The folder for MACHINE-DATE.md and .json." };
        var versions = new Option<string[]>("--version-of") { Description = "NAME=VERSION, for the description.", DefaultValueFactory = _ => [] };
        var readme = new Option<string?>("--readme") { Description = "A file in which the results between the two markers are replaced." };
        var verb = new Command("report", "Make the table of the results.") { raw, folder, versions, readme };
        verb.SetAction(parsed =>
        {
            var machine = Machine.Describe(clock, parsed.GetValue(versions)!);
            var results = new Results(machine, [.. File.ReadLines(parsed.GetValue(raw)!).Select(Measurement.FromLine)]);
            var table = ResultTable.Markdown(results);
            var path = Path.Combine(parsed.GetValue(folder)!, $"{Machine.Slug(machine)}-{machine["Date"]}");
            Directory.CreateDirectory(parsed.GetValue(folder)!);
            AtomicFile.WriteAllText(path + ".md", $"# bench/compare\n\n{table}", Readable);
            AtomicFile.WriteAllText(path + ".json", JsonSerializer.Serialize(results, ResultsJson.Default.Results) + "\n", Readable);
            if (parsed.GetValue(readme) is { } page)
            {
                var text = File.ReadAllText(page);
                var begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
                var end = text.IndexOf(End, StringComparison.Ordinal);
                if (begin < Begin.Length || end < begin)
                {
                    Console.Error.WriteLine($"{page}: the markers are missing: expected {Begin} and {End}");
                    return 2;
                }

                AtomicFile.WriteAllText(page, $"{text[..begin]}\n\n{table}\n{text[end..]}");
            }

            Console.WriteLine($"\n{table}\n{path}.md");
            return 0;
        });
        return verb;
    }
}
