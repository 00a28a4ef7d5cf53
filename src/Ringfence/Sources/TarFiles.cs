using System.Formats.Tar;
using Ringfence.Core.Pbx;

namespace Ringfence.Sources;

/// <summary>The files of a tar archive, plain or compressed with gzip or xz, as paths that begin with a slash. Links are followed inside of it: what they lead to elsewhere is not there.</summary>
internal sealed class TarFiles : IConfigFiles
{
    private const int MaxFiles = 100_000;
    private const int MaxEntries = 1_000_000;
    private const long MaxFileBytes = 16 << 20;
    private const long MaxBytes = 512 << 20;
    private const long MaxUnpacked = 8L << 30;

    // As the kernel has it (MAXSYMLINKS).
    private const int MostLinks = 40;

    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _left = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _links = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<string>> _directories = new(StringComparer.Ordinal) { ["/"] = new(StringComparer.Ordinal) };
    private readonly SortedSet<string> _problems = new(StringComparer.Ordinal);

    /// <summary>What was left out, and why.</summary>
    public IReadOnlyCollection<string> Problems => _problems;

    /// <summary>Of files and of links.</summary>
    public IEnumerable<string> Paths => _files.Keys.Concat(_links.Keys);

    /// <summary>Where in the archive the PBX's own root is, to which its links lead: "/pbx7", or "".</summary>
    public string Root { get; set; } = "";

    /// <exception cref="WorldFailedException">It can't be read, or is no archive.</exception>
    public static TarFiles Read(string path)
    {
        var read = new TarFiles();
        try
        {
            using var opened = LogFile.Open(path);
            using var bytes = new TarBytes(opened);
            using var tar = new TarReader(bytes, leaveOpen: true);
            read.ReadAll(tar, bytes);
        }
        catch (LogFileException error)
        {
            throw new WorldFailedException(error.Message, error);
        }
        catch (Exception error) when (error is InvalidDataException or FormatException or EndOfStreamException or ArgumentException or NotSupportedException or InvalidOperationException or OverflowException
            or OutOfMemoryException || FileTrouble.Is(error))
        {
            throw new WorldFailedException($"{path} is no whole tar archive ({error.Message}): expected a directory, or a .tar, .tar.gz or .tar.xz of one", error);
        }

        return read;
    }

    public IReadOnlyList<string> Match(string pattern) => PathPattern.Match(
        pattern, path => Resolve(path) is { } real && _directories.TryGetValue(real, out var names) ? names : [], path => Resolve(path) is { } real && (_files.ContainsKey(real) || _left.Contains(real)), path => Resolve(path) is { } real && _directories.ContainsKey(real));

    byte[]? IConfigFiles.Read(string path)
    {
        if (Resolve(path) is { } real && _files.TryGetValue(real, out var content))
        {
            return content;
        }

        if (_links.TryGetValue(path, out var target))
        {
            _problems.Add($"{Shown.Text(path)} is a link to {Shown.Text(target)}, which is not in the archive");
        }

        return null;
    }

    // null: a link on the way leads in a circle.
    private string? Resolve(string path)
    {
        var followed = 0;
        var rest = new Stack<string>(Parts(path).Reverse());
        List<string> real = [];
        while (rest.TryPop(out var part))
        {
            if (part == "..")
            {
                // Above the root of the PBX there is nothing.
                real.RemoveRange(Math.Max(0, real.Count - 1), Math.Min(1, real.Count));
                continue;
            }

            real.Add(part);
            if (!_links.TryGetValue("/" + string.Join('/', real), out var target))
            {
                continue;
            }

            if (++followed > MostLinks)
            {
                return null;
            }

            real.RemoveAt(real.Count - 1);
            if (target.StartsWith('/'))
            {
                real.Clear();
                target = Root + target;
            }

            foreach (var next in Parts(target).Reverse())
            {
                rest.Push(next);
            }
        }

        return "/" + string.Join('/', real);
    }

    private static IEnumerable<string> Parts(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(static part => part != ".");

    private void ReadAll(TarReader tar, TarBytes bytes)
    {
        var total = 0L;
        for (var entries = 0; bytes.Header(() => tar.GetNextEntry()) is { } entry; entries++)
        {
            var path = "/" + string.Join('/', Parts(entry.Name));
            if ((entry.Length <= MaxFileBytes && total + entry.Length > MaxBytes) || _files.Count + _links.Count >= MaxFiles || entries >= MaxEntries || bytes.Total > MaxUnpacked)
            {
                _problems.Add($"the archive holds more than {MaxFiles:N0} files, {MaxEntries:N0} entries, {MaxBytes >> 20} MiB of files or {MaxUnpacked >> 30} GiB of anything; the rest was left out");
                return;
            }

            switch (entry.EntryType)
            {
                case TarEntryType.Directory:
                    AddDirectory(path);
                    break;
                case TarEntryType.SymbolicLink:
                    AddName(path);
                    _links[path] = entry.LinkName;
                    break;
                case TarEntryType.HardLink when _files.TryGetValue("/" + string.Join('/', Parts(entry.LinkName)), out var same):
                    AddName(path);
                    _files[path] = same;
                    break;
                case TarEntryType.RegularFile or TarEntryType.V7RegularFile when entry.Length > MaxFileBytes:
                    AddName(path);
                    _left.Add(path);
                    _problems.Add($"{Shown.Text(entry.Name)} is larger than {MaxFileBytes >> 20} MiB and was left out");
                    break;
                case TarEntryType.RegularFile or TarEntryType.V7RegularFile:
                    AddName(path);
                    var content = new byte[entry.Length];
                    entry.DataStream?.ReadExactly(content);
                    _files[path] = content;
                    total += content.Length;
                    break;
                default:
                    break;
            }

            // Here, and not on the way to the next header, whose own length is bounded.
            entry.DataStream?.CopyTo(Stream.Null);
        }
    }

    private void AddName(string path)
    {
        var slash = path.LastIndexOf('/');
        var directory = slash <= 0 ? "/" : path[..slash];
        AddDirectory(directory);
        _directories[directory].Add(path[(slash + 1)..]);
    }

    private void AddDirectory(string path)
    {
        if (path.Length > 1 && !_directories.ContainsKey(path))
        {
            _directories[path] = new SortedSet<string>(StringComparer.Ordinal);
            AddName(path);
        }
    }
}
