using Ringfence.Core.Pbx;

namespace Ringfence.Sources;

/// <summary>Files, with a memory of which ones were read or found.</summary>
internal sealed class SeenFiles(IConfigFiles files) : IConfigFiles
{
    private readonly SortedDictionary<string, byte[]?> _seen = new(StringComparer.Ordinal);

    /// <summary>Each with its content; null: it was found and not read.</summary>
    public IReadOnlyDictionary<string, byte[]?> Seen => _seen;

    public IReadOnlyCollection<string> Problems => files.Problems;

    public IReadOnlyList<string> Match(string pattern)
    {
        var found = files.Match(pattern);
        foreach (var path in found)
        {
            _seen.TryAdd(Path.GetFullPath(path), null);
        }

        return found;
    }

    public byte[]? Read(string path)
    {
        var content = files.Read(path);
        if (content is not null)
        {
            _seen[Path.GetFullPath(path)] = content;
        }

        return content;
    }
}
