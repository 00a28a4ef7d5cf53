using System.Buffers;
using System.Threading.Channels;

namespace Ringfence.Sources;

/// <summary>Hands what was read of one log to the reader, and counts it. Used by the tail's thread; the counts by any.</summary>
internal sealed partial class TailOutlet(string path, ChannelWriter<SourceBatch> batches, TimeProvider time, ILogger logger, CancellationToken stop)
{
    private long _bytes;
    private long _lost;
    private long _unread;
    private long _rotations;
    private long _lastReadTicks;

    public long Bytes => Volatile.Read(ref _bytes);

    public long LostBytes => Volatile.Read(ref _lost);

    /// <summary>Of the file that is being read, behind the last batch, as of then.</summary>
    public long UnreadBytes => Volatile.Read(ref _unread);

    /// <summary>Times that another file took the path, or the file was truncated.</summary>
    public long Rotations => Volatile.Read(ref _rotations);

    public DateTimeOffset? LastRead => Volatile.Read(ref _lastReadTicks) is not 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    public void CountRotation() => Volatile.Write(ref _rotations, _rotations + 1);

    /// <summary>A file begins, without bytes yet: its position is kept before the first line comes, so that what is written from now on is not missed after a crash.</summary>
    public void Begin(LiveFile file)
    {
        file.IsBegun = true;
        Deliver(new RawBatch(path, file.Identity, file.Offset, null, 0) { StartsFile = true, StartsMidLine = file.StartsMidLine, Before = file.TakeBefore(), RecollectedBefore = file.RecollectedBefore });
    }

    /// <summary>There is no file yet: a restart must know that all of the one to come is new.</summary>
    public void BeginWithout() =>
        Deliver(new RawBatch(path, new LogIdentity(0, 0, 0), 0, null, 0) { StartsFile = true, EndOfFile = true });

    /// <summary>The last bytes that were read of a file.</summary>
    public void Add(LiveFile file, byte[] pooled, int length, bool isLate)
    {
        var starts = !file.IsBegun;
        file.IsBegun = true;
        if (!isLate)
        {
            Volatile.Write(ref _unread, file.UnreadBytes);
        }

        Deliver(new RawBatch(path, file.Identity, file.Offset - length, pooled, length)
        {
            IsFresh = file.TakeWasAtEnd() && !isLate,
            StartsFile = starts,
            StartsMidLine = starts && file.StartsMidLine,
            Before = starts ? file.TakeBefore() : default,
            RecollectedBefore = file.RecollectedBefore,
            IsLate = isLate,
        });
    }

    /// <summary>Reads a rotated file from <paramref name="offset"/> to its end.</summary>
    /// <param name="identity">Of the log that it holds the rest of; filled if it is a new one.</param>
    /// <returns>Bytes delivered.</returns>
    public long AddRest(string rotated, LogIdentity identity, long offset, bool starts)
    {
        var at = 0L;
        var pooled = ArrayPool<byte>.Shared.Rent(SourceBatch.MaxBytes);
        try
        {
            using var log = LogFile.Open(rotated);
            int length;
            while ((length = log.Read(pooled.AsSpan(0, (int)(at < offset ? Math.Min(offset - at, SourceBatch.MaxBytes) : SourceBatch.MaxBytes)))) > 0)
            {
                identity.See(at, pooled.AsSpan(0, length));
                if (at >= offset)
                {
                    var batch = new RawBatch(path, identity, at, pooled, length) { StartsFile = starts };
                    pooled = ArrayPool<byte>.Shared.Rent(SourceBatch.MaxBytes);
                    Deliver(batch);
                    starts = false;
                }

                at += length;
            }
        }
        catch (LogFileException error)
        {
            LogArchiveFailed(logger, path, error.Message);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(pooled);
        }

        return Math.Max(0, at - offset);
    }

    /// <summary>Reads an archive from <paramref name="offset"/> to its end, and ends it.</summary>
    public void AddArchive(string archive, LogIdentity identity, long offset)
    {
        var read = AddRest(archive, identity, offset, starts: true);
        CountRotation();
        End(identity, offset + read, isBegun: read > 0);
    }

    /// <summary>Nothing more comes of this file.</summary>
    /// <param name="isBegun">Something of it was delivered; a file of which the reader knows nothing needs no end, unless some of it was lost.</param>
    public void End(LogIdentity identity, long offset, bool isBegun, bool isLate = false, long lost = 0)
    {
        Volatile.Write(ref _lost, _lost + lost);
        if (isBegun || lost > 0)
        {
            Deliver(new RawBatch(path, identity, offset, null, 0) { EndOfFile = true, IsLate = isLate, Lost = lost });
        }
    }

    /// <exception cref="OperationCanceledException">Stopped while it waited.</exception>
    /// <exception cref="ChannelClosedException">Nobody reads any more.</exception>
    private void Deliver(RawBatch batch)
    {
        var length = batch.Bytes.Length;
        Volatile.Write(ref _bytes, _bytes + length);
        try
        {
            if (!batches.TryWrite(batch))
            {
                // Blocks this thread, which has nothing else to do: the kernel keeps the logs meanwhile.
                batches.WriteAsync(batch, stop).AsTask().GetAwaiter().GetResult();
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ChannelClosedException)
        {
            batch.Dispose();
            throw;
        }

        if (length > 0)
        {
            Volatile.Write(ref _lastReadTicks, time.GetUtcNow().Ticks);
        }
    }

    [LoggerMessage(2107, LogLevel.Warning, "{Log}: {Problem}; the rest of it is lost")]
    private static partial void LogArchiveFailed(ILogger logger, string log, string problem);
}
