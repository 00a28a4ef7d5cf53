using System.Buffers;
using System.Threading.Channels;
using Ringfence.Daemon;

namespace Ringfence.Sources;

/// <summary>One log that is followed by its path, through every kind of rotation. Used by the tail's thread alone, but for <see cref="Status"/>.</summary>
/// <remarks>
/// A rotation by rename: the writer goes on in the old file until it is told to reopen. Its first byte in the new file is therefore the proof that it has left the
/// old one, which is then read to its end once more before the first byte of the new one is delivered; for a second after that the old one is still watched,
/// in case that there was more than one writer.
/// </remarks>
internal sealed partial class TailedLog : IDisposable
{
    // Batches that one log may deliver before the others have their turn.
    private const int BatchesPerTurn = 16;
    private const int MaxRetired = 16;
    private static readonly TimeSpan QuietBeforeClose = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly ChannelWriter<RawBatch> _batches;
    private readonly Inotify _inotify;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationToken _stop;

    private ReadPosition? _resume;
    private LiveFile? _current;
    private LiveFile? _next;
    private readonly List<LiveFile> _retired = [];

    // What lay beside the log at the last rotation, by inode and by content: whatever else appears was written between two looks.
    private readonly HashSet<(ulong, ulong, long)> _knownFiles = [];
    private readonly HashSet<ulong> _knownHeads = [];
    private long _newerThanNs = long.MinValue;

    // First start: nothing old is read. Where the end was when the log was first seen, if it could not be opened then.
    private bool _skipsOld = true;
    private FileFacts? _firstSeen;

    private bool _readFailed;
    private Standing _standing;
    private long _bytes;
    private long _lost;
    private long _rotations;
    private long _refusals;
    private long _lastReadTicks;

    public TailedLog(
        string path, ReadPosition? resume, ChannelWriter<RawBatch> batches, Inotify inotify, TimeProvider time, ILogger logger, CancellationToken stop)
    {
        _path = path;
        _resume = resume;
        _batches = batches;
        _inotify = inotify;
        _time = time;
        _logger = logger;
        _stop = stop;
        _standing = new Standing(TailState.Starting, null, time.GetUtcNow());
    }

    /// <summary>Set by the tail: names in a directory of this log changed, or it is time for the safety look.</summary>
    public bool NamesChanged { get; set; } = true;

    /// <summary>Set by the tail: one of the files of this log was written to; and by the log itself, when its turn ended before the data did.</summary>
    public bool DataChanged { get; set; } = true;

    /// <summary>Set by the tail: <see cref="Places"/> may be others by now.</summary>
    public bool PlacesChanged { get; set; } = true;

    /// <summary>The directories in which a rotation of this log would show: its own, and those that a link leads to.</summary>
    public IReadOnlyList<string> Places { get; private set; } = [];

    public bool Owns(int watch) =>
        _current?.Watch == watch || _next?.Watch == watch || _retired.Exists(file => file.Watch == watch);

    /// <summary>From any thread.</summary>
    public TailStatus Status
    {
        get
        {
            var standing = Volatile.Read(ref _standing);
            var lastRead = Volatile.Read(ref _lastReadTicks);
            return new TailStatus(
                _path,
                standing.State,
                standing.Problem,
                standing.Since,
                Volatile.Read(ref _bytes),
                Volatile.Read(ref _lost),
                Volatile.Read(ref _rotations),
                Volatile.Read(ref _refusals),
                lastRead == 0 ? null : new DateTimeOffset(lastRead, TimeSpan.Zero));
        }
    }

    /// <summary>Reads what is new and delivers it; waits while the channel is full.</summary>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    /// <exception cref="ChannelClosedException">Nobody reads any more.</exception>
    public void Look()
    {
        if (NamesChanged)
        {
            NamesChanged = false;
            LookAtName();
            if (_retired.Count > 0)
            {
                FindMissed();
                CloseQuiet();
            }
        }

        DataChanged = false;
        foreach (var file in _retired)
        {
            ReadNew(file, isLate: true);
        }

        if (_current is { } current)
        {
            ReadNew(current, isLate: false);
        }

        if (_next is { } next && Libc.Stat(next.Handle) is { Error: 0, Facts.SizeBytes: > 0 })
        {
            SwitchTo(next);
            _next = null;
            ReadNew(next, isLate: false);
        }
    }

    /// <summary>Finds the directories to watch; a link can be changed at any time.</summary>
    public void FindPlaces()
    {
        PlacesChanged = false;
        var places = new List<string>(2) { _path };
        try
        {
            var at = _path;
            // 40 is the kernel's own limit (path_resolution(7)).
            for (var hop = 0; hop < 40 && new FileInfo(at).LinkTarget is { } target; hop++)
            {
                at = Path.GetFullPath(target, Path.GetDirectoryName(at)!);
                places.Add(at);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The state of the log says so.
        }

        if (!places.SequenceEqual(Places, StringComparer.Ordinal))
        {
            Places = places;
        }
    }

    public void Dispose()
    {
        _current?.Dispose();
        _next?.Dispose();
        _retired.ForEach(file => file.Dispose());
    }

    private void LookAtName()
    {
        var looked = Libc.Stat(_path);
        if (looked.Error != 0)
        {
            if (looked.Error is Libc.NoEntry or Libc.NotADirectory)
            {
                BeginWithout();
            }

            Stand(looked.Error);
            return;
        }

        if (!looked.Facts.IsRegular)
        {
            _skipsOld = false;
            Stand(TailState.NotAFile, $"{_path}: is {looked.Facts.TypeName} and not a file; name the log file itself");
            return;
        }

        if (_current?.Facts.Key == looked.Facts.Key)
        {
            if (_next is { } dropped)
            {
                // Renamed back.
                _next = null;
                Retire(dropped);
            }

            if (!_readFailed)
            {
                Stand(TailState.Reading, null);
            }

            return;
        }

        if (_next?.Facts.Key == looked.Facts.Key)
        {
            return;
        }

        if (_retired.Find(file => file.Facts.Key == looked.Facts.Key) is { } back)
        {
            // Renamed back: it goes on where it was left.
            _retired.Remove(back);
            SwitchTo(back);
            return;
        }

        var (found, facts, error) = LiveFile.Open(_path);
        if (found is null)
        {
            // error 0: it became something else between the two looks; the next one tells.
            _firstSeen ??= error == 0 || !_skipsOld ? null : facts;
            if (error != 0)
            {
                Stand(error);
            }

            return;
        }

        if (Owns(found.Facts.Key))
        {
            // Renamed between the two looks.
            found.Dispose();
            NamesChanged = true;
            return;
        }

        Stand(TailState.Reading, null);
        WatchData(found);
        if (_current is not null || _next is not null)
        {
            Follow(found);
            return;
        }

        Begin(found);
    }

    // Another file stands at the path: what was there before is read to its end, then what came and went between two looks, then the new one.
    private void Follow(LiveFile found)
    {
        if (_next is { } passed)
        {
            _next = null;
            SwitchTo(passed);
        }

        Drain(_current!);

        _knownFiles.Add(found.Facts.Key);
        foreach (var between in ListNew())
        {
            SwitchTo(between);
        }

        _next = found;
    }

    // In the second after a rotation: a part of the log that the listing missed, because it was being renamed at that moment.
    private void FindMissed()
    {
        foreach (var missed in ListNew())
        {
            Retire(missed);
        }
    }

    private void Begin(LiveFile found)
    {
        if (_resume is { } position)
        {
            _resume = null;
            if (found.IsMeantBy(position))
            {
                found.StartAt(position.Offset, position.Line);
                LogStarts(_logger, _path, position.Offset);
            }
            else
            {
                ResumeInRotated(position, found);
                return;
            }
        }
        else if (_skipsOld)
        {
            var end = _firstSeen is { } first && first.Key == found.Facts.Key ? Math.Min(first.SizeBytes, found.Facts.SizeBytes) : found.Facts.SizeBytes;
            // It was refused when first seen, and another file stands there now: all of that is new.
            found.StartAtEnd(_firstSeen is { } other && other.Key != found.Facts.Key ? 0 : end);
            LogStarts(_logger, _path, found.Offset);
        }
        else
        {
            LogStarts(_logger, _path, 0);
        }

        _skipsOld = false;
        KnowAll();
        Start(found);
    }

    private void Start(LiveFile found)
    {
        _current = found;
        _knownFiles.Add(found.Facts.Key);

        // Without bytes, so that the position is kept before the first line comes: what is written from now on must not be missed after a crash.
        found.IsBegun = true;
        Deliver(new RawBatch(_path, found.Identity, found.Offset, null, 0) { StartsFile = true, StartsMidLine = found.StartsMidLine });
    }

    // The file at the path is not the one that was being read when the last run ended: the rest of that one first, then what came after it.
    private void ResumeInRotated(ReadPosition position, LiveFile? found)
    {
        _skipsOld = false;
        var rotated = RotatedFiles.List(Places) ?? [];
        rotated.RemoveAll(file => file.Facts.Key == found?.Facts.Key);
        var old = RotatedFiles.Find(position, Places, rotated);
        if (old is null)
        {
            if (position.Offset > 0)
            {
                LogRestIsGone(_logger, _path, position.Offset);
            }

            KnowAll();
            if (found is not null)
            {
                Start(found);
            }

            return;
        }

        // Older ones were read, or were never to be read; those of the same time and later are not known yet.
        foreach (var file in rotated)
        {
            if (file.Facts.Key == old.Facts.Key || (file.Facts.ModifiedNs, file.Facts.BornNs).CompareTo((old.Facts.ModifiedNs, old.Facts.BornNs)) < 0)
            {
                Know(file);
            }
        }

        _knownFiles.Add(old.Facts.Key);
        _newerThanNs = old.Facts.ModifiedNs;
        LogResumes(_logger, _path, position.Offset, old.Path);
        if (old.Format == LogFormat.Plain)
        {
            _current = Open(old);
            _current?.StartAt(position.Offset, position.Line);
        }
        else
        {
            ReadArchive(old, new LogIdentity(position.Device, position.Inode, position.Line), position.Offset);
        }

        if (found is not null)
        {
            _knownFiles.Add(found.Facts.Key);
        }

        foreach (var between in ListNew())
        {
            SwitchTo(between);
        }

        if (_current is not null)
        {
            _next = found;
        }
        else if (found is not null)
        {
            Start(found);
        }
    }

    // Nothing is at the path. What was being read may lie beside it; and if nothing was, a restart must know that all of the file to come is new.
    private void BeginWithout()
    {
        if (_resume is null && _skipsOld)
        {
            Deliver(new RawBatch(_path, new LogIdentity(0, 0, 0), 0, null, 0) { StartsFile = true, EndOfFile = true });
        }

        _skipsOld = false;
        if (_resume is { } position && RotatedFiles.List(Places) is not null)
        {
            _resume = null;
            ResumeInRotated(position, null);
        }
    }

    // Whatever lies beside the log when reading begins is old.
    private void KnowAll()
    {
        foreach (var file in RotatedFiles.List(Places) ?? [])
        {
            Know(file);
            _newerThanNs = Math.Max(_newerThanNs, file.Facts.ModifiedNs);
        }
    }

    /// <returns>false: it was known, by its inode or by its content.</returns>
    private bool Know(RotatedFile file)
    {
        var isNewFile = _knownFiles.Add(file.Facts.Key);
        var isNewHead = file.Head.Length < LogIdentity.DistinctBytes || _knownHeads.Add(LogIdentity.Checksum(file.Head));
        return isNewFile && isNewHead;
    }

    /// <summary>The rotated files beside the log that nobody has read: plain ones opened, the oldest first; archives are read at once.</summary>
    /// <remarks>
    /// A known file is known again under another name, and by its first bytes when it was compressed or copied. As logrotate's gzip and xz keep the time of
    /// modification, an archive that was made today of a log that was old when reading began is older than that beginning.
    /// </remarks>
    private List<LiveFile> ListNew()
    {
        KnowHead(_current);
        KnowHead(_next);
        _retired.ForEach(KnowHead);
        var found = new List<LiveFile>();
        foreach (var file in RotatedFiles.List(Places, _knownFiles.Contains) ?? [])
        {
            if (!Know(file) || file.Facts.ModifiedNs < _newerThanNs)
            {
                continue;
            }

            if (file.Format == LogFormat.Plain)
            {
                found.AddRange(Open(file) is { } opened ? [opened] : []);
            }
            else if (file.Head.Length > 0)
            {
                ReadArchive(file, new LogIdentity(file.Facts.Device, file.Facts.Inode, 0), 0);
            }
        }

        return found;
    }

    private void KnowHead(LiveFile? file)
    {
        if (file?.Identity.HeadLength >= LogIdentity.DistinctBytes)
        {
            _knownHeads.Add(LogIdentity.Checksum(file.Identity.Head));
        }
    }

    private LiveFile? Open(RotatedFile rotated)
    {
        for (var tries = 0; tries < 8 && RotatedFiles.PathNow(rotated, Places) is { } path; tries++)
        {
            var file = LiveFile.Open(path).File;
            if (file is not null && file.Facts.Key == rotated.Facts.Key)
            {
                WatchData(file);
                return file;
            }

            file?.Dispose();
        }

        return null;
    }

    private bool Owns((ulong, ulong, long) key) =>
        _current?.Facts.Key == key || _next?.Facts.Key == key || _retired.Exists(file => file.Facts.Key == key);

    private void SwitchTo(LiveFile next)
    {
        if (_current is { } current)
        {
            Drain(current);
            Retire(current);
            _rotations++;
            LogRotated(_logger, _path, current.Offset);
        }

        _current = next;
    }

    private void Drain(LiveFile file)
    {
        while (ReadNew(file, isLate: false))
        {
        }
    }

    private void Retire(LiveFile file)
    {
        file.QuietSince = _time.GetTimestamp();
        _retired.Add(file);
        if (_retired.Count > MaxRetired)
        {
            Close(_retired[0]);
        }
    }

    private void CloseQuiet()
    {
        for (var i = _retired.Count - 1; i >= 0; i--)
        {
            var hasSuccessor = _current is { Offset: > 0 } || _retired.Skip(i + 1).Any(file => file.Offset > 0);
            if (hasSuccessor && _time.GetElapsedTime(_retired[i].QuietSince) >= QuietBeforeClose)
            {
                Close(_retired[i]);
            }
        }
    }

    private void Close(LiveFile file)
    {
        while (ReadNew(file, isLate: true))
        {
        }

        _retired.Remove(file);
        Finish(file.Identity, file.Offset, file.IsBegun, isLate: true, lost: 0);
        if (file.Watch >= 0 && !Owns(file.Watch))
        {
            _inotify.Unwatch(file.Watch);
        }

        file.Dispose();
    }

    /// <returns>true: there may be more.</returns>
    private bool ReadNew(LiveFile file, bool isLate)
    {
        for (var batches = 0; batches < BatchesPerTurn; batches++)
        {
            var (what, pooled, length) = file.ReadNext();
            switch (what)
            {
                case LiveRead.Nothing:
                    SeeAgain(file);
                    return false;
                case LiveRead.Truncated:
                    Truncated(file, isLate);
                    break;
                case LiveRead.Failed:
                    _readFailed |= file == _current;
                    Stand(TailState.Unreadable, $"{_path}: {Libc.Describe(file.Error)}");
                    return false;
                case LiveRead.Bytes:
                    SeeAgain(file);
                    file.QuietSince = _time.GetTimestamp();
                    var starts = !file.IsBegun;
                    file.IsBegun = true;
                    Deliver(new RawBatch(_path, file.Identity, file.Offset - length, pooled, length)
                    {
                        StartsFile = starts,
                        StartsMidLine = starts && file.StartsMidLine,
                        IsLate = isLate,
                    });
                    break;
            }
        }

        DataChanged = true;
        return true;
    }

    private void SeeAgain(LiveFile file)
    {
        if (_readFailed && file == _current)
        {
            _readFailed = false;
            Stand(TailState.Reading, null);
        }
    }

    private void Truncated(LiveFile file, bool isLate)
    {
        // copytruncate leaves a copy: what was not read yet is in it, if only it was copied.
        var lost = file.UnreadBytes;
        var copied = 0L;
        if (lost > 0 && file.Identity.HeadLength >= LogIdentity.DistinctBytes)
        {
            var position = file.Identity.PositionAt(_path, file.Offset, 0);
            if (RotatedFiles.List(Places)?.LastOrDefault(copy => copy.Facts.Key != file.Facts.Key && RotatedFiles.IsMeant(position, copy)) is { } copy)
            {
                copied = ReadRest(copy, file.Identity, file.Offset, starts: !file.IsBegun);
                lost = Math.Max(0, lost - copied);
            }
        }

        Interlocked.Add(ref _lost, lost);
        _rotations++;
        LogTruncated(_logger, _path, lost);
        KnowHead(file);
        Finish(file.Identity, file.Offset + copied, file.IsBegun || copied > 0, isLate, lost);
        file.StartAgain();
    }

    private void ReadArchive(RotatedFile archive, LogIdentity identity, long offset)
    {
        var read = ReadRest(archive, identity, offset, starts: true);
        _rotations++;
        Finish(identity, offset + read, isBegun: read > 0, isLate: false, lost: 0);
    }

    /// <returns>Bytes delivered.</returns>
    private long ReadRest(RotatedFile file, LogIdentity identity, long offset, bool starts)
    {
        var at = 0L;
        try
        {
            using var log = LogFile.Open(RotatedFiles.PathNow(file, Places) ?? file.Path);
            while (true)
            {
                var pooled = ArrayPool<byte>.Shared.Rent(RawBatch.MaxBytes);
                var wanted = at < offset ? Math.Min(offset - at, RawBatch.MaxBytes) : RawBatch.MaxBytes;
                int length;
                try
                {
                    length = log.Read(pooled.AsSpan(0, (int)wanted));
                }
                catch (LogFileException)
                {
                    ArrayPool<byte>.Shared.Return(pooled);
                    throw;
                }

                identity.See(at, pooled.AsSpan(0, length));
                if (length == 0 || at < offset)
                {
                    ArrayPool<byte>.Shared.Return(pooled);
                    if (length == 0)
                    {
                        break;
                    }

                    at += length;
                    continue;
                }

                Deliver(new RawBatch(_path, identity, at, pooled, length) { StartsFile = starts });
                starts = false;
                at += length;
            }
        }
        catch (LogFileException error)
        {
            LogArchiveFailed(_logger, _path, error.Message);
        }

        return Math.Max(0, at - offset);
    }

    private void Finish(LogIdentity identity, long offset, bool isBegun, bool isLate, long lost)
    {
        if (isBegun || lost > 0)
        {
            Deliver(new RawBatch(_path, identity, offset, null, 0) { EndOfFile = true, IsLate = isLate, Lost = lost });
        }
    }

    private void Deliver(RawBatch batch)
    {
        if (batch.Bytes.Length is > 0 and var length)
        {
            Volatile.Write(ref _bytes, _bytes + length);
            Volatile.Write(ref _lastReadTicks, _time.GetUtcNow().Ticks);
        }

        if (!_batches.TryWrite(batch))
        {
            try
            {
                // Blocks this thread, which has nothing else to do: the kernel keeps the logs meanwhile.
                _batches.WriteAsync(batch, _stop).AsTask().GetAwaiter().GetResult();
            }
            catch (Exception error) when (error is OperationCanceledException or ChannelClosedException)
            {
                batch.Dispose();
                throw;
            }
        }
    }

    private void WatchData(LiveFile file) => file.Watch = _inotify.WatchData(file.Handle);

    private void Stand(int error)
    {
        switch (error)
        {
            case Libc.NoEntry or Libc.NotADirectory:
                Stand(TailState.Missing, _current is null
                    ? $"{_path}: there is no such file; it will be read from its first byte when it appears"
                    : $"{_path}: was deleted or renamed and not made again; what is still written to the old file is read");
                break;
            case Libc.NoPermission or Libc.NotPermitted:
                _refusals++;
                Stand(TailState.NoPermission, $"{_path}: no permission to read it; the daemon needs CAP_DAC_READ_SEARCH, or a group that may read it");
                break;
            default:
                Stand(TailState.Unreadable, $"{_path}: {Libc.Describe(error)}");
                break;
        }
    }

    private void Stand(TailState state, string? problem)
    {
        if (_standing.State == state && string.Equals(_standing.Problem, problem, StringComparison.Ordinal))
        {
            return;
        }

        if (problem is not null)
        {
            LogBlind(_logger, problem);
        }
        else if (_standing.State != TailState.Starting)
        {
            LogSees(_logger, _path);
        }

        var since = _standing.State == state ? _standing.Since : _time.GetUtcNow();
        Volatile.Write(ref _standing, new Standing(state, problem, since));
    }

    private sealed record Standing(TailState State, string? Problem, DateTimeOffset Since);

    [LoggerMessage(2100, LogLevel.Information, "{Log}: reading from byte {Offset}")]
    private static partial void LogStarts(ILogger logger, string log, long offset);

    [LoggerMessage(2101, LogLevel.Warning, "{Problem}")]
    private static partial void LogBlind(ILogger logger, string problem);

    [LoggerMessage(2102, LogLevel.Information, "{Log}: can be read again")]
    private static partial void LogSees(ILogger logger, string log);

    [LoggerMessage(2103, LogLevel.Information, "{Log}: rotated after {Bytes} bytes; going on in the new file")]
    private static partial void LogRotated(ILogger logger, string log, long bytes);

    [LoggerMessage(2104, LogLevel.Warning, "{Log}: truncated; {Count} bytes are known to be lost, more may be; have logrotate rename it (no copytruncate)")]
    private static partial void LogTruncated(ILogger logger, string log, long count);

    [LoggerMessage(2105, LogLevel.Information, "{Log}: was rotated meanwhile; going on at byte {Offset} of {Rotated}")]
    private static partial void LogResumes(ILogger logger, string log, long offset, string rotated);

    [LoggerMessage(2106, LogLevel.Warning, "{Log}: the file that was read up to byte {Offset} is gone or truncated; what was added to it since is lost")]
    private static partial void LogRestIsGone(ILogger logger, string log, long offset);

    [LoggerMessage(2107, LogLevel.Warning, "{Log}: {Problem}; the rest of it is lost")]
    private static partial void LogArchiveFailed(ILogger logger, string log, string problem);
}
