using System.Formats.Tar;
using Ringfence.Core.Pbx;

namespace Ringfence.Sources;

/// <summary>The files of a tar archive, plain or compressed with gzip or xz, as paths that begin with a slash. Links are followed inside of it: what they lead to elsewhere is not there.</summary>
internal sealed class TarFiles : IConfigFiles
{
    private const int MaxFiles = 100_000;
    private const int MaxEntries = 1_000_000;
    private const long MaxFileBytes = 16 << 20;
    private const long MaxUnpacked = 8L << 30;

    // No honest archive is packed tighter, and what is unpacked costs time even where nothing of it is kept.
    private const long MostUnpackedOfOne = 50;
    private const long LeastUnpacked = 256 << 20;

    // PATH_MAX: no file has a longer one, and a directory for each of a million slashes would be made.
    private const int MaxPathCharacters = 4_096;

    // What a name costs beside its characters.
    private const int BytesOfName = 200;

    // As the kernel has it (MAXSYMLINKS).
    private const int MostLinks = 40;

    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _left = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _links = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<string>> _directories = new(StringComparer.Ordinal) { ["/"] = new(StringComparer.Ordinal) };
    private readonly SortedSet<string> _problems = new(StringComparer.Ordinal);

    private long _kept;

    /// <summary>So much is kept of one archive: content and names.</summary>
    public const long MaxBytes = 160L << 20;

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
            using var bytes = new TarBytes(opened, opened.Length is { } packed ? Math.Min(MaxUnpacked, LeastUnpacked + (MostUnpackedOfOne * packed)) : MaxUnpacked);
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
        try
        {
            for (var entries = 0; bytes.Header(() => tar.GetNextEntry()) is { } entry; entries++)
            {
                if (_files.Count + _links.Count >= MaxFiles || entries >= MaxEntries)
                {
                    _problems.Add($"the archive holds more than {MaxFiles:N0} files or {MaxEntries:N0} entries; the rest was left out");
                    return;
                }

                Take(entry);

                // Here, and not on the way to the next header, whose own length is bounded.
                entry.DataStream?.CopyTo(Stream.Null);
            }
        }
        catch (Exception error) when (bytes.IsOver && error is InvalidDataException or EndOfStreamException)
        {
            // It ends where no more was given.
        }

        if (bytes.IsOver)
        {
            _problems.Add($"the archive is more than {MaxUnpacked >> 30} GiB when it is unpacked, or more than {MostUnpackedOfOne} times its size; the rest was left out");
        }
    }

    private void Take(TarEntry entry)
    {
        var path = "/" + string.Join('/', Parts(entry.Name));
        if (Math.Max(path.Length, entry.LinkName.Length) > MaxPathCharacters)
        {
            _problems.Add($"a name of more than {MaxPathCharacters:N0} characters is in the archive and was left out: {Shown.Text(entry.Name)}");
            return;
        }

        switch (entry.EntryType)
        {
            case TarEntryType.Directory when Keep(0):
                AddDirectory(path);
                break;
            case TarEntryType.SymbolicLink when Keep(entry.LinkName.Length):
                AddName(path);
                _links[path] = entry.LinkName;
                break;
            case TarEntryType.HardLink when _files.TryGetValue("/" + string.Join('/', Parts(entry.LinkName)), out var same) && Keep(0):
                AddName(path);
                _files[path] = same;
                break;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile when entry.Length > MaxFileBytes:
                Leave(path);
                _problems.Add($"{Shown.Text(entry.Name)} is larger than {MaxFileBytes >> 20} MiB and was left out");
                break;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile when Keep(entry.Length):
                AddName(path);
                var content = new byte[entry.Length];
                entry.DataStream?.ReadExactly(content);
                _files[path] = content;
                break;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile:
                Leave(path);
                break;
            default:
                break;
        }
    }

    // Smaller ones may still fit.
    private bool Keep(long bytes)
    {
        if (_kept + bytes > MaxBytes)
        {
            _problems.Add($"the archive holds more than {MaxBytes >> 20} MiB of files and names; what did not fit was left out");
            return false;
        }

        _kept += bytes;
        return true;
    }

    // It is there, and was not read.
    private void Leave(string path)
    {
        if (Keep(0))
        {
            AddName(path);
            _left.Add(path);
        }
    }

    private void AddName(string path)
    {
        _kept += BytesOfName + (2 * path.Length);
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
