using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Xunit;

namespace Ringfence.Tests;

/// <summary>Which folder of src/Ringfence knows which, as docs/architecture.md says it.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string Root = RootOf();

    [Fact]
    public void A_folder_uses_only_the_folders_that_the_architecture_page_allows_it()
    {
        var allowed = Allowed();

        var used =
            from path in Directory.EnumerateFiles(Path.Combine(Root, "src/Ringfence"), "*.cs", SearchOption.AllDirectories)
            let parts = Path.GetRelativePath(Path.Combine(Root, "src/Ringfence"), path).Split('/')
            where parts.Length > 1 && allowed.ContainsKey(parts[0])
            from other in Used(File.ReadAllText(path), allowed.Keys)
            where other != parts[0] && !allowed[parts[0]].Contains(other)
            select $"{string.Join('/', parts)} uses {other}";

        Assert.Equal([], used);
    }

    [Fact]
    public void Nothing_outside_of_the_audit_reaches_into_a_rule() =>
        Assert.Empty(from path in Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
                     where !path.Contains("/Ringfence.Core/Audit/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal) && File.ReadAllText(path).Contains("Core.Audit.Rules", StringComparison.Ordinal)
                     select Path.GetRelativePath(Root, path));

    [Fact]
    public void The_architecture_page_has_every_folder_and_no_circle()
    {
        var allowed = Allowed();

        var folders = Directory.EnumerateDirectories(Path.Combine(Root, "src/Ringfence")).Select(path => Path.GetFileName(path)!).Order();
        Assert.Equal(folders, allowed.Keys.Order());

        // The table's order is that of the layers: each folder uses only those above it.
        var above = new HashSet<string>();
        foreach (var (folder, uses) in allowed)
        {
            Assert.Subset(above, uses);
            above.Add(folder);
        }
    }

    private static Dictionary<string, HashSet<string>> Allowed() =>
        Row().Matches(File.ReadAllText(Path.Combine(Root, "docs/architecture.md")))
            .ToDictionary(row => row.Groups["folder"].Value, row => Name().Matches(row.Groups["uses"].Value).Select(name => name.Value).ToHashSet());

    // By a using, or by a name that begins with the folder's.
    private static IEnumerable<string> Used(string text, IEnumerable<string> folders) =>
        folders.Where(folder => Regex.IsMatch(text, $@"^using (static )?Ringfence\.{folder}\b|(?<![\w.""/])(Ringfence\.)?{folder}\.[A-Z]\w*\.?[A-Z]", RegexOptions.Multiline | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5)));

    [GeneratedRegex(@"^\| `Ringfence/(?<folder>\w+)` \|[^|]*\|(?<uses>[^|]*)\|$", RegexOptions.Multiline | RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Row();

    [GeneratedRegex(@"\b[A-Z]\w+", RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Name();

    private static string RootOf([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../.."));
}
