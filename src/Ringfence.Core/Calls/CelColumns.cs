namespace Ringfence.Core.Calls;

/// <summary>Which column of a file of CEL (channel event logging) holds what; -1: none does.</summary>
internal sealed record CelColumns(int Event, int Time, int Caller, int Extension, int Context, int Channel, int Application, int Data, int AccountCode, int Id, int Peer, int Least)
{
    /// <summary>As Asterisk's own cel_custom.conf maps Master.csv, 20 columns.</summary>
    public static readonly CelColumns Usual = new(0, 1, 3, 7, 8, 9, 10, 11, 13, 14, 16, 17);

    /// <summary>A mapping of cel_custom.conf: "${CSV_QUOTE(${eventtype})},${CSV_QUOTE(${eventtime})},...".</summary>
    /// <returns>null: what a call needs is missing.</returns>
    public static CelColumns? OfMapping(string mapping)
    {
        var names = CdrColumns.Split(mapping).ConvertAll(Name);
        var columns = new CelColumns(
            names.IndexOf("eventtype"), names.IndexOf("eventtime"), names.IndexOf("num"), names.IndexOf("exten"), names.IndexOf("context"), names.IndexOf("channame"),
            names.IndexOf("appname"), names.IndexOf("appdata"), names.IndexOf("accountcode"), names.IndexOf("uniqueid"), names.FindIndex(static name => name is "peer" or "bridgepeer"), names.Count);
        return columns is { Event: >= 0, Time: >= 0, Channel: >= 0, Application: >= 0, Data: >= 0, Id: >= 0 } ? columns : null;
    }

    // The innermost name: "${CSV_QUOTE(${CHANNEL(exten)})}" is exten.
    private static string Name(string column)
    {
        var begin = column.LastIndexOfAny(['(', '{']) + 1;
        var end = column.AsSpan(begin).IndexOfAny(')', '}');
        return (end < 0 ? column[begin..] : column[begin..(begin + end)]).Trim().ToLowerInvariant();
    }
}
