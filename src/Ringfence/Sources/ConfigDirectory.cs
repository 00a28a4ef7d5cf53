using Microsoft.Win32.SafeHandles;
using Ringfence.Core.Pbx;

namespace Ringfence.Sources;

/// <summary>Configuration files as they lie on the disk.</summary>
/// <param name="within">Files that lie elsewhere, by whatever links, are not read; null: all are.</param>
internal sealed class ConfigDirectory(string? within = null) : IConfigFiles
{
    /// <summary>A hundred times FreePBX's largest; a log that somebody includes by mistake is not read into memory.</summary>
    private const long MaxBytes = 16 << 20;

    private readonly Lazy<string> _real = new(() => Real(within ?? "/"));
    private readonly SortedSet<string> _problems = new(StringComparer.Ordinal);

    public IReadOnlyCollection<string> Problems => _problems;

    public IReadOnlyList<string> Match(string pattern) => PathPattern.Match(pattern, Names, File.Exists, Directory.Exists);

    public byte[]? Read(string path)
    {
        // Looked at before it is opened: a tape that is opened rewinds.
        var seen = Libc.Stat(path);
        if (seen.Error is Libc.NoEntry or Libc.NotADirectory)
        {
            return Libc.IsLink(path) ? Left(path, "is a link to what is not there") : null;
        }

        if (seen.Error != 0 || !seen.Facts.IsRegular)
        {
            return Left(path, seen.Error == 0 ? $"is {seen.Facts.TypeName}" : Libc.Describe(seen.Error));
        }

        var opened = Libc.OpenToRead(path);
        if (opened.File is null)
        {
            return Left(path, Libc.Describe(opened.Error));
        }

        try
        {
            using var stream = new FileStream(opened.File, FileAccess.Read);
            if (!stream.CanSeek)
            {
                return null;
            }

            if (stream.Length > MaxBytes || !IsWithin(opened.File))
            {
                return Left(path, stream.Length > MaxBytes ? $"is larger than {MaxBytes >> 20} MiB" : "is a link that leads out of the copy");
            }

            var content = new byte[stream.Length];
            return content[..stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            return Left(path, e.Message);
        }
    }

    private byte[]? Left(string path, string why)
    {
        _problems.Add($"{Shown.Text(path)} {why}");
        return null;
    }

    // By the kernel's own word for what is open, so that no link on the way is overlooked.
    private bool IsWithin(SafeFileHandle handle) =>
        within is null || (File.ResolveLinkTarget($"/proc/self/fd/{handle.DangerousGetHandle()}", returnFinalTarget: false)?.FullName is { } real
            && real.StartsWith(_real.Value + "/", StringComparison.Ordinal));

    private static IEnumerable<string> Names(string directory)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(directory).Select(static path => Path.GetFileName(path))];
        }
        catch (Exception e) when (FileTrouble.Is(e))
        {
            return [];
        }
    }

    private static string Real(string directory)
    {
        using var handle = Libc.OpenToRead(directory).File;
        return handle is null ? directory : (File.ResolveLinkTarget($"/proc/self/fd/{handle.DangerousGetHandle()}", returnFinalTarget: false)?.FullName ?? directory).TrimEnd('/');
    }
}
