using System.Formats.Tar;
using System.IO.Enumeration;
using Ringfence.Core.Pbx;

namespace Ringfence.Sources;

/// <summary>The regular files of a tar archive, plain or compressed with gzip or xz, as paths that begin with a slash. Links are not followed: they can point anywhere.</summary>
internal sealed class TarFiles : IConfigFiles
{
    private const int MaxFiles = 100_000;
    private const long MaxFileBytes = 16 << 20;
    private const long MaxBytes = 512 << 20;

    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    /// <summary>What was left out, and why.</summary>
    public List<string> Problems { get; } = [];

    public IEnumerable<string> Paths => _files.Keys;

    /// <exception cref="WorldFailedException">It can't be read, or is no archive.</exception>
    public static TarFiles Read(string path)
    {
        var read = new TarFiles();
        try
        {
            using var opened = LogFile.Open(path);
            using var tar = new TarReader(new Bytes(opened));
            read.ReadAll(tar);
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

    public IReadOnlyList<string> Match(string pattern)
    {
        var parts = pattern.Split('/');
        return [.. _files.Keys.Where(path =>
        {
            var names = path.Split('/');
            return names.Length == parts.Length && names.Zip(parts).All(static pair => FileSystemName.MatchesSimpleExpression(pair.Second, pair.First, ignoreCase: false)
                && (!pair.First.StartsWith('.') || pair.Second.StartsWith('.')));
        })];
    }

    byte[]? IConfigFiles.Read(string path) => _files.GetValueOrDefault(path);

    private void ReadAll(TarReader tar)
    {
        var total = 0L;
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || entry.DataStream is not { } data)
            {
                continue;
            }

            if (entry.Length > MaxFileBytes)
            {
                Problems.Add($"{Shown.Text(entry.Name)} is larger than {MaxFileBytes >> 20} MiB and was left out");
                continue;
            }

            total += entry.Length;
            if (total > MaxBytes || _files.Count >= MaxFiles)
            {
                Problems.Add($"the archive holds more than {MaxFiles:N0} files or {MaxBytes >> 20} MiB; the rest was left out");
                return;
            }

            var content = new byte[entry.Length];
            data.ReadExactly(content);
            var name = string.Join('/', entry.Name.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(static part => part != "."));
            _files["/" + name] = content;
        }
    }

    // TarReader wants a stream, and LogFile knows the compressions.
    private sealed class Bytes(LogFile file) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer) => file.Read(buffer);

        public override int Read(byte[] buffer, int offset, int count) => file.Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
