namespace Ringfence.Sources;

/// <summary>Where the reading of a log begins: the first time at its end, later where the last run stopped, and at the first byte of a file that was made since.</summary>
internal sealed partial class TailBeginning(string path, ReadPosition? resume, LogPlaces places, KnownParts known, TailOutlet outlet, ILogger logger)
{
    private ReadPosition? _resume = resume;

    // First start: nothing old is read. Where the end was when the log was first seen, if it could not be opened then.
    private bool _skipsOld = true;
    private FileFacts? _firstSeen;

    /// <summary>What stands at the path is no file: one that takes its place is new.</summary>
    public void SeeNoFile() => _skipsOld = false;

    /// <summary>A file stands at the path and can't be opened.</summary>
    public void SeeClosed(FileFacts facts) => _firstSeen ??= _skipsOld ? facts : null;

    /// <summary>Nothing is at the path. What was being read may lie beside it; and if nothing was, a restart must know that all of the file to come is new.</summary>
    public Begun WithoutFile()
    {
        if (_resume is null && _skipsOld)
        {
            outlet.BeginWithout();
        }

        _skipsOld = false;
        if (_resume is not { } position || RotatedFiles.List(places.Paths) is null)
        {
            return default;
        }

        _resume = null;
        return ResumeInRotated(position, null);
    }

    /// <summary>Sets the file to where its reading begins.</summary>
    public Begun With(LiveFile found)
    {
        var skipsOld = _skipsOld;
        _skipsOld = false;
        if (_resume is { } position)
        {
            _resume = null;
            if (!found.IsMeantBy(position))
            {
                return ResumeInRotated(position, found);
            }

            found.StartAt(position.Offset, position.Line, isResumed: true);
        }
        else if (skipsOld)
        {
            // If it was refused when first seen, what came since is new; and if another file stands there now, all of it.
            found.StartAtEnd(_firstSeen is not { } first ? found.Facts.SizeBytes
                : first.Key == found.Facts.Key ? Math.Min(first.SizeBytes, found.Facts.SizeBytes)
                : 0);
        }

        LogStarts(logger, path, found.Offset);
        known.AddAll(places.Paths);
        return default;
    }

    // The file at the path is not the one that was being read when the last run ended: the rest of that one first.
    private Begun ResumeInRotated(ReadPosition position, LiveFile? found)
    {
        var rotated = RotatedFiles.List(places.Paths) ?? [];
        rotated.RemoveAll(file => file.Facts.Key == found?.Facts.Key);
        if (RotatedFiles.Find(position, places.Paths, rotated) is not { } old)
        {
            if (position.Offset > 0)
            {
                LogRestIsGone(logger, path, position.Offset);
            }

            known.AddAll(places.Paths);
            return default;
        }

        known.AddUpTo(old, rotated);
        LogResumes(logger, path, position.Offset, old.Path);
        if (old.Format != LogFormat.Plain)
        {
            outlet.AddArchive(places.PathNow(old), new LogIdentity(position.Device, position.Inode, position.Line), position.Offset);
            return new Begun(true, null);
        }

        var opened = places.Open(old);
        opened?.StartAt(position.Offset, position.Line, isResumed: true);
        return new Begun(true, opened);
    }

    /// <param name="InRotated">An earlier part was found: what came after it is to be read before the file at the path.</param>
    /// <param name="Open">That part, if it may still grow; null: it was read.</param>
    internal readonly record struct Begun(bool InRotated, LiveFile? Open);

    [LoggerMessage(2100, LogLevel.Information, "{Log}: reading from byte {Offset}")]
    private static partial void LogStarts(ILogger logger, string log, long offset);

    [LoggerMessage(2105, LogLevel.Information, "{Log}: was rotated meanwhile; going on at byte {Offset} of {Rotated}")]
    private static partial void LogResumes(ILogger logger, string log, long offset, string rotated);

    [LoggerMessage(2106, LogLevel.Warning, "{Log}: the file that was read up to byte {Offset} is gone or truncated; what was added to it since is lost")]
    private static partial void LogRestIsGone(ILogger logger, string log, long offset);
}
