using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Ringfence.Core.Parsing;

namespace Ringfence.Sources;

/// <summary>What a look at an open file gave.</summary>
internal enum LiveRead
{
    /// <summary>Nothing new.</summary>
    Nothing,
    Bytes,

    /// <summary>The file is shorter than what was read of it, or begins differently: it was truncated.</summary>
    Truncated,

    /// <summary>The system refused; <see cref="LiveFile.Error"/> says why.</summary>
    Failed,
}

/// <summary>A plain file that somebody still writes to, and how far it was read.</summary>
internal sealed class LiveFile : IDisposable
{
    // How far back the beginning of a half-written line is looked for when reading starts at the end.
    private const int LongestLineBytes = 1024 * 1024;

    // Some 10,000 records: who was in the middle of his tries when the guard stopped is among them, also under a flood.
    private const int RecollectedBytes = 4 * 1024 * 1024;

    // Up to this size the lines before the start are counted (8 GB/s from the cache), so that evidence names the true line.
    private const long CountLinesUpToBytes = 64 * 1024 * 1024;

    private readonly SafeFileHandle _file;
    private long _modifiedNs;
    private bool _wasAtEnd;
    private ReadOnlyMemory<byte> _before;

    private LiveFile(SafeFileHandle file, FileFacts facts)
    {
        _file = file;
        Facts = facts;
        _modifiedNs = facts.ModifiedNs;
        Identity = new LogIdentity(facts.Device, facts.Inode, 0);
    }

    /// <summary>As of the last look.</summary>
    public FileFacts Facts { get; private set; }

    public LogIdentity Identity { get; private set; }

    /// <summary>Everything before was delivered.</summary>
    public long Offset { get; private set; }

    /// <summary>A batch of <see cref="Identity"/> was delivered.</summary>
    public bool IsBegun { get; set; }

    /// <summary>See <see cref="RawBatch.StartsMidLine"/>.</summary>
    public bool StartsMidLine { get; private set; }

    /// <summary>The inotify watch on its data; negative: none.</summary>
    public int Watch { get; private set; } = -1;

    /// <summary>The kernel tells of every write: the file is watched, and nobody else's kernel writes to it.</summary>
    public bool IsTold { get; private set; }

    /// <summary>When bytes were last found (or the file was retired): a timestamp of the tail's TimeProvider.</summary>
    public long QuietSince { get; set; }

    /// <summary>The errno of <see cref="LiveRead.Failed"/>.</summary>
    public int Error { get; private set; }

    public SafeFileHandle Handle => _file;

    public long UnreadBytes => Math.Max(0, Facts.SizeBytes - Offset);

    public static (LiveFile? File, FileFacts Facts, int Error) Open(string path)
    {
        // Looked at before it is opened: opening a device can do something.
        var before = Libc.Stat(path);
        if (before.Error != 0 || !before.Facts.IsRegular)
        {
            return (null, before.Facts, before.Error);
        }

        var opened = Libc.OpenToRead(path);
        if (opened.File is null)
        {
            return (null, before.Facts, opened.Error);
        }

        var facts = Libc.Stat(opened.File);
        if (facts.Error == 0 && facts.Facts.IsRegular)
        {
            return (new LiveFile(opened.File, facts.Facts), facts.Facts, 0);
        }

        opened.File.Dispose();
        return (null, facts.Facts, facts.Error);
    }

    public void WatchBy(Inotify inotify)
    {
        Watch = inotify.WatchData(_file);
        IsTold = Watch >= 0 && Libc.IsOnLocalFileSystem(_file);
    }

    /// <summary>Whether the position was taken in this file, and all that it covers is still there.</summary>
    public bool IsMeantBy(ReadPosition position)
    {
        var head = new byte[(int)Math.Min(LogIdentity.HeadBytes, position.Offset)];
        return Facts.SizeBytes >= position.Offset
            && Libc.ReadAt(_file, head, 0) == head.Length
            && LogIdentity.Checksum(head) == position.Head
            && (head.Length >= LogIdentity.DistinctBytes || (position.Device == Facts.Device && position.Inode == Facts.Inode));
    }

    /// <param name="isResumed">An earlier run read up to there.</param>
    public void StartAt(long offset, long linesBefore, bool isResumed = false)
    {
        // A position in the middle of a line was kept by a reader that had given the line up: its rest must not pass for a line.
        Span<byte> before = stackalloc byte[1];
        StartsMidLine = offset > 0 && (Libc.ReadAt(_file, before, offset - 1) != 1 || before[0] != '\n');
        Identity = new LogIdentity(Facts.Device, Facts.Inode, linesBefore);
        var head = new byte[(int)Math.Min(LogIdentity.HeadBytes, offset)];
        Identity.See(0, head.AsSpan(0, Math.Max(0, Libc.ReadAt(_file, head, 0))));
        Offset = offset;
        _before = StartsMidLine ? default : LinesBefore(offset, LogParser.LongestMemory + (isResumed ? RecollectedBytes : 0));
        RecollectedBefore = !isResumed ? 0 : _before.Length == offset ? _before.Length : Math.Max(0, _before.Length - LogParser.LongestMemory);
    }

    private ReadOnlyMemory<byte> LinesBefore(long offset, int most)
    {
        var bytes = new byte[Math.Min(offset, most)];
        if (Libc.ReadAt(_file, bytes, offset - bytes.Length) != bytes.Length)
        {
            return default;
        }

        return offset == bytes.Length ? bytes : bytes.AsMemory(bytes.AsSpan().IndexOf((byte)'\n') + 1);
    }

    /// <summary>Whether the look before the last read found nothing new: then what was read came between two looks.</summary>
    public bool TakeWasAtEnd()
    {
        var was = _wasAtEnd;
        _wasAtEnd = false;
        return was;
    }

    /// <summary>So many bytes at the end of what <see cref="TakeBefore"/> gives were read by an earlier run, and can be understood as they were then.</summary>
    public int RecollectedBefore { get; private set; }

    /// <summary>The whole lines before the place where reading began; the second time: nothing.</summary>
    public ReadOnlyMemory<byte> TakeBefore()
    {
        var before = _before;
        _before = default;
        return before;
    }

    /// <summary>Starts behind the last line end before <paramref name="end"/>: what is old stays unread, a line that is half written is read whole.</summary>
    public void StartAtEnd(long end)
    {
        var block = ArrayPool<byte>.Shared.Rent(64 * 1024);
        var start = -1L;
        var at = end;
        while (start < 0 && at > 0 && end - at < LongestLineBytes)
        {
            var length = (int)Math.Min(at, block.Length);
            at -= length;
            var read = Libc.ReadAt(_file, block.AsSpan(0, length), at);
            var lineEnd = read == length ? block.AsSpan(0, length).LastIndexOf((byte)'\n') : -1;
            start = lineEnd < 0 ? start : at + lineEnd + 1;
        }

        start = start >= 0 ? start : at == 0 ? 0 : end;

        var lines = 0L;
        for (at = 0; start <= CountLinesUpToBytes && at < start;)
        {
            var read = Libc.ReadAt(_file, block.AsSpan(0, (int)Math.Min(start - at, block.Length)), at);
            if (read <= 0)
            {
                break;
            }

            lines += block.AsSpan(0, read).Count((byte)'\n');
            at += read;
        }

        ArrayPool<byte>.Shared.Return(block);
        StartAt(start, lines);
    }

    /// <summary>Looks at the size and reads what is new, up to one batch.</summary>
    public (LiveRead What, byte[]? Pooled, int Length) ReadNext()
    {
        var looked = Libc.Stat(_file);
        if (looked.Error != 0)
        {
            Error = looked.Error;
            return (LiveRead.Failed, null, 0);
        }

        if (looked.Facts.SizeBytes < Offset)
        {
            return (LiveRead.Truncated, null, 0);
        }

        if (looked.Facts.SizeBytes == Offset)
        {
            // Truncated and filled again to the very size: only then is it worth a look.
            var changed = looked.Facts.ModifiedNs != _modifiedNs;
            _modifiedNs = looked.Facts.ModifiedNs;
            _wasAtEnd = true;
            Facts = looked.Facts;
            return (changed && !IsHeadThere() ? LiveRead.Truncated : LiveRead.Nothing, null, 0);
        }

        var wanted = (int)Math.Min(looked.Facts.SizeBytes - Offset, SourceBatch.MaxBytes);
        var pooled = ArrayPool<byte>.Shared.Rent(wanted);
        var read = Libc.ReadAt(_file, pooled.AsSpan(0, wanted), Offset);

        // After the read and not before: what was read before a truncation is good, what was read after it is not.
        if (read > 0 && IsHeadThere())
        {
            Facts = looked.Facts;
            _modifiedNs = looked.Facts.ModifiedNs;
            Identity.See(Offset, pooled.AsSpan(0, read));
            Offset += read;
            return (LiveRead.Bytes, pooled, read);
        }

        ArrayPool<byte>.Shared.Return(pooled);
        if (read < 0)
        {
            Error = -read;
            return (LiveRead.Failed, null, 0);
        }

        return (LiveRead.Truncated, null, 0);
    }

    /// <summary>After a truncation: the same inode, a new log in it.</summary>
    public void StartAgain()
    {
        Facts = Facts with { SizeBytes = 0 };
        Identity = new LogIdentity(Facts.Device, Facts.Inode, 0);
        Offset = 0;
        IsBegun = false;
        _wasAtEnd = false;
        StartsMidLine = false;
        _before = default;
    }

    public void Dispose() => _file.Dispose();

    private bool IsHeadThere()
    {
        Span<byte> now = stackalloc byte[LogIdentity.HeadBytes];
        now = now[..Identity.HeadLength];
        return Libc.ReadAt(_file, now, 0) == now.Length && now.SequenceEqual(Identity.Head);
    }
}
