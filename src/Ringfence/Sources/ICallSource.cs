using Ringfence.Core.Calls;
using Ringfence.Core.Configuration;

namespace Ringfence.Sources;

/// <summary>A place where the PBX keeps the records of its calls, and how far it was read.</summary>
internal interface ICallSource : IAsyncDisposable
{
    /// <summary>As people name it: a path, or a URL without a password.</summary>
    string Name { get; }

    /// <summary>How often it is worth a look.</summary>
    TimeSpan Every { get; }

    /// <summary>Records that could not be read.</summary>
    int Unread { get; }

    /// <summary>The first of them: where it is, what was found, and what was expected.</summary>
    string? FirstMistake { get; }

    /// <summary>What of all that could not be read and why, a sentence each.</summary>
    IReadOnlyList<string> Problems { get; }

    /// <summary>Gives what was not given before; the first time all that there is.</summary>
    /// <param name="from">Calls that began then or later; files give earlier ones too.</param>
    /// <exception cref="CdrDatabaseException">It can't be asked.</exception>
    /// <exception cref="LogFileException">It can't be read. In both cases what was given stays given, and the next time it goes on there.</exception>
    Task ReadNewAsync(DateTimeOffset from, Action<CallRecord> take, CancellationToken stop);

    /// <summary>Nothing comes any more: what has no end yet ends here.</summary>
    void Finish(Action<CallRecord> take);
}

/// <summary>The places that [calls] cdr names.</summary>
internal static class CallSources
{
    /// <summary>Where cdr_csv writes (asterisk.conf's astlogdir, cdr-csv/Master.csv).</summary>
    private const string Usual = "/var/log/asterisk/cdr-csv/Master.csv";

    public static IReadOnlyList<ICallSource> Open(CallSettings settings, TimeZoneInfo zone, TimeProvider clock) =>
        [.. Places(settings).Select(ICallSource (place) => place.IsServer ? new CdrDatabase(place, settings, zone, clock) : SqliteCdrs.Is(place.Path) ? new SqliteCdrs(place.Path, settings.CdrTable, zone) : new CdrTail(place.Path, zone, settings.CdrMapping))];

    /// <summary>Where the records are: as the operator says, or the usual file where it is.</summary>
    public static IReadOnlyList<CdrPlace> Places(CallSettings settings) =>
        settings.Cdr.Count > 0 ? settings.Cdr : File.Exists(Usual) ? [new CdrPlace(CdrPlaceKind.File, Usual, "", 0, "")] : [];

    public static async Task CloseAsync(IEnumerable<ICallSource> sources)
    {
        foreach (var source in sources)
        {
            await source.DisposeAsync();
        }
    }

    public static string[] Mistakes(string place, int unread, string? first) => first is null ? [] : [$"{place}: {unread} records could not be read, the first at {first}"];

    /// <summary>That a source could not be read, told as a sentence; anything else is a mistake of ours.</summary>
    public static bool IsTrouble(Exception problem) => problem is CdrDatabaseException or LogFileException;
}
