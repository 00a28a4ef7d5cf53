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

    // Enough of glob(3) for tests: one star.
    public IReadOnlyList<string> Match(string pattern)
    {
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        if (star < 0)
        {
            return _files.ContainsKey(pattern) ? [pattern] : [];
        }

        var (head, tail) = (pattern[..star], pattern[(star + 1)..]);
        return [.. _files.Keys.Where(path => path.Length >= head.Length + tail.Length && path.StartsWith(head, StringComparison.Ordinal) && path.EndsWith(tail, StringComparison.Ordinal)
            && !path[head.Length..^tail.Length].Contains('/', StringComparison.Ordinal))];
    }

    public byte[]? Read(string path)
    {
        Reads++;
        return _files.GetValueOrDefault(path);
    }
}
