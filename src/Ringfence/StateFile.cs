using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Ringfence.Sources;

namespace Ringfence;

/// <summary>A small text file beside the journal: read at the start, written as a whole, and never half (<see cref="AtomicFile"/>).</summary>
/// <remarks>Whatever the system refuses is an <see cref="IOException"/> that names the file.</remarks>
internal sealed class StateFile(string path, long longestBytes, UnixFileMode? mode = null)
{
    public string Path => path;

    /// <returns>null: there is none.</returns>
    /// <exception cref="IOException">It can't be read, is no regular file, or is so long that it is not ours.</exception>
    public string? Read()
    {
        // Looked at before it is opened, since opening a device can do something; and again when it is open, since it may be another by then.
        var before = Libc.Stat(path);
        if (before.Error == Libc.NoEntry)
        {
            return null;
        }

        Regular(before);
        var (file, error) = Libc.OpenToRead(path);
        if (file is null)
        {
            throw Unreadable(Libc.Describe(error));
        }

        using (file)
        {
            var facts = Regular(Libc.Stat(file));
            return facts.SizeBytes <= longestBytes ? Text(file) : throw Unreadable($"it has {facts.SizeBytes} bytes, and no more than {longestBytes} are expected");
        }
    }

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

    // As long as it is when it is read, whatever its size was said to be: it may grow, and files of /proc have none.
    private string Text(SafeFileHandle file)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var read = Libc.ReadAt(file, buffer, bytes.Length);
            if (read == 0)
            {
                return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
            }

            if (read < 0)
            {
                throw Unreadable(Libc.Describe(-read));
            }

            bytes.Write(buffer, 0, read);
            if (bytes.Length > longestBytes)
            {
                throw Unreadable($"it has more than {longestBytes} bytes");
            }
        }
    }

    private FileFacts Regular(StatAnswer answer) => answer switch
    {
        { Error: not 0 } => throw Unreadable(Libc.Describe(answer.Error)),
        { Facts.IsRegular: false } => throw Unreadable($"it is {answer.Facts.TypeName}: expected a regular file"),
        _ => answer.Facts,
    };

    private IOException Unreadable(string why) => new($"{path}: can't be read: {why}");

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
