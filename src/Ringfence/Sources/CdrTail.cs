using System.Buffers;
using Ringfence.Core.Calls;

namespace Ringfence.Sources;

/// <summary>A file of CDRs or channel events with what was rotated away from it, and then what is written to it: each record once, over rotation and truncation.</summary>
/// <remarks>A record that is half written waits for its rest: line ends within quotes end none.</remarks>
internal sealed class CdrTail(string path, TimeZoneInfo zone, string? mapping) : ICallSource
{
    private readonly CallFileReader _reader = new(zone, mapping);
    private readonly List<string> _problems = [];
    private byte[] _held = new byte[SourceBatch.MaxBytes];
    private int _length;
    private LiveFile? _file;
    private bool _hasPast;

    // Another file is at its path by now: it is read once more, for whoever still wrote.
    private bool _isLeft;

    public string Name => path;

    public TimeSpan Every => TimeSpan.FromSeconds(1);

    public int Unread => _reader.Unread;

    public string? FirstMistake => _reader.FirstMistake;

    public IReadOnlyList<string> Problems => [.. _problems, .. CallSources.Mistakes(path, Unread, FirstMistake)];

    /// <inheritdoc/>
    public Task ReadNewAsync(DateTimeOffset from, Action<CallRecord> take, CancellationToken stop)
    {
        if (!_hasPast)
        {
            Hold();
            ReadPast(from, take, stop);
            _hasPast = true;
        }

        while (true)
        {
            if (_file is null && !Open())
            {
                return Task.CompletedTask;
            }

            Drain(take, stop);
            if (!_isLeft)
            {
                _isLeft = Libc.Stat(path) is { Error: 0 } now && now.Facts.Key != _file!.Facts.Key;
                return Task.CompletedTask;
            }

            Finish(take);
            _file!.Dispose();
            (_file, _isLeft) = (null, false);
        }
    }

    /// <inheritdoc/>
    public void Finish(Action<CallRecord> take)
    {
        _reader.Read(_held.AsSpan(0, _length), isEnd: true, take);
        _length = 0;
    }

    public ValueTask DisposeAsync()
    {
        _file?.Dispose();
        _file = null;
        return ValueTask.CompletedTask;
    }

    // To read what was rotated away takes minutes where it is much: the file that is rotated away meanwhile is this one, and is read last.
    private void Hold()
    {
        try
        {
            _ = _file is not null || Open();
        }
        catch (LogFileException)
        {
            // It is opened again behind that, and then it is told.
        }
    }

    // The oldest first; what was last written before the time has nothing of it.
    private void ReadPast(DateTimeOffset from, Action<CallRecord> take, CancellationToken stop)
    {
        var since = from.ToUnixTimeMilliseconds() * 1_000_000;
        foreach (var file in (RotatedFiles.List([path], IsHeld) ?? []).Where(file => file.Facts.ModifiedNs >= since))
        {
            // It may have another name by now.
            var now = Libc.Stat(file.Path) is { Error: 0 } here && here.Facts.Key == file.Facts.Key ? file.Path : RotatedFiles.List([path], IsHeld)?.Find(other => other.Facts.Key == file.Facts.Key)?.Path;
            try
            {
                var reader = CdrFiles.Read(now ?? file.Path, zone, take, stop, mapping);
                _problems.AddRange(CallSources.Mistakes(file.Path, reader.Unread, reader.FirstMistake));
            }
            catch (LogFileException problem)
            {
                // What stands before the damage was given, and so is what stands in the others.
                _problems.Add(problem.Message);
            }
        }
    }

    private bool IsHeld((ulong Device, ulong Inode, long BornNs) key) => _file?.Facts.Key == key;

    /// <returns>false: it is read whole, and nobody writes to it.</returns>
    private bool Open()
    {
        // Says why, where it can't.
        using (var file = LogFile.Open(path))
        {
            if (file.Format != LogFormat.Plain || file.Facts is not { IsRegular: true })
            {
                return false;
            }
        }

        var (opened, _, error) = LiveFile.Open(path);
        _file = opened ?? throw new LogFileException(LogFileProblem.Unreadable, $"{path}: can't be read (error {error})");
        _file.StartAt(0, 0);
        _reader.BeginFile();
        return true;
    }

    private void Drain(Action<CallRecord> take, CancellationToken stop)
    {
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            var (what, pooled, length) = _file!.ReadNext();
            switch (what)
            {
                case LiveRead.Nothing:
                    return;
                case LiveRead.Truncated:
                    // Of a record that was half there nobody has the rest.
                    _length = 0;
                    _file.StartAgain();
                    _reader.BeginFile();
                    break;
                case LiveRead.Failed:
                    throw new LogFileException(LogFileProblem.Unreadable, $"{path}: can't be read (error {_file.Error})");
                default:
                    Take(pooled.AsSpan(0, length), take);
                    ArrayPool<byte>.Shared.Return(pooled!);
                    break;
            }
        }
    }

    private void Take(ReadOnlySpan<byte> bytes, Action<CallRecord> take)
    {
        if (_length + bytes.Length > _held.Length)
        {
            Array.Resize(ref _held, Math.Max(_held.Length * 2, _length + bytes.Length));
        }

        bytes.CopyTo(_held.AsSpan(_length));
        _length += bytes.Length;
        var taken = _reader.Read(_held.AsSpan(0, _length), isEnd: false, take);
        _held.AsSpan(taken, _length - taken).CopyTo(_held);
        _length -= taken;
    }
}
