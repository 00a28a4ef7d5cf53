namespace Ringfence.Sources;

/// <summary>What the kernel could not keep for a source, and what to say of it. From any thread.</summary>
internal sealed class DropMeter(TimeProvider clock)
{
    private static readonly TimeSpan Recent = TimeSpan.FromMinutes(1);

    /// <summary>Drops that go on this long are no burst.</summary>
    private static readonly TimeSpan Persistent = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();

    // Whoever sets the machine's clock back must not make the last minute one of a day.
    private readonly SteadyClock _steady = new(clock);
    private long _total;
    private DateTimeOffset _first;
    private DateTimeOffset _last = DateTimeOffset.MinValue;

    /// <summary>Since start.</summary>
    public long Total => Interlocked.Read(ref _total);

    public void Add(long drops)
    {
        if (drops <= 0)
        {
            return;
        }

        lock (_lock)
        {
            var now = _steady.GetUtcNow();
            _first = now - _last > Recent ? now : _first;
            _last = now;
            _total += drops;
        }
    }

    /// <summary>What is odd, for people: a sender alone can cause it; null: nothing was dropped within the last minute, or it is a problem.</summary>
    public string? Note => IsRecent && !IsPersistent ? $"{Total} packets came faster than they could be read and were dropped since start, the last within a minute" : null;

    /// <summary>What is wrong, for people; null: nothing, or a burst.</summary>
    public string? Problem => IsRecent && IsPersistent
        ? $"more comes than can be read, for {(_steady.GetUtcNow() - _first).TotalMinutes:0} minutes: {Total} packets were dropped since start"
        : null;

    /// <summary>Something was dropped within the last minute.</summary>
    public bool IsRecent
    {
        get
        {
            lock (_lock)
            {
                return _steady.GetUtcNow() - _last <= Recent;
            }
        }
    }

    private bool IsPersistent
    {
        get
        {
            lock (_lock)
            {
                return _steady.GetUtcNow() - _first >= Persistent;
            }
        }
    }
}
