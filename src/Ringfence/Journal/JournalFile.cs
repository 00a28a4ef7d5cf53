using System.Globalization;
using Ringfence.Sqlite;

namespace Ringfence.Journal;

/// <summary>The open file: one connection that writes and one that reads.</summary>
internal sealed class JournalFile : IDisposable
{
    private readonly Database _writing;
    private readonly Database _reading;

    private JournalFile(Database writing, Database reading, JournalWriter writer, JournalReader reader)
    {
        _writing = writing;
        _reading = reading;
        Writer = writer;
        Reader = reader;
    }

    public JournalWriter Writer { get; }

    public JournalReader Reader { get; }

    /// <summary>Somebody removed or renamed the file while it is open.</summary>
    public bool HasMoved => _writing.HasMoved;

    /// <summary>Opens the journal, and makes it (0640) and its directory (0750) where they are not there.</summary>
    /// <exception cref="JournalException">The file belongs to another program or to a newer version of this one.</exception>
    /// <exception cref="SqliteException">It can't be opened, or <see cref="SqliteException.IsCorruption"/>.</exception>
    /// <exception cref="IOException">The file or its directory can't be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of permission.</exception>
    /// <exception cref="DllNotFoundException">libsqlite3 is not installed.</exception>
    public static JournalFile Open(string path, JournalLimits limits)
    {
        Create(path);
        Database? writing = null;
        Database? reading = null;
        JournalWriter? writer = null;
        try
        {
            writing = Database.Open(path, readOnly: false);
            writing.WaitForLocks(limits.LockWait);
            JournalSchema.Prepare(writing);
            if (limits.FilePages is { } pages)
            {
                writing.Execute($"PRAGMA max_page_count = {pages}");
            }

            writer = new JournalWriter(writing, limits);
            reading = Database.Open(path, readOnly: true);
            reading.WaitForLocks(limits.LockWait);
            var file = new JournalFile(writing, reading, writer, new JournalReader(reading));
            (writing, reading, writer) = (null, null, null);
            return file;
        }
        finally
        {
            writer?.Dispose();
            reading?.Dispose();
            writing?.Dispose();
        }
    }

    /// <summary>Renames a file that is no journal, with what SQLite keeps beside it, so that a new one can begin and nothing is deleted.</summary>
    /// <returns>Its new path.</returns>
    /// <exception cref="IOException">It can't be renamed.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of permission.</exception>
    public static string MoveAside(string path, DateTimeOffset now)
    {
        var aside = string.Create(CultureInfo.InvariantCulture, $"{path}.corrupt-{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}");
        for (var count = 2; File.Exists(aside); count++)
        {
            aside = string.Create(CultureInfo.InvariantCulture, $"{path}.corrupt-{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}-{count}");
        }

        // The log first: a new file beside an old log would be taken for the old one's continuation.
        foreach (var suffix in new[] { "-wal", "-shm", "" })
        {
            if (File.Exists(path + suffix))
            {
                File.Move(path + suffix, aside + suffix);
            }
        }

        return aside;
    }

    public void WaitForLocks(TimeSpan limit) => _writing.WaitForLocks(limit);

    public void Dispose()
    {
        // The writer last: the last connection to close empties the write-ahead log into the file, which a reader may not do.
        Reader.Dispose();
        _reading.Dispose();
        Writer.Dispose();
        _writing.Dispose();
    }

    private static void Create(string path)
    {
        const UnixFileMode File640 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        const UnixFileMode Directory750 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;
        // Modes are set and not only asked for: a service's umask is often 077, and the group is there to be able to read.
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } directory && !Directory.Exists(directory))
        {
            Directory.CreateDirectory(directory, Directory750);
            File.SetUnixFileMode(directory, Directory750);
        }

        if (File.Exists(path))
        {
            return;
        }

        // An empty file is an empty database. SQLite gives its mode to -wal and -shm (sqlite.org/wal.html has no word on it; a test has).
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.Write,
            UnixCreateMode = File640,
        });
        File.SetUnixFileMode(file.SafeFileHandle, File640);
    }
}
