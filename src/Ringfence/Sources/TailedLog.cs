using System.Threading.Channels;

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

    // For what the kernel does not tell even so: a directory further up is renamed, another file system is mounted over it.
    private static readonly TimeSpan LookIfTold = TimeSpan.FromSeconds(1);

    // While it can't tell at all: a directory that is not there yet, a network file system.
    private static readonly TimeSpan LookIfNotTold = TimeSpan.FromMilliseconds(200);

    private readonly string _path;
    private readonly Inotify _inotify;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LogPlaces _places;
    private readonly KnownParts _known = new();
    private readonly TailStanding _standing;
    private readonly TailOutlet _outlet;
    private readonly TailBeginning _beginning;

    private LiveFile? _current;
    private LiveFile? _next;
    private readonly List<LiveFile> _retired = [];

    private bool _placesChanged = true;
    private bool _namesChanged = true;
    private bool _dataChanged = true;
    private bool _readFailed;
    private long _safetyLook;

    public TailedLog(
        string path, ReadPosition? resume, ChannelWriter<SourceBatch> batches, Inotify inotify, TimeProvider time, ILogger logger, CancellationToken stop)
    {
        _path = path;
        _inotify = inotify;
        _time = time;
        _logger = logger;
        _places = new LogPlaces(path, inotify);
        _standing = new TailStanding(path, time, logger);
        _outlet = new TailOutlet(path, batches, time, logger, stop);
        _beginning = new TailBeginning(path, resume, _places, _known, _outlet, logger);
        _safetyLook = time.GetTimestamp();
    }

    public string Path => _path;

    /// <summary>For how long nothing needs to be done unless the kernel tells of a change; zero: something is to be done now.</summary>
    public TimeSpan Rest
    {
        get
        {
            var left = LookEvery - _time.GetElapsedTime(_safetyLook);
            return _namesChanged || _dataChanged || left < TimeSpan.Zero ? TimeSpan.Zero : left;
        }
    }

    private TimeSpan LookEvery => IsTold ? LookIfTold : LookIfNotTold;

    // The kernel tells of all that can happen to this log next; the files of a rotation that is under way are given up by time.
    private bool IsTold =>
        _places.AreTold && _standing.State is TailState.Reading or TailState.Missing && _retired.Count == 0 && _current?.IsTold != false && _next?.IsTold != false;

    /// <summary>From any thread.</summary>
    public TailStatus Status
    {
        get
        {
            var (state, problem, since) = _standing.Now;
            return new TailStatus(_path, state, problem, since, _outlet.Bytes, _outlet.LostBytes, _outlet.Rotations, _standing.Refusals, _outlet.LastRead)
            {
                UnreadBytes = _outlet.UnreadBytes,
            };
        }
    }

    /// <summary>Takes the kernel's news, which may be of another log.</summary>
    public void See(InotifyEvent change)
    {
        _dataChanged |= change.IsOverflow || Owns(change.Watch);
        if (change.IsOverflow || _places.Has(change.Watch))
        {
            _namesChanged = true;
            _placesChanged = true;
        }
    }

    /// <summary>Anything may have changed.</summary>
    public void LookAgain()
    {
        _placesChanged = true;
        _namesChanged = true;
        _dataChanged = true;
    }

    /// <summary>Reads what is new and delivers it, if anything may be; waits while the channel is full.</summary>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    /// <exception cref="ChannelClosedException">Nobody reads any more.</exception>
    public void Look()
    {
        // Also while there is always something to read. A little early, if the thread is awake: the logs then share one wake, which costs more than the looks.
        if (_time.GetElapsedTime(_safetyLook) >= LookEvery * 0.75)
        {
            _safetyLook = _time.GetTimestamp();
            _placesChanged = true;
            _namesChanged = true;
        }

        if (!_namesChanged && !_dataChanged)
        {
            return;
        }

        if (_placesChanged)
        {
            _placesChanged = false;
            _places.Find();
        }

        if (_namesChanged)
        {
            _namesChanged = false;
            LookAtName();
            if (_retired.Count > 0)
            {
                FindMissed();
                CloseQuiet();
            }
        }

        _dataChanged = false;
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

    /// <summary>Nobody follows it any more: its reader forgets it, and the kernel need not tell of it.</summary>
    /// <param name="isShared">Another log has a file by the same watch, which the kernel keeps once for each file.</param>
    public void End(Func<int, bool> isShared)
    {
        foreach (var file in OpenFiles)
        {
            _outlet.End(file.Identity, file.Offset, file.IsBegun, isLate: file != _current);
            if (file.Watch >= 0 && !isShared(file.Watch))
            {
                _inotify.Unwatch(file.Watch);
            }
        }
    }

    /// <returns>Whether one of its files is watched so.</returns>
    public bool Watches(int watch) => Owns(watch);

    public void Dispose()
    {
        foreach (var file in OpenFiles)
        {
            file.Dispose();
        }
    }

    private void LookAtName()
    {
        var looked = Libc.Stat(_path);
        if (looked.Error != 0)
        {
            if (looked.Error is Libc.NoEntry or Libc.NotADirectory)
            {
                GoOn(_beginning.WithoutFile(), null);
            }

            _standing.LookFails(looked.Error, hasOpen: _current is not null);
            return;
        }

        if (!looked.Facts.IsRegular)
        {
            _beginning.SeeNoFile();
            _standing.IsNoFile(looked.Facts.TypeName);
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
                _standing.Reads();
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
            if (error != 0)
            {
                _beginning.SeeClosed(facts);
                _standing.LookFails(error, hasOpen: _current is not null);
            }

            return;
        }

        if (Owns(found.Facts.Key))
        {
            // Renamed between the two looks.
            found.Dispose();
            _namesChanged = true;
            return;
        }

        _standing.Reads();
        found.WatchBy(_inotify);
        if (_current is not null || _next is not null)
        {
            Follow(found);
            return;
        }

        GoOn(_beginning.With(found), found);
    }

    // Nothing was open. What was being read when the last run ended first, then what came after it, then the file at the path.
    private void GoOn(TailBeginning.Begun begun, LiveFile? found)
    {
        if (found is not null)
        {
            _known.Add(found.Facts);
        }

        if (begun.InRotated)
        {
            _current = begun.Open;
            ReadBetween();
        }

        if (_current is not null)
        {
            _next = found ?? _next;
        }
        else if (found is not null)
        {
            _current = found;
            _outlet.Begin(found);
        }
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

        _known.Add(found.Facts);
        ReadBetween();
        _next = found;
    }

    private void ReadBetween()
    {
        foreach (var between in ListNew())
        {
            SwitchTo(between);
        }
    }

    // In the second after a rotation: a part of the log that the listing missed, because it was being renamed at that moment.
    private void FindMissed()
    {
        foreach (var missed in ListNew())
        {
            Retire(missed);
        }
    }

    /// <summary>The rotated files beside the log that nobody has read: plain ones opened, the oldest first; archives are read at once.</summary>
    private List<LiveFile> ListNew()
    {
        foreach (var open in OpenFiles)
        {
            _known.AddHead(open.Identity);
        }

        var found = new List<LiveFile>();
        foreach (var part in _known.TakeNew(_places.Paths))
        {
            if (part.Format != LogFormat.Plain)
            {
                if (part.Head.Length > 0)
                {
                    _outlet.AddArchive(_places.PathNow(part), new LogIdentity(part.Facts.Device, part.Facts.Inode, 0), 0);
                }
            }
            else if (_places.Open(part) is { } opened)
            {
                found.Add(opened);
            }
            else
            {
                _known.Forget(part);
            }
        }

        return found;
    }

    private IEnumerable<LiveFile> OpenFiles => _retired.Append(_next).Append(_current).OfType<LiveFile>();

    private bool Owns(int watch) =>
        _current?.Watch == watch || _next?.Watch == watch || _retired.Exists(file => file.Watch == watch);

    private bool Owns((ulong, ulong, long) key) =>
        OpenFiles.Any(file => file.Facts.Key == key);

    private void SwitchTo(LiveFile next)
    {
        if (_current is { } current)
        {
            Drain(current);
            Retire(current);
            _outlet.CountRotation();
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
        _outlet.End(file.Identity, file.Offset, file.IsBegun, isLate: true);
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
                    _standing.ReadFails(file.Error);
                    return false;
                case LiveRead.Bytes:
                    // Delivered before anything else can fail: the file stands behind these bytes already.
                    _outlet.Add(file, pooled!, length, isLate);
                    SeeAgain(file);
                    file.QuietSince = _time.GetTimestamp();
                    break;
            }
        }

        _dataChanged = true;
        return true;
    }

    private void SeeAgain(LiveFile file)
    {
        if (_readFailed && file == _current)
        {
            _readFailed = false;
            _standing.Reads();
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
            if (RotatedFiles.List(_places.Paths)?.LastOrDefault(copy => copy.Facts.Key != file.Facts.Key && RotatedFiles.IsMeant(position, copy)) is { } copy)
            {
                copied = _outlet.AddRest(_places.PathNow(copy), file.Identity, file.Offset, starts: !file.IsBegun);
                lost = Math.Max(0, lost - copied);
            }
        }

        _outlet.CountRotation();
        LogTruncated(_logger, _path, lost);
        _known.AddHead(file.Identity);
        _outlet.End(file.Identity, file.Offset + copied, file.IsBegun || copied > 0, isLate, lost);
        file.StartAgain();
    }

    [LoggerMessage(2103, LogLevel.Information, "{Log}: rotated after {Bytes} bytes; going on in the new file")]
    private static partial void LogRotated(ILogger logger, string log, long bytes);

    [LoggerMessage(2104, LogLevel.Warning, "{Log}: truncated; {Count} bytes are known to be lost, more may be; have logrotate rename it (no copytruncate)")]
    private static partial void LogTruncated(ILogger logger, string log, long count);
}
