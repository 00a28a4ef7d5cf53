using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Ringfence.Api;

/// <summary>Held by the guard of a machine from its first act to its last: two would ban twice and fight over the journal.</summary>
/// <remarks>A lock (flock) on a file beside the socket; it goes with its process, however that ends, so nothing is ever stale.</remarks>
internal sealed partial class OneGuard : IDisposable
{
    // .NET gives the errno of a failed flock as it is: EWOULDBLOCK (asm-generic/errno.h).
    private const int WouldBlock = 11;

    private readonly FileStream _lock;

    private OneGuard(FileStream held) => _lock = held;

    /// <param name="socketPath">The API's socket; its directory is made, closed to others, if it is missing.</param>
    /// <exception cref="ApiException">Another guard holds it, or the directory can't be written.</exception>
    public static OneGuard Take(string socketPath)
    {
        var path = socketPath + ".lock";
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
            return new OneGuard(held);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ApiException($"{path}: no permission to write there; run as root, or set another socket in ringfence.conf", e);
        }
        catch (IOException e) when (e.HResult == WouldBlock)
        {
            var process = HolderOf(path) is { } id ? $" (process {id})" : "";
            throw new ApiException($"{path}: another ringfence guard runs{process}; stop it first: systemctl stop ringfence", e);
        }
        catch (IOException e)
        {
            throw new ApiException($"{path}: can't be made: {e.Message}; set another socket in ringfence.conf", e);
        }
    }

    // Opened by the system's own call: .NET would want the lock before it reads.
    private static int? HolderOf(string path)
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

    public void Dispose() => _lock.Dispose();
}
