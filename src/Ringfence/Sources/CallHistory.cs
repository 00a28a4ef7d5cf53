using Ringfence.Core.Calls;
using Ringfence.Core.Configuration;

namespace Ringfence.Sources;

/// <summary>What a site's records tell of the time before now, whatever keeps them: [calls] cdr, or the file that Asterisk writes by itself.</summary>
internal static class CallHistory
{
    /// <summary>Calls to outside and calls in, in the order in which they began.</summary>
    /// <param name="most">Records of any kind since <paramref name="from"/>.</param>
    /// <returns>What could not be read and why, a sentence each: what could be was given.</returns>
    /// <exception cref="TooManyCallsException">There are more.</exception>
    public static async Task<IReadOnlyList<string>> ReadAsync(
        CallSettings settings, TimeZoneInfo zone, DateTimeOffset from, CallReading reading, Action<PastEvent> take, CancellationToken stop, long most = long.MaxValue)
    {
        var sources = CallSources.Open(settings, zone, TimeProvider.System);
        try
        {
            return (await ReadAsync(sources, from, reading, take, isEnd: true, stop, most)).Problems;
        }
        finally
        {
            await CallSources.CloseAsync(sources);
        }
    }

    /// <inheritdoc cref="ReadAsync(CallSettings, TimeZoneInfo, DateTimeOffset, CallReading, Action{PastEvent}, CancellationToken, long)"/>
    /// <param name="isEnd">Nobody reads on there.</param>
    /// <returns>Those, and which of the sources could not be read now.</returns>
    public static async Task<(IReadOnlyList<string> Problems, IReadOnlyList<ICallSource> Failed)> ReadAsync(
        IReadOnlyList<ICallSource> sources, DateTimeOffset from, CallReading reading, Action<PastEvent> take, bool isEnd, CancellationToken stop, long most = long.MaxValue)
    {
        var left = most;
        var earliest = from.ToUnixTimeMilliseconds();
        var order = new CallOrder(
            (in one) =>
            {
                if (one.At >= earliest)
                {
                    take(one);
                }
            },
            static () => { });
        var result = await ReadRecordsAsync(sources, from, call =>
        {
            if (call.Start * 1000 >= earliest && --left < 0)
            {
                throw new TooManyCallsException();
            }

            if (reading.Read(call) is { } seen)
            {
                order.Add(seen);
            }
        }, isEnd, stop);
        order.Finish();
        return result;
    }

    /// <summary>Records in the order in which their source gives them: of any kind, also from before <paramref name="from"/>.</summary>
    /// <inheritdoc cref="ReadAsync(CallSettings, TimeZoneInfo, DateTimeOffset, CallReading, Action{PastEvent}, CancellationToken, long)"/>
    public static async Task<IReadOnlyList<string>> ReadRecordsAsync(CallSettings settings, TimeZoneInfo zone, DateTimeOffset from, Action<CallRecord> take, CancellationToken stop)
    {
        var sources = CallSources.Open(settings, zone, TimeProvider.System);
        try
        {
            return (await ReadRecordsAsync(sources, from, take, isEnd: true, stop)).Problems;
        }
        finally
        {
            await CallSources.CloseAsync(sources);
        }
    }

    private static async Task<(IReadOnlyList<string> Problems, IReadOnlyList<ICallSource> Failed)> ReadRecordsAsync(
        IReadOnlyList<ICallSource> sources, DateTimeOffset from, Action<CallRecord> take, bool isEnd, CancellationToken stop)
    {
        List<string> problems = [];
        List<ICallSource> failed = [];
        foreach (var source in sources)
        {
            try
            {
                await source.ReadNewAsync(from, take, stop);
                if (isEnd)
                {
                    source.Finish(take);
                }
            }
            catch (Exception problem) when (CallSources.IsTrouble(problem))
            {
                failed.Add(source);
                problems.Add(problem.Message);
            }

            problems.AddRange(source.Problems);
        }

        return (problems, failed);
    }
}

/// <summary>There are more records of calls than are read.</summary>
internal sealed class TooManyCallsException : Exception;
