using Ringfence.Core.Events;

namespace Ringfence.Core.Detection;

/// <summary>Notices in the logs' own times that the clock of the PBX was set back.</summary>
/// <remarks>
/// A PBX that starts without a battery runs days ahead until its first NTP answer; a wrong zone or hour is mended by hand. Whoever was judged by the
/// clock of before would not be looked at until that hour comes again, and live the kernel has let him go long before. Each log and channel is watched
/// by itself, because a notice has the line's local time and a security record its own; and three events in a row must say it. A log that is written
/// anew (its line numbers fall) was not set back.
/// </remarks>
internal sealed class ClockWatch
{
    private const int Believed = 3;
    private static readonly int Origins = Enum.GetValues<Origin>().Length;

    private Stream[] _streams = [];
    private ClockStep _last;
    private int _steps;

    /// <returns>null: nothing happened that was not told before.</returns>
    public ClockStep? See(in PbxEvent seen, ushort log)
    {
        var index = (log * Origins) + (int)seen.Origin;
        if (index >= _streams.Length)
        {
            Array.Resize(ref _streams, (log + 1) * Origins);
        }

        ref var stream = ref _streams[index];
        var isAnew = seen.Line < stream.Line;
        stream.Line = seen.Line;
        if (seen.TimeTicks >= stream.NewestTicks - ClockStep.Tolerance || isAnew)
        {
            // It has come past the last step without falling: it is by the new clock already.
            stream.Steps = isAnew || stream.NewestTicks <= _last.SinceTicks ? _steps : stream.Steps;
            stream.NewestTicks = isAnew ? seen.TimeTicks : Math.Max(stream.NewestTicks, seen.TimeTicks);
            stream.Fallen = 0;
            return null;
        }

        if (stream.Fallen++ == 0)
        {
            stream.FellToTicks = seen.TimeTicks;
        }

        return stream.Fallen < Believed ? null : Step(ref stream, seen.TimeTicks);
    }

    private ClockStep? Step(ref Stream stream, long now)
    {
        var by = stream.NewestTicks - stream.FellToTicks;

        // Another log has told of this one, and perhaps not of all of it: between its last event of before and its first one it was silent for a while.
        var told = stream.Steps < _steps ? _last.ByTicks : 0;
        var step = new ClockStep(by - told, stream.FellToTicks, now);
        stream.NewestTicks = now;
        stream.Fallen = 0;
        if (told == 0)
        {
            _steps++;
        }

        stream.Steps = _steps;
        if (step.ByTicks <= ClockStep.Tolerance)
        {
            return null;
        }

        _last = step with { ByTicks = by };
        return step;
    }

    /// <param name="Steps">How many steps of the clock this stream has behind it.</param>
    /// <param name="Fallen">So many events in a row lay far before the newest.</param>
    private record struct Stream(long Line, long NewestTicks, int Steps, int Fallen, long FellToTicks);
}
