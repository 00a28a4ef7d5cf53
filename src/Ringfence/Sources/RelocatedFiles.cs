using Ringfence.Core.Pbx;

namespace Ringfence.Sources;

/// <summary>A copy of a PBX's files that lies elsewhere: what Asterisk names /etc/asterisk/pjsip.conf is read from the copy, and nothing is read from outside of it.</summary>
/// <param name="places">Each a directory as the PBX names it, and the one where its copy lies; the first that fits counts.</param>
internal sealed class RelocatedFiles(IReadOnlyList<(string Named, string Copy)> places, IConfigFiles files) : IConfigFiles
{
    public IReadOnlyList<string> Match(string pattern)
    {
        if (Find(pattern) is not { } place)
        {
            return [];
        }

        return [.. files.Match(Moved(pattern, place.Named, place.Copy)).Select(path => Moved(path, place.Copy, place.Named))];
    }

    public byte[]? Read(string path) => Find(path) is { } place ? files.Read(Moved(path, place.Named, place.Copy)) : null;

    // ".." would lead out of the copy.
    private (string Named, string Copy)? Find(string path) => path.Split('/').Contains("..", StringComparer.Ordinal)
        ? null
        : places.Select(static place => ((string, string)?)place).FirstOrDefault(place => place is var (named, _) && (named.Length == 0 || path.StartsWith(named + "/", StringComparison.Ordinal)));

    private static string Moved(string path, string from, string to) => to + path[from.Length..];
}
