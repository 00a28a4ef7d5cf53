using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Ringfence.Sources;

namespace Ringfence.Api;

/// <summary>Held by the guard of a machine from its first act to its last: two would ban twice and fight over the journal.</summary>
/// <remarks>
/// A lock (flock) on a file beside the socket, and another beside the journal, for whoever has another socket and the same state. They go with their
/// process, however that ends, so nothing is ever stale.
/// </remarks>
internal sealed partial class OneGuard : IDisposable
{
    // .NET gives the errno of a failed flock as it is: EWOULDBLOCK (asm-generic/errno.h).
    private const int WouldBlock = 11;

    private readonly FileStream _socketLock;
    private readonly FileStream? _journalLock;

    private OneGuard(FileStream socketLock, FileStream? journalLock)
    {
        _socketLock = socketLock;
        _journalLock = journalLock;
    }

    /// <param name="socketPath">The API's socket; its directory is made, closed to others, if it is missing.</param>
    /// <exception cref="ApiException">Another guard holds one of them, or the socket's directory can't be written.</exception>
    public static OneGuard Take(string socketPath, string journalPath)
    {
        var socketLock = Lock(socketPath + ".lock", "set another socket");
        try
        {
            return new OneGuard(socketLock, LockJournal(journalPath));
        }
        catch (ApiException)
        {
            socketLock.Dispose();
            throw;
        }
    }

    /// <summary>The process that holds the lock beside a socket, whoever asks: the kernel's list of locks is everybody's to read.</summary>
    /// <returns>null: nobody holds it, or it can't be known.</returns>
    /// <remarks>proc_locks(5): "1: FLOCK  ADVISORY  WRITE 1234 00:19:5678 0 EOF", of the file system and the inode. Taking the lock to try it would refuse a guard that starts just then.</remarks>
    public static int? HolderOf(string socketPath)
    {
        if (Libc.Stat(socketPath + ".lock") is not { Error: 0, Facts.Inode: var inode } || !File.Exists("/proc/locks"))
        {
            return null;
        }

        foreach (var line in File.ReadLines("/proc/locks"))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length >= 6 && words[1] == "FLOCK" && words[3] == "WRITE"
                && words[5].EndsWith(string.Create(CultureInfo.InvariantCulture, $":{inode}"), StringComparison.Ordinal)
                && int.TryParse(words[4], NumberStyles.None, CultureInfo.InvariantCulture, out var process))
            {
                return process;
            }
        }

        return null;
    }

    // Where the state can't be written the guard runs without: so must its lock.
    private static FileStream? LockJournal(string journalPath)
    {
        var path = journalPath + ".lock";
        try
        {
            return Lock(path, "set another path in [journal]");
        }
        catch (ApiException e) when (e.InnerException is not IOException { HResult: WouldBlock })
        {
            return null;
        }
    }

    private static FileStream Lock(string path, string otherwise)
    {
        // The process's number is written into it: not into what a link leads to.
        if (new FileInfo(path).LinkTarget is not null || Libc.Stat(path) is { Error: 0, Facts.IsRegular: false })
        {
            throw new ApiException($"{path}: it is no regular file; remove it, or {otherwise} in ringfence.conf");
        }

        try
        {
            // Under systemd the directory is there (RuntimeDirectory=); from a shell it has to be made, as closed as systemd makes it.
            Directory.CreateDirectory(
                Path.GetDirectoryName(Path.GetFullPath(path))!,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);
            var held = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });

            // For whoever finds it held: nobody else writes there, and what a dead guard left is overwritten.
            held.SetLength(0);
            held.Write(Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"));
            held.Flush();
            return held;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ApiException($"{path}: no permission to write there; run as root, or {otherwise} in ringfence.conf", e);
        }
        catch (IOException e) when (e.HResult == WouldBlock)
        {
            throw new ApiException(WriterOf(path) is { } id
                ? $"{path}: another ringfence guard runs (process {id}); stop it first: {GuardProcess.Of(id).Stop}"
                : $"{path}: another ringfence guard runs; stop it first", e);
        }
        catch (IOException e)
        {
            throw new ApiException($"{path}: can't be made: {e.Message}; {otherwise} in ringfence.conf", e);
        }
    }

    // Opened by the system's own call: .NET would want the lock before it reads.
    private static int? WriterOf(string path)
    {
        const int ReadOnlyCloseOnExec = 0x80000;
        using var file = new SafeFileHandle(Open(path, ReadOnlyCloseOnExec), ownsHandle: true);
        if (file.IsInvalid)
        {
            return null;
        }

        Span<byte> text = stackalloc byte[16];
        var length = RandomAccess.Read(file, text, 0);
        return int.TryParse(Encoding.ASCII.GetString(text[..length]).AsSpan().TrimEnd(), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Open(string path, int flags);

    public void Dispose()
    {
        _journalLock?.Dispose();
        _socketLock.Dispose();
    }
}
