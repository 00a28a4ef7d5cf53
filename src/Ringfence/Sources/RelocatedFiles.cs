using Ringfence.Core.Pbx;

namespace Ringfence.Sources;

/// <summary>A copy of a PBX's files that lies elsewhere: what Asterisk names /etc/asterisk/pjsip.conf is read from the copy, and nothing is read from outside of it.</summary>
/// <param name="places">Each a directory or a file as the PBX names it, and the one where its copy lies; the first that fits counts.</param>
internal sealed class RelocatedFiles(IReadOnlyList<(string Named, string Copy)> places, IConfigFiles files) : IConfigFiles
{
    public IReadOnlyCollection<string> Problems => files.Problems;

    public IReadOnlyList<string> Match(string pattern)
    {
        if (Find(pattern) is not { } place)
        {
            return [];
        }

        return [.. files.Match(PathPattern.Escape(place.Copy) + place.Inner).Select(path => place.Named + path[place.Copy.Length..])];
    }

    public byte[]? Read(string path) => Find(path) is { } place ? files.Read(place.Copy + place.Inner) : null;

    private (string Named, string Copy, string Inner)? Find(string path)
    {
        var inside = Inside(path);
        return places.Where(place => place.Named.Length == 0 || inside == place.Named || inside.StartsWith(place.Named + "/", StringComparison.Ordinal))
            .Select(place => ((string, string, string)?)(place.Named, place.Copy, inside[place.Named.Length..])).FirstOrDefault();
    }

    // ".." would lead out of the copy: it leads no higher than to the PBX's own root.
    private static string Inside(string path)
    {
        if (!path.Contains("/..", StringComparison.Ordinal))
        {
            return path;
        }

        List<string> parts = [];
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part != "..")
            {
                parts.Add(part);
            }
            else if (parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
        }

        return "/" + string.Join('/', parts);
    }
}
