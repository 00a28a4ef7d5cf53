namespace Ringfence.Core.Calls;

/// <summary>Which column of a file of CDRs holds what; -1: none does.</summary>
internal sealed record CdrColumns(
    int AccountCode, int Caller, int Dialled, int Context, int Channel, int TargetChannel, int Application, int Data, int Start, int Answer, int End, int Duration, int Billed, int Disposition, int Id)
{
    /// <summary>How many columns a record has at least.</summary>
    public int Least { get; init; }

    /// <summary>The number that was called from outside: FreePBX has it.</summary>
    public int Did { get; init; } = -1;

    /// <summary>cdr_csv's own (cdr/cdr_csv.c): 16 columns, and up to two more with loguniqueid and loguserfield, newcdrcolumns two more behind them.</summary>
    public static readonly CdrColumns Csv = new(0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16) { Least = 16 };

    /// <summary>Names that are looked for.</summary>
    public static readonly IReadOnlyList<string> Known =
        ["accountcode", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "lastdata", "start", "calldate", "duration", "billsec", "disposition", "uniqueid", "sequence", "did"];

    /// <summary>By names: the columns of FreePBX's table cdr, of other databases, or a line of headings.</summary>
    /// <returns>null: what a call's cost needs is missing.</returns>
    public static CdrColumns? Of(IReadOnlyList<string> names)
    {
        var columns = new CdrColumns(
            At("accountcode"), At("src"), At("dst"), At("dcontext"), At("channel"), At("dstchannel"), At("lastapp"), At("lastdata"),
            At("start", "calldate"), At("answer"), At("end"), At("duration"), At("billsec"), At("disposition"), At("uniqueid"))
        { Least = names.Count, Did = At("did") };
        return columns is { Start: >= 0, Billed: >= 0 } && (columns.Dialled >= 0 || columns is { Application: >= 0, Data: >= 0 }) && (columns.Channel >= 0 || columns.Caller >= 0) ? columns : null;

        int At(params string[] any) => Enumerable.Range(0, names.Count).FirstOrDefault(at => any.Contains(names[at].Trim().Trim('"'), StringComparer.OrdinalIgnoreCase), -1);
    }

    /// <summary>A mapping of cdr_custom.conf: "${CSV_QUOTE(${CDR(clid)})},${CDR(src)},...".</summary>
    /// <inheritdoc cref="Of"/>
    public static CdrColumns? OfMapping(string mapping)
    {
        return Of(Split(mapping).ConvertAll(static column =>
        {
            var name = column.IndexOf("CDR(", StringComparison.OrdinalIgnoreCase) is >= 0 and var open ? column[(open + 4)..] : "";
            return name[..(name.IndexOfAny([',', ')']) is >= 0 and var close ? close : name.Length)];
        }));
    }

    /// <summary>The columns of a mapping: a comma outside of any bracket ends one.</summary>
    public static List<string> Split(string mapping)
    {
        var (columns, depth, begin) = (new List<string>(), 0, 0);
        for (var at = 0; at <= mapping.Length; at++)
        {
            depth += at == mapping.Length ? 0 : mapping[at] switch { '(' or '{' => 1, ')' or '}' => -1, _ => 0 };
            if (at == mapping.Length || (mapping[at] == ',' && depth == 0))
            {
                columns.Add(mapping[begin..at]);
                begin = at + 1;
            }
        }

        return columns;
    }
}
