using System.Text;
using Ringfence.Core.Pbx;

namespace Ringfence.Tests.Pbx;

/// <summary>A configuration directory that exists in the test alone. Counts reads, so that a test can say what was not read.</summary>
internal sealed class MemoryFiles : IConfigFiles
{
    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    public int Reads { get; private set; }

    public MemoryFiles With(string path, string text)
    {
        _files[path] = Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n"));
        return this;
    }

    public IReadOnlyList<string> Match(string pattern) => PathPattern.Match(
        pattern, directory => _files.Keys.Where(path => path.StartsWith(directory + "/", StringComparison.Ordinal)).Select(path => path[(directory.Length + 1)..].Split('/')[0]).Distinct(), _files.ContainsKey, static _ => true);

    public byte[]? Read(string path)
    {
        Reads++;
        return _files.GetValueOrDefault(path);
    }
}
