using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace Ringfence;

/// <summary>Writes a whole text file so that at every moment, also after a power cut, the name holds the old text or the new one.</summary>
/// <remarks>A temporary file in the same directory, fsync, rename, fsync of the directory (man 2 rename, man 2 fsync).</remarks>
internal static unsafe partial class AtomicFile
{
    private const UnixFileMode File640 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    // linux/stat.h, fcntl.h: the same on every architecture.
    private const int AtFdcwd = -100;
    private const uint StatxUidGid = 0x8 | 0x10;
    private const int StatxBytes = 256;
    private const int OpenCloseOnExec = 0x80000;

    /// <summary>Replaces the text of a file, or makes the file. Mode, owner and group of an existing one are kept; a symbolic link stays and its
    /// target is replaced.</summary>
    /// <param name="text">Written as UTF-8 without a byte order mark.</param>
    /// <param name="mode">For a new file; 0640 if null.</param>
    /// <param name="ownerOf">A new file has this file's owner and group, if it is there.</param>
    /// <exception cref="IOException">It can't be written, or not without changing its owner; the old file is as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory does not allow it; the old file is as it was.</exception>
    /// <remarks>Extended attributes and access control lists are not carried over.</remarks>
    public static void WriteAllText(string path, string text, UnixFileMode? mode = null, string? ownerOf = null) =>
        Write(path, file => file.Write(Encoding.UTF8.GetBytes(text)), mode, ownerOf);

    /// <summary>As <see cref="WriteAllText"/>, for what is too long to be one text.</summary>
    /// <param name="write">Writes all of it; what it throws leaves the old file as it was.</param>
    /// <param name="judge">Looks at the new file, whose path it is given, before it takes the old one's place; what it throws leaves the old file as it was.</param>
    public static void Write(string path, Action<Stream> write, UnixFileMode? mode = null, string? ownerOf = null, Action<string>? judge = null)
    {
        var target = new FileInfo(path).LinkTarget is null
            ? Path.GetFullPath(path)
            : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;
        if (Sources.Libc.Stat(target) is { Error: 0, Facts: { IsRegular: false } facts })
        {
            // A link to /dev/null would lead to the device itself being replaced.
            throw new IOException($"{target}: it is {facts.TypeName}: expected a regular file");
        }

        var directory = Path.GetDirectoryName(target) ?? throw new IOException($"{path}: a directory, not a file");
        var temporary = Path.Combine(directory, $".{Path.GetFileName(target)}.{Path.GetRandomFileName()}");
        try
        {
            using (var file = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,

                // Nobody else may read it before its owner and mode are right.
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }))
            {
                write(file);
                TakeOver(file, target, mode ?? File640, ownerOf);
                file.Flush(flushToDisk: true);
            }

            judge?.Invoke(temporary);
            File.Move(temporary, target, overwrite: true);
        }
        finally
        {
            // Gone already if it took the target's place.
            File.Delete(temporary);
        }

        Flush(directory);
    }

    /// <summary>Gives a file to another's owner and group; the caller is its owner or root.</summary>
    /// <exception cref="IOException">The caller may not.</exception>
    public static void GiveToOwnerOf(string other, string path)
    {
        if (OwnerOf(other) is var owner && owner == OwnerOf(path))
        {
            return;
        }

        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        var mode = File.GetUnixFileMode(file);
        if (ChangeOwner(file, owner.User, owner.Group) != 0)
        {
            throw Error(path, $"it can't be given to the owner of {other}");
        }

        File.SetUnixFileMode(file, mode);
    }

    private static void TakeOver(FileStream file, string target, UnixFileMode modeIfNew, string? ownerOf)
    {
        if (!File.Exists(target))
        {
            if (ownerOf is not null && File.Exists(ownerOf) && OwnerOf(ownerOf) is var (user, group) && ChangeOwner(file.SafeFileHandle, user, group) != 0)
            {
                throw Error(target, $"it can't be given to the owner of {ownerOf}");
            }

            File.SetUnixFileMode(file.SafeFileHandle, modeIfNew);
            return;
        }

        var owner = OwnerOf(target);

        // The service's sandbox forbids every fchown, also one that changes nothing. The owner before the mode: changing the owner takes set-user-id bits away.
        if (owner != OwnerOf(file.Name) && ChangeOwner(file.SafeFileHandle, owner.User, owner.Group) != 0)
        {
            throw Error(target, "its owner can't be kept");
        }

        File.SetUnixFileMode(file.SafeFileHandle, File.GetUnixFileMode(target));
    }

    private static (uint User, uint Group) OwnerOf(string path)
    {
        var stat = stackalloc byte[StatxBytes];
        if (Statx(AtFdcwd, path, 0, StatxUidGid, stat) != 0)
        {
            throw Error(path, "its owner can't be read");
        }

        // struct statx: stx_uid at 20, stx_gid at 24 (man 2 statx).
        return (*(uint*)(stat + 20), *(uint*)(stat + 24));
    }

    private static void Flush(string directory)
    {
        var descriptor = Open(directory, OpenCloseOnExec);
        if (descriptor < 0)
        {
            throw Error(directory, "can't be opened to be flushed");
        }

        using var handle = new Microsoft.Win32.SafeHandles.SafeFileHandle(descriptor, ownsHandle: true);
        if (FlushDescriptor(handle) != 0)
        {
            throw Error(directory, "can't be flushed");
        }
    }

    private static IOException Error(string path, string what) =>
        new($"{path}: {what}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, byte* result);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    private static partial int ChangeOwner(SafeHandle file, uint user, uint group);

    // O_RDONLY on a directory: System.IO opens none. The mode, which C has as a third argument, is for new files only.
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FlushDescriptor(SafeHandle file);
}
