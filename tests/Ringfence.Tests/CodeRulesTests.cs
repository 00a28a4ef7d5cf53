using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Xunit;

namespace Ringfence.Tests;

/// <summary>Rules about the code itself, which no tool sells.</summary>
public sealed partial class CodeRulesTests
{
    private static readonly string Root = RootOf();

    private static IEnumerable<(string Path, string Text)> Sources =>
        Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Select(path => (Path.GetRelativePath(Root, path), File.ReadAllText(path)));

    [Fact]
    public void Only_the_supervisor_catches_everything()
    {
        var broad = Sources
            .Where(source => BroadCatch().IsMatch(source.Text))
            .Select(source => source.Path);

        Assert.Equal(["src/Ringfence/Daemon/Supervisor.cs"], broad);
    }

    [Fact]
    public void Each_log_event_has_a_number_of_its_own()
    {
        var numbers = Sources.SelectMany(source => LogEvent().Matches(source.Text).Select(match => match.Groups["number"].Value)).ToList();

        Assert.NotEmpty(numbers);
        Assert.Equal(numbers.Distinct().Count(), numbers.Count);
    }

    [Fact]
    public void The_readme_names_every_verb()
    {
        var readme = File.ReadAllText(Path.Combine(Root, "README.md"));
        var verbs = Verb().Matches(File.ReadAllText(Path.Combine(Root, "src/Ringfence/Program.cs"))).Select(match => match.Groups["verb"].Value).ToList();

        Assert.True(verbs.Count >= 12, "the list of verbs in Program.cs was not found");
        Assert.All(verbs, verb => Assert.Contains($"`{verb}", readme, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"catch\s*\(Exception(?:\s+\w+)?\)\s*\{|catch\s*\{", RegexOptions.NonBacktracking)]
    private static partial Regex BroadCatch();

    [GeneratedRegex(@"LoggerMessage\((?<number>\d+)", RegexOptions.NonBacktracking)]
    private static partial Regex LogEvent();

    [GeneratedRegex("\\(\"(?<verb>[a-z]+)\", ", RegexOptions.NonBacktracking)]
    private static partial Regex Verb();

    private static string RootOf([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../.."));
}
