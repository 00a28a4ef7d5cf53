namespace Ringfence;

/// <summary>The machine's time as it was when this was made, and from then on by the clock that nobody sets: what lasts an hour by it lasts an hour.</summary>
/// <remarks>
/// The kernel ends its elements by such a clock too, and does not count while the machine sleeps either. A machine without a battery starts in 1970
/// and is set right by NTP minutes later; slewing moves both clocks alike (clock_gettime(2), CLOCK_MONOTONIC).
/// </remarks>
internal sealed class SteadyClock : TimeProvider
{
    // Two readings are never made in one moment, and a leap second is no step.
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _machine;
    private readonly DateTimeOffset _start;
    private readonly long _stamp;

    public SteadyClock(TimeProvider machine)
    {
        _machine = machine;
        _start = machine.GetUtcNow();
        _stamp = machine.GetTimestamp();
    }

    /// <summary>How far the machine's clock was set forward since this was made, all in all; negative: back.</summary>
    public TimeSpan Ahead => _machine.GetUtcNow() - GetUtcNow() is var ahead && ahead.Duration() < Least ? TimeSpan.Zero : ahead;

    public override long TimestampFrequency => _machine.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _start + _machine.GetElapsedTime(_stamp);

    public override long GetTimestamp() => _machine.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _machine.CreateTimer(callback, state, dueTime, period);

    /// <summary>A time by the machine's clock as it is set now, by this one.</summary>
    public DateTimeOffset? Of(DateTimeOffset? time) => Moved(time, -Ahead);

    /// <summary>Whether two values of <see cref="Ahead"/> are more than their readings apart.</summary>
    public static bool IsStep(TimeSpan one, TimeSpan other) => (one - other).Duration() >= Least;

    /// <summary>A time that much later; the first or the last that there is where it would be beyond.</summary>
    public static DateTimeOffset? Moved(DateTimeOffset? time, TimeSpan by) => time is { } from
        ? new DateTimeOffset(Math.Clamp(from.UtcTicks + by.Ticks, DateTimeOffset.MinValue.UtcTicks, DateTimeOffset.MaxValue.UtcTicks), TimeSpan.Zero)
        : null;
}
