using System.Buffers;
using System.Text;

namespace Ringfence.Core.Calls;

/// <summary>Rows of a database's table of CDRs, read as a file of them is: one way to read, whatever holds them.</summary>
internal sealed class CdrRows
{
    private readonly ArrayBufferWriter<byte> _row = new();
    private readonly CdrCsvReader _reader;

    /// <param name="zone">Of their times.</param>
    /// <param name="columns">Of the rows: <see cref="CdrColumns.Of"/>.</param>
    public CdrRows(TimeZoneInfo zone, CdrColumns columns) => _reader = new CdrCsvReader(zone, columns);

    public CdrCsvReader Reader => _reader;

    /// <param name="cells">null: NULL.</param>
    public void Add(IReadOnlyList<string?> cells, Action<CallRecord> take)
    {
        _row.ResetWrittenCount();
        foreach (var cell in cells)
        {
            // A lone surrogate becomes U+FFFD; quotes are doubled as in a file.
            _row.Write("\""u8);
            Encoding.UTF8.GetBytes((cell ?? "").Replace("\"", "\"\"", StringComparison.Ordinal), _row);
            _row.Write("\","u8);
        }

        var row = _row.WrittenSpan[..^1];
        _reader.Read(row, isEnd: true, take);
    }
}
