using Ringfence.Core.Pbx;
using Ringfence.Tests.Pbx;

namespace Ringfence.Tests.Audit;

/// <summary>The files of a rule's example, and where it says that the rule fires.</summary>
internal sealed record ExampleFiles(PbxSnapshot Pbx, IReadOnlyList<Place> Marked)
{
    private const string Here = "; here";
    private const string Begin = ";;; ";
    private const string Fact = "fact ";

    public static ExampleFiles Of(string text, string firstFile, AsteriskVersion? version = null)
    {
        Dictionary<string, List<string>> parts = new() { [firstFile] = [] };
        List<Place> marked = [];
        var name = firstFile;
        foreach (var line in text.Split('\n'))
        {
            var isMarked = line.EndsWith(Here, StringComparison.Ordinal);
            var bare = isMarked ? line[..^Here.Length].TrimEnd() : line;
            if (bare.StartsWith(Begin, StringComparison.Ordinal))
            {
                name = bare[Begin.Length..].Trim();
                parts[name] = [];
            }
            else
            {
                parts[name].Add(bare);
            }

            if (isMarked)
            {
                marked.Add(new Place(name.StartsWith(Fact, StringComparison.Ordinal) ? name[Fact.Length..] : name, bare.StartsWith(Begin, StringComparison.Ordinal) ? 0 : parts[name].Count));
            }
        }

        var files = new MemoryFiles();
        Dictionary<string, string> facts = [];
        foreach (var (part, lines) in parts.Where(part => part.Key != firstFile || part.Value.Exists(static line => line.Length > 0)))
        {
            var content = string.Join('\n', lines) + "\n";
            if (part.StartsWith(Fact, StringComparison.Ordinal))
            {
                facts[part[Fact.Length..]] = content;
            }
            else
            {
                files.With(part.StartsWith('/') ? part : $"/etc/asterisk/{part}", content);
            }
        }

        return new ExampleFiles(new PbxSnapshot("/etc/asterisk", files, version, facts), marked);
    }
}
