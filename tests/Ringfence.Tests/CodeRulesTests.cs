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

    // RulesPage writes docs/rules.md, in a test.
    [Fact]
    public void Every_type_of_Core_is_used_by_the_program()
    {
        var code = Sources.Select(static source => Comment().Replace(source.Text, "")).ToList();
        var words = code.Select(static text => Word().Matches(text).GroupBy(static word => word.Value).ToDictionary(static word => word.Key, static word => word.Count())).ToList();
        var everywhere = words.SelectMany(static file => file).GroupBy(static word => word.Key).ToDictionary(static word => word.Key, static word => word.Sum(static one => one.Value));
        var unused = Sources.Index().Where(static file => file.Item.Path.StartsWith("src/Ringfence.Core/", StringComparison.Ordinal)).SelectMany(file => Declaration().Matches(code[file.Index]).Select(static type => type.Groups["name"].Value)
            .Where(type => everywhere[type] == words[file.Index][type] && words[file.Index][type] == Regex.Count(code[file.Index], $@"\b(?:class|struct|record|interface|enum) {type}\b|\b(?:public|private|internal) {type}\(", RegexOptions.NonBacktracking))
            .Where(_ => !Extension().Matches(code[file.Index]).Any(method => everywhere[method.Groups["name"].Value] > words[file.Index][method.Groups["name"].Value])));

        Assert.Empty(unused.Except(["RulesPage"]));
    }

    [GeneratedRegex("//.*", RegexOptions.NonBacktracking)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\w+", RegexOptions.NonBacktracking)]
    private static partial Regex Word();

    [GeneratedRegex(@"^[ \w]*\b(?:class|struct|record|interface|enum) (?<name>\w+)", RegexOptions.NonBacktracking | RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\b(?<name>\w+)(?:<\w+>)?\(this ", RegexOptions.NonBacktracking)]
    private static partial Regex Extension();

    [GeneratedRegex(@"catch\s*\(Exception(?:\s+\w+)?\)\s*\{|catch\s*\{", RegexOptions.NonBacktracking)]
    private static partial Regex BroadCatch();

    [GeneratedRegex(@"LoggerMessage\((?<number>\d+)", RegexOptions.NonBacktracking)]
    private static partial Regex LogEvent();

    [GeneratedRegex("\\(\"(?<verb>[a-z]+)\", ", RegexOptions.NonBacktracking)]
    private static partial Regex Verb();

    private static string RootOf([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../.."));
}
