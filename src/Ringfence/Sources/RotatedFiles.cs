using System.Buffers;

namespace Ringfence.Sources;

/// <summary>A file beside a log that looks like an earlier part of it.</summary>
/// <param name="Head">Its first decompressed bytes: 256, or all there are.</param>
internal sealed record RotatedFile(string Path, FileFacts Facts, byte[] Head, LogFormat Format);

/// <summary>What rotation leaves beside a log: log.1, log.1.gz, log-20261121, log.2026-11-21.xz, full.0, log-20261121.log ...</summary>
/// <remarks>logrotate(8): dateext, extension, compress; Asterisk's logger.conf: rotatestrategy.</remarks>
internal static class RotatedFiles
{
    private static readonly SearchValues<char> NumberOrDate = SearchValues.Create("0123456789-._:T");
    private const int MaxPasses = 8;
    private static readonly string[] CompressedSuffixes = [".gz", ".xz", ".bz2", ".zst"];

    /// <summary>Whether a file of this name can be an earlier part of the log: its name and a number or date, compressed or not.</summary>
    public static bool IsRotatedName(string logName, string name)
    {
        foreach (var suffix in CompressedSuffixes)
        {
            if (name.EndsWith(suffix, StringComparison.Ordinal))
            {
                name = name[..^suffix.Length];
                break;
            }
        }

        if (name.StartsWith(logName, StringComparison.Ordinal) && IsNumberOrDate(name.AsSpan(logName.Length)))
        {
            return true;
        }

        var extension = System.IO.Path.GetExtension(logName);
        var stem = logName[..^extension.Length];
        return extension.Length > 0 && stem.Length > 0 && name.Length > logName.Length
            && name.StartsWith(stem, StringComparison.Ordinal) && name.EndsWith(extension, StringComparison.Ordinal)
            && IsNumberOrDate(name.AsSpan(stem.Length, name.Length - stem.Length - extension.Length));
    }

    /// <summary>Every earlier part of the log that lies beside it, the oldest first.</summary>
    /// <param name="places">The path of the log, and if that is a link the path that it leads to.</param>
    /// <param name="isKnown">Files to leave out, unopened; null: none.</param>
    /// <returns>null if no directory could be listed.</returns>
    public static List<RotatedFile>? List(IReadOnlyList<string> places, Predicate<(ulong Device, ulong Inode, long BornNs)>? isKnown = null)
    {
        var found = new Dictionary<(ulong, ulong, long), RotatedFile>();
        var listed = false;

        // While one rotation renames log.1 to log.2, a listing can miss both; so it is done until it finds nothing more.
        for (var (pass, grew) = (0, true); grew && pass < MaxPasses; pass++)
        {
            grew = false;
            foreach (var path in places.SelectMany(place => Names(place)))
            {
                listed = true;
                if (path is null || Libc.Stat(path) is not { Error: 0, Facts.IsRegular: true } looked
                    || found.ContainsKey(looked.Facts.Key) || isKnown?.Invoke(looked.Facts.Key) == true)
                {
                    continue;
                }

                if (Look(path) is { } file)
                {
                    grew |= found.TryAdd(file.Facts.Key, file);
                }
            }
        }

        return listed ? [.. found.Values.OrderBy(file => file.Facts.ModifiedNs).ThenBy(file => file.Facts.BornNs)] : null;
    }

    // A null first, so that an empty directory differs from one that can't be listed.
    private static List<string?> Names(string place)
    {
        var logName = System.IO.Path.GetFileName(place);
        try
        {
            return [null, .. Directory.EnumerateFiles(System.IO.Path.GetDirectoryName(place)!).Where(path => IsRotatedName(logName, System.IO.Path.GetFileName(path)))];
        }
        catch (Exception error) when (FileTrouble.Is(error))
        {
            // Missing, or closed to us: the state of the log says so already.
            return [];
        }
    }

    /// <summary>Where the file is by now: a rotation may have renamed it again.</summary>
    public static string? PathNow(RotatedFile file, IReadOnlyList<string> places) => places
        .SelectMany(Names)
        .Prepend(file.Path)
        .FirstOrDefault(path => path is not null && Libc.Stat(path) is { Error: 0 } looked && looked.Facts.Key == file.Facts.Key);

    /// <summary>Looks in the directories of the log for the file that a position means, under any name.</summary>
    /// <param name="rotated">What <see cref="List"/> found.</param>
    public static RotatedFile? Find(ReadPosition position, IReadOnlyList<string> places, List<RotatedFile> rotated)
    {
        foreach (var directory in places.Select(place => System.IO.Path.GetDirectoryName(place)!).Distinct(StringComparer.Ordinal))
        {
            try
            {
                foreach (var path in Directory.EnumerateFiles(directory))
                {
                    var looked = Libc.Stat(path);
                    if (looked.Error == 0 && looked.Facts.IsRegular && looked.Facts.Inode == position.Inode && looked.Facts.Device == position.Device
                        && Look(path) is { } file && IsMeant(position, file))
                    {
                        return file;
                    }
                }
            }
            catch (Exception error) when (FileTrouble.Is(error))
            {
                // As above.
            }
        }

        // Compressed or copied meanwhile: another inode, the same first bytes. The newest copy has the most of it.
        return rotated.LastOrDefault(file => IsMeant(position, file));
    }

    /// <summary>Whether the file's content begins as the position says, so that reading can go on in it.</summary>
    public static bool IsMeant(ReadPosition position, RotatedFile file)
    {
        var headLength = (int)Math.Min(LogIdentity.HeadBytes, position.Offset);
        return file.Head.Length >= headLength
            && LogIdentity.Checksum(file.Head.AsSpan(0, headLength)) == position.Head
            && (headLength >= LogIdentity.DistinctBytes || (file.Facts.Inode == position.Inode && file.Facts.Device == position.Device))
            && (file.Format != LogFormat.Plain || file.Facts.SizeBytes >= position.Offset);
    }

    /// <param name="path">Of a regular file.</param>
    /// <returns>null if it can't be read.</returns>
    public static RotatedFile? Look(string path)
    {
        try
        {
            using var log = LogFile.Open(path);
            var head = new byte[LogIdentity.HeadBytes];
            var length = 0;
            int read;
            while (length < head.Length && (read = log.Read(head.AsSpan(length))) > 0)
            {
                length += read;
            }

            return log.Facts is { } facts ? new RotatedFile(path, facts, head[..length], log.Format) : null;
        }
        catch (LogFileException)
        {
            return null;
        }
    }

    private static bool IsNumberOrDate(ReadOnlySpan<char> text) =>
        text is ".old" || (text.Length >= 2 && text[0] is '.' or '-' or '_' && char.IsAsciiDigit(text[1]) && !text[1..].ContainsAnyExcept(NumberOrDate));
}
