using Ringfence.Core.Pbx;

namespace Ringfence.Core.Host;

/// <summary>A file of Asterisk's configuration as the file system has it.</summary>
/// <param name="Mode">The lower twelve bits: 0640 is 416.</param>
/// <param name="Kind">find's letter: f a file, d a directory, l a link.</param>
internal sealed record FileEntry(int Mode, string Owner, string Group, char Kind, string Path, Place Place)
{
    // PATH_MAX, limits.h.
    private const int MaxPath = 4_096;

    public bool IsReadableByAll => (Mode & 4) != 0;

    public bool IsWritableByAll => (Mode & 2) != 0;

    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    public string ShownMode => Convert.ToString(Mode, 8).PadLeft(4, '0');

    /// <remarks>find -printf '%m %u %g %y %p\\n'</remarks>
    public static IReadOnlyList<FileEntry> All(PbxSnapshot pbx) =>
        [.. FactLines.Of(pbx, HostFact.ConfigFiles).Select(static line => Parse(line.Text, line.Place)).OfType<FileEntry>()];

    /// <summary>Every user of the machine can get to it: no directory above it that was listed keeps them out.</summary>
    public static bool IsReachable(FileEntry file, IReadOnlyDictionary<string, FileEntry> directories)
    {
        for (var slash = file.Path.LastIndexOf('/'); slash > 0; slash = file.Path.LastIndexOf('/', slash - 1))
        {
            if (directories.TryGetValue(file.Path[..slash], out var directory) && (directory.Mode & 1) == 0)
            {
                return false;
            }
        }

        return true;
    }

    public static IReadOnlyDictionary<string, FileEntry> Directories(IEnumerable<FileEntry> files) =>
        files.Where(static file => file.Kind == 'd').DistinctBy(static file => file.Path).ToDictionary(static file => file.Path, StringComparer.Ordinal);

    /// <returns>null: the line is no such entry.</returns>
    public static FileEntry? Parse(string line, Place place)
    {
        var words = line.Split(' ', 5);
        return words.Length == 5 && words[4].Length < MaxPath && words[0].Length is >= 1 and <= 5 && words[0].All(static digit => digit is >= '0' and <= '7') && words[3].Length == 1 && words[4].StartsWith('/')
            ? new FileEntry(Convert.ToInt32(words[0], 8), words[1], words[2], words[3][0], words[4], place)
            : null;
    }
}
