using System.IO.Enumeration;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Ringfence.Core.Pbx;

namespace Ringfence.Sources;

/// <summary>Configuration files as they lie on the disk.</summary>
/// <param name="within">Files that lie elsewhere, by whatever links, are not read; null: all are.</param>
internal sealed partial class ConfigDirectory(string? within = null) : IConfigFiles
{
    /// <summary>A hundred times FreePBX's largest; a log that somebody includes by mistake is not read into memory.</summary>
    private const long MaxBytes = 16 << 20;

    // O_RDONLY | O_NONBLOCK | O_CLOEXEC of x86-64 and arm64, asm-generic/fcntl.h.
    private const int ReadOnlyNonBlockingCloseOnExec = 0x800 | 0x80000;

    private readonly Lazy<string> _real = new(() => Real(within ?? "/"));

    /// <remarks>glob(3) less its rarer forms: * and ? in any part of the path, no [..]; names that begin with a dot match only a pattern that does.</remarks>
    public IReadOnlyList<string> Match(string pattern)
    {
        var found = new List<string> { "/" };
        var parts = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < parts.Length; i++)
        {
            var isLast = i == parts.Length - 1;
            found = [.. found.SelectMany(directory => Children(directory, parts[i], isLast))];
        }

        return found;
    }

    public byte[]? Read(string path)
    {
        // A FIFO in the directory must not block the daemon for ever: opened without waiting, and refused since it can't seek.
        using var handle = Open(path, ReadOnlyNonBlockingCloseOnExec);
        if (handle.IsInvalid)
        {
            return null;
        }

        try
        {
            using var stream = new FileStream(handle, FileAccess.Read);
            if (!stream.CanSeek || stream.Length > MaxBytes || !IsWithin(handle))
            {
                return null;
            }

            var content = new byte[stream.Length];
            return content[..stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            // A directory opens and can't be read.
            return null;
        }
    }

    // By the kernel's own word for what is open, so that no link on the way is overlooked.
    private bool IsWithin(SafeFileHandle handle) =>
        within is null || (File.ResolveLinkTarget($"/proc/self/fd/{handle.DangerousGetHandle()}", returnFinalTarget: false)?.FullName is { } real
            && real.StartsWith(_real.Value + "/", StringComparison.Ordinal));

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    private static IEnumerable<string> Children(string directory, string part, bool isLast)
    {
        if (part.AsSpan().IndexOfAny("*?") < 0)
        {
            var path = Path.Combine(directory, part);
            return isLast ? File.Exists(path) ? [path] : [] : Directory.Exists(path) ? [path] : [];
        }

        try
        {
            return [.. (isLast ? Directory.EnumerateFiles(directory) : Directory.EnumerateDirectories(directory))
                .Where(path => FileSystemName.MatchesSimpleExpression(part, Path.GetFileName(path), ignoreCase: false)
                    && (part[0] == '.' || Path.GetFileName(path)[0] != '.'))
                .Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            return [];
        }
    }

    private static string Real(string directory)
    {
        using var handle = Open(directory, ReadOnlyNonBlockingCloseOnExec);
        return handle.IsInvalid ? directory : (File.ResolveLinkTarget($"/proc/self/fd/{handle.DangerousGetHandle()}", returnFinalTarget: false)?.FullName ?? directory).TrimEnd('/');
    }
}
