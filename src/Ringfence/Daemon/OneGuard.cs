namespace Ringfence.Daemon;

/// <summary>Held by the guard of a machine from its first act to its last: two would ban twice and fight over the journal.</summary>
/// <remarks>A lock (flock) on a file beside the socket; it goes with its process, however that ends, so nothing is ever stale.</remarks>
internal sealed class OneGuard : IDisposable
{
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
            return new OneGuard(new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ApiException($"{path}: no permission to write there; run as root, or set another socket in ringfence.conf", e);
        }
        catch (IOException e)
        {
            throw new ApiException($"{path}: another ringfence guard runs and holds it (systemctl stop ringfence), or it can't be made: {e.Message}", e);
        }
    }

    public void Dispose() => _lock.Dispose();
}
