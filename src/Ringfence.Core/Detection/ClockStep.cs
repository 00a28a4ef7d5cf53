namespace Ringfence.Core.Detection;

/// <summary>The clock of the PBX was set back: what was remembered before is of another clock, by which it lies in the future.</summary>
/// <param name="ByTicks">At least so much.</param>
/// <param name="SinceTicks">The first event by the new clock.</param>
/// <param name="NowTicks">The newest.</param>
internal readonly record struct ClockStep(long ByTicks, long SinceTicks, long NowTicks)
{
    /// <summary>Lines of several threads are out of order by milliseconds; a clock that is put right by less hides nobody.</summary>
    public static readonly long Tolerance = TimeSpan.TicksPerMinute;

    /// <summary>Whether a time is by the clock of before.</summary>
    public bool IsOld(long ticks) => ticks < SinceTicks || ticks > NowTicks + Tolerance;

    /// <summary>When that was by the clock of now.</summary>
    public long Corrected(long ticks) => IsOld(ticks) ? ticks - ByTicks : ticks;
}
