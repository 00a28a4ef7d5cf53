namespace Ringfence.Core.Calls;

/// <summary>Reads calls from a CSV file record by record, as it comes; what can't be read is counted, and the records behind it are.</summary>
/// <remarks>Not for several threads at once.</remarks>
internal abstract class CallCsvReader
{
    /// <summary>20 years: what lasts longer is a clock that jumped.</summary>
    protected const int MaxSeconds = 20 * 366 * 86_400;

    private int _line;

    /// <summary>Records that were read.</summary>
    public int Records { get; protected set; }

    /// <summary>Records that could not be read.</summary>
    public int Unread { get; private set; }

    /// <summary>Where the first of them is, what was found, and what was expected.</summary>
    public string? FirstMistake { get; private set; }

    /// <inheritdoc cref="CsvRecord.Separator"/>
    public byte Separator
    {
        set => Record.Separator = value;
    }

    /// <summary>The one that is being read.</summary>
    protected CsvRecord Record { get; } = new();

    /// <param name="data">Of the file, behind what was taken so far.</param>
    /// <param name="isEnd">The file ends behind it.</param>
    /// <returns>How many bytes were taken: the rest is the beginning of a record.</returns>
    public int Read(ReadOnlySpan<byte> data, bool isEnd, Action<CallRecord> take)
    {
        // Programs of an office put a byte order mark before an export.
        var taken = _line == 0 && data.StartsWith("\uFEFF"u8) ? 3 : 0;
        if (_line == 0 && (data.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe]) || data.StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff])))
        {
            Mistake(1, "it is UTF-16: expected UTF-8, as `iconv -f utf-16 -t utf-8` makes of it");
            taken = 2;
        }

        while (taken < data.Length)
        {
            var rest = data[taken..];
            var length = Record.Read(rest, isEnd);
            if (length == 0)
            {
                break;
            }

            var line = _line + 1;
            _line += Record.Lines;
            taken += length;
            if (!Record.IsWhole)
            {
                Mistake(line, "a quote that nobody closes, or text behind one");
            }
            else if (Record.Count > 1 || !Record.Raw(rest, 0).IsEmpty)
            {
                One(rest, line, take);
            }
        }

        return taken;
    }

    /// <summary>What comes is another file of the same kind: its lines are counted anew, channels go on in it.</summary>
    public void BeginFile() => _line = 0;

    /// <param name="data">Begins with <see cref="Record"/>.</param>
    /// <param name="line">The record's first.</param>
    protected abstract void One(ReadOnlySpan<byte> data, int line, Action<CallRecord> take);

    protected void Mistake(int line, string found)
    {
        Unread++;
        FirstMistake ??= $"line {line}: {found}";
    }
}
