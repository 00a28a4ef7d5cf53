using System.Globalization;

namespace Ringfence;

/// <summary>A small text file beside the journal: read at the start, written as a whole, and never half (<see cref="AtomicFile"/>).</summary>
/// <remarks>Whatever the system refuses is an <see cref="IOException"/> that names the file.</remarks>
internal sealed class StateFile(string path, long longestBytes, UnixFileMode? mode = null)
{
    public string Path => path;

    /// <returns>null: there is none.</returns>
    /// <exception cref="IOException">It can't be read, or is so long that it is not ours.</exception>
    public string? Read() => Do("can't be read", () =>
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            return null;
        }

        return file.Length <= longestBytes ? File.ReadAllText(path) : throw new IOException($"{path}: can't be read: it has {file.Length} bytes, and no more than {longestBytes} are expected");
    });

    /// <exception cref="IOException">It can't be written; what stood there still does.</exception>
    public void Write(string text) => Do("can't be written", () =>
    {
        AtomicFile.WriteAllText(path, text, mode);
        return true;
    });

    /// <summary>Gives a damaged one another name, so that nothing that was in it is overwritten.</summary>
    /// <returns>Where it is now.</returns>
    /// <exception cref="IOException">It can't be moved.</exception>
    public string MoveAside(DateTimeOffset now) => Do("can't be moved aside", () =>
    {
        var aside = string.Create(CultureInfo.InvariantCulture, $"{path}.damaged-{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}");
        File.Move(path, aside, overwrite: false);
        return aside;
    });

    private T Do<T>(string what, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (UnauthorizedAccessException problem)
        {
            throw new IOException($"{path}: {what}: {problem.Message}", problem);
        }
    }
}
