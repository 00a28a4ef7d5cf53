using System.Globalization;
using Ringfence.Api;
using Ringfence.Core;
using Ringfence.Core.Calls;
using Ringfence.Core.Configuration;
using Ringfence.Sources;

namespace Ringfence.Calls;

/// <summary>Follows the site's records while they are written, and tells the desk of each: where nobody told it of a call while it went on, that is the first it hears.</summary>
/// <param name="sources">As far as they were read; where there are none yet they are looked for again. Closed at the end.</param>
internal sealed partial class CallFollower(IReadOnlyList<ICallSource> sources, CallSettings settings, TimeZoneInfo zone, CallReading reading, CallDesk desk, TimeProvider clock, ILogger log)
{
    public static readonly RetryDelay Retry = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(2));

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    // As late as a record may be written (CdrDatabase), and as far ahead as the clock of a PBX that is another machine mostly is: in seconds.
    private const long Late = 15 * 60;
    private const long Fast = 60;

    // Of a place that could not be read before: calls that began so long ago may have ended since the guard began.
    private readonly DateTimeOffset _from = clock.GetUtcNow() - CdrDatabase.Overlap;

    private List<Place> _places = [.. sources.Select(static source => new Place(source))];

    /// <summary>Until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await ReadAsync(stop);
                await Task.Delay(LookEvery, clock, stop);
            }
        }
        finally
        {
            await CallSources.CloseAsync(_places.Select(static place => place.Source));
        }
    }

    /// <summary>Reads whatever is due.</summary>
    public async Task ReadAsync(CancellationToken stop)
    {
        if (_places.Count == 0)
        {
            _places = [.. CallSources.Open(settings, zone, clock).Select(static source => new Place(source))];
        }

        foreach (var place in _places.Where(place => clock.GetElapsedTime(place.LookedAt) >= place.Wait).ToList())
        {
            List<PastEvent> read = [];
            try
            {
                await place.Source.ReadNewAsync(_from, call =>
                {
                    if (reading.Read(Placed(call)) is { } one)
                    {
                        read.Add(one);
                    }
                }, stop);
                if (place.Problem is not null)
                {
                    LogBack(log, place.Source.Name);
                    if (desk.Sight.MemoryProblem == place.Problem)
                    {
                        // In a file that was not there stood nothing.
                        desk.Sight.MemoryProblem = place.IsMissing ? null : $"{place.Source.Name} could not be read when the guard began: what it tells of the time before is not known until a restart";
                    }
                }

                (place.Problem, place.Failures, place.ReadAt) = (null, 0, clock.GetUtcNow());
                place.Wait = place.Source.Every;
            }
            catch (Exception problem) when (CallSources.IsTrouble(problem))
            {
                if (place.Problem != problem.Message)
                {
                    LogProblem(log, problem.Message);
                }

                (place.Problem, place.IsMissing) = (problem.Message, problem is LogFileException { Problem: LogFileProblem.Missing });

                // A file begins with the first call, and may be rotated away before a wait is over: to look for it costs nothing.
                place.Wait = place.IsMissing ? place.Source.Every : Retry.After(++place.Failures);
            }
            finally
            {
                // What was given before it failed is not given again.
                place.LookedAt = clock.GetTimestamp();
                place.Calls += desk.Tell(read);
                place.Ahead = read.Count == 0 ? place.Ahead : Ahead(read[^1]);
            }
        }

        desk.Sight.Records = [.. _places.Select(static place => new CallRecordsStatus(place.Source.Name, place.ReadAt, place.Calls, place.Source.Unread, place.Source.FirstMistake, place.Problem ?? place.Ahead))];
    }

    // In autumn an hour comes twice, and no file says which of the two it means: read is the first (WallClock). What is written now, and can have ended by now, was in the second.
    private CallRecord Placed(in CallRecord call)
    {
        var begin = TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeSeconds(call.Start), zone);
        if (!zone.IsAmbiguousTime(begin.DateTime))
        {
            return call;
        }

        var offsets = zone.GetAmbiguousTimeOffsets(begin.DateTime);
        var again = (long)(begin.Offset - offsets.Min()).TotalSeconds;
        var ago = clock.GetUtcNow().ToUnixTimeSeconds() - call.End;
        return ago >= again - Fast && ago < again + Late ? call with { Start = call.Start + again } : call;
    }

    // Such a record counts for nothing: nobody knows when its call was.
    private string? Ahead(PastEvent last)
    {
        var written = DateTimeOffset.FromUnixTimeMilliseconds(last.Written);
        return (written - clock.GetUtcNow()).TotalMilliseconds <= CallsHeard.MostAhead ? null
            : string.Create(CultureInfo.InvariantCulture, $"its last record is of a time to come, {written.UtcDateTime:yyyy-MM-dd HH:mm} UTC: such calls count for nothing; the PBX's clock or time zone is another than this machine's");
    }

    [LoggerMessage(2949, LogLevel.Error, "Records of calls: {Problem}")]
    private static partial void LogProblem(ILogger log, string problem);

    [LoggerMessage(2950, LogLevel.Information, "Records of calls: {Place} is read again")]
    private static partial void LogBack(ILogger log, string place);

    private sealed class Place(ICallSource source)
    {
        public ICallSource Source => source;

        public long LookedAt { get; set; }

        /// <summary>From then to the next look; by the time that passes, not by a clock that is set.</summary>
        public TimeSpan Wait { get; set; }

        public DateTimeOffset? ReadAt { get; set; }

        public int Failures { get; set; }

        public string? Problem { get; set; }

        /// <summary>What is wrong with the time of its records.</summary>
        public string? Ahead { get; set; }

        /// <summary>There is no such file.</summary>
        public bool IsMissing { get; set; }

        /// <summary>Of which nobody else told.</summary>
        public long Calls { get; set; }
    }
}
