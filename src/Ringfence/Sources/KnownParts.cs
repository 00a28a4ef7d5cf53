namespace Ringfence.Sources;

/// <summary>The earlier parts of a log that nobody has to read any more, by inode and by content: whatever else appears beside it was written between two looks.</summary>
/// <remarks>
/// A known file is known again under another name, and by its first bytes when it was compressed or copied. As logrotate's gzip and xz keep the time of
/// modification, an archive that was made today of a log that was old when reading began is older than that beginning.
/// </remarks>
internal sealed class KnownParts
{
    private readonly HashSet<(ulong Device, ulong Inode, long BornNs)> _files = [];
    private readonly HashSet<ulong> _heads = [];
    private long _newerThanNs = long.MinValue;

    public void Add(FileFacts file) => _files.Add(file.Key);

    /// <summary>Knows the content, wherever a copy of it appears.</summary>
    public void AddHead(LogIdentity content)
    {
        if (content.HeadLength >= LogIdentity.DistinctBytes)
        {
            _heads.Add(LogIdentity.Checksum(content.Head));
        }
    }

    /// <summary>Whatever lies there when reading begins is old.</summary>
    public void AddAll(IReadOnlyList<string> places)
    {
        foreach (var part in RotatedFiles.List(places) ?? [])
        {
            Add(part);
            _newerThanNs = Math.Max(_newerThanNs, part.Facts.ModifiedNs);
        }
    }

    /// <summary>Reading resumes in <paramref name="resumed"/>: older parts were read, or were never to be read; those of the same time and later are not known yet.</summary>
    public void AddUpTo(RotatedFile resumed, IEnumerable<RotatedFile> parts)
    {
        foreach (var part in parts)
        {
            if (part.Facts.Key == resumed.Facts.Key
                || (part.Facts.ModifiedNs, part.Facts.BornNs).CompareTo((resumed.Facts.ModifiedNs, resumed.Facts.BornNs)) < 0)
            {
                Add(part);
            }
        }

        Add(resumed.Facts);
        _newerThanNs = resumed.Facts.ModifiedNs;
    }

    /// <summary>The parts that were not known, the oldest first; known from now on, each as it is taken.</summary>
    public IEnumerable<RotatedFile> TakeNew(IReadOnlyList<string> places) =>
        (RotatedFiles.List(places, _files.Contains) ?? []).Where(part => Add(part) && part.Facts.ModifiedNs >= _newerThanNs);

    /// <summary>It was renamed again and again while it was being opened: the next <see cref="TakeNew"/> takes it again.</summary>
    public void Forget(RotatedFile part)
    {
        _files.Remove(part.Facts.Key);
        _heads.Remove(LogIdentity.Checksum(part.Head));
    }

    /// <returns>false: it was known, by its inode or by its content.</returns>
    private bool Add(RotatedFile part)
    {
        var isNewFile = _files.Add(part.Facts.Key);
        var isNewHead = part.Head.Length < LogIdentity.DistinctBytes || _heads.Add(LogIdentity.Checksum(part.Head));
        return isNewFile && isNewHead;
    }
}
