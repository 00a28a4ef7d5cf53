using Ringfence.Core.Calls;
using Ringfence.Core.Configuration;

namespace Ringfence.Sources;

/// <summary>What a site's records tell of the time before now, whatever keeps them: [calls] cdr, or the file that Asterisk writes by itself.</summary>
internal static class CallHistory
{
    /// <summary>Where cdr_csv writes (asterisk.conf's astlogdir, cdr-csv/Master.csv).</summary>
    private const string Usual = "/var/log/asterisk/cdr-csv/Master.csv";

    /// <summary>Calls to outside and calls in, in the order in which they began.</summary>
    /// <param name="most">Records of any kind since <paramref name="from"/>.</param>
    /// <returns>What could not be read and why, a sentence each: what could be was given.</returns>
    /// <exception cref="TooManyCallsException">There are more.</exception>
    public static async Task<IReadOnlyList<string>> ReadAsync(
        CallSettings settings, TimeZoneInfo zone, DateTimeOffset from, CallReading reading, Action<PastEvent> take, CancellationToken stop, long most = long.MaxValue)
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
        var problems = await ReadRecordsAsync(settings, zone, from, call =>
        {
            if (call.Start * 1000 >= earliest && --left < 0)
            {
                throw new TooManyCallsException();
            }

            if (reading.Read(call) is { } seen)
            {
                order.Add(seen);
            }
        }, stop);
        order.Finish();
        return problems;
    }

    /// <summary>Records in the order in which their source gives them: of any kind, also from before <paramref name="from"/>.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public static async Task<IReadOnlyList<string>> ReadRecordsAsync(CallSettings settings, TimeZoneInfo zone, DateTimeOffset from, Action<CallRecord> take, CancellationToken stop)
    {
        List<string> problems = [];
        foreach (var place in Places(settings))
        {
            try
            {
                if (place.IsServer)
                {
                    await using var database = new CdrDatabase(place, settings, zone);
                    await database.ReadNewAsync(from, take, stop);
                    Tell(place.ToString(), database.Unread, database.FirstMistake);
                }
                else if (SqliteCdrs.Is(place.Path))
                {
                    var database = new SqliteCdrs(place.Path, settings.CdrTable, zone);
                    database.ReadNew(from, take, stop);
                    Tell(place.Path, database.Unread, database.FirstMistake);
                }
                else
                {
                    ReadFiles(place.Path);
                }
            }
            catch (Exception problem) when (problem is CdrDatabaseException or LogFileException)
            {
                problems.Add(problem.Message);
            }
        }

        return problems;

        void ReadFiles(string path)
        {
            // The oldest first; what was last written before the time has nothing of it.
            var since = from.ToUnixTimeMilliseconds() * 1_000_000;
            foreach (var file in (RotatedFiles.List([path]) ?? []).Where(file => file.Facts.ModifiedNs >= since).Select(static file => file.Path).Append(path))
            {
                var reader = CdrFiles.Read(file, zone, take, stop, settings.CdrMapping);
                Tell(file, reader.Unread, reader.FirstMistake);
            }
        }

        void Tell(string place, int unread, string? first)
        {
            if (first is not null)
            {
                problems.Add($"{place}: {unread} records could not be read, the first at {first}");
            }
        }
    }

    /// <summary>Where the records are: as the operator says, or the usual file where it is.</summary>
    public static IReadOnlyList<CdrPlace> Places(CallSettings settings) =>
        settings.Cdr.Count > 0 ? settings.Cdr : File.Exists(Usual) ? [new CdrPlace(CdrPlaceKind.File, Usual, "", 0, "")] : [];
}

/// <summary>There are more records of calls than are read.</summary>
internal sealed class TooManyCallsException : Exception;
