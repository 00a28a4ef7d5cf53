namespace Ringfence.Core.Calls;

/// <summary>One record of a CSV file, which may go over several lines: where its fields are.</summary>
/// <remarks>RFC 4180, as Asterisk writes it: a caller's line ends stay inside of quotes (cdr_csv.c doubles quotes and nothing else).</remarks>
internal sealed class CsvRecord
{
    /// <summary>No CDR has as many: what goes on has lost a quote.</summary>
    public const int MaxFields = 64;

    /// <inheritdoc cref="MaxFields"/>
    public const int MaxBytes = 64 * 1024;

    private readonly (int Start, int Length, bool IsQuoted)[] _fields = new (int, int, bool)[MaxFields];

    /// <summary>What stands between fields: a comma, and in exports others too.</summary>
    public byte Separator { get; set; } = (byte)',';

    public int Count { get; private set; }

    /// <summary>How many lines it went over.</summary>
    public int Lines { get; private set; }

    /// <summary>Whether its quotes are as they should be; else it is one line, and its fields are not to be trusted.</summary>
    public bool IsWhole { get; private set; }

    /// <param name="data">Begins at a record.</param>
    /// <param name="isEnd">Nothing comes behind <paramref name="data"/>.</param>
    /// <returns>How many bytes the record takes, with its line end; 0: its end is not in <paramref name="data"/>.</returns>
    public int Read(ReadOnlySpan<byte> data, bool isEnd)
    {
        (Count, Lines, IsWhole) = (0, 1, true);
        var at = 0;
        while (true)
        {
            if (at < data.Length && data[at] == (byte)'"')
            {
                var start = at + 1;
                at = EndOfQuoted(data, start);
                if (at < 0 && !isEnd && data.Length <= MaxBytes)
                {
                    return 0;
                }

                if (at < 0 || at > MaxBytes)
                {
                    return Broken(data, isEnd: true);
                }

                Add(start, at - start, isQuoted: true);
                at++;
                if (at < data.Length && data[at] != Separator && data[at] is not ((byte)'\n' or (byte)'\r'))
                {
                    return Broken(data, isEnd);
                }
            }
            else
            {
                var length = data[at..].IndexOfAny(Separator, (byte)'\n');
                if (length < 0)
                {
                    if (!isEnd)
                    {
                        return data.Length > MaxBytes ? Broken(data, isEnd: true) : 0;
                    }

                    length = data.Length - at;
                }

                var end = at + length;
                Add(at, length > 0 && end < data.Length && data[end] == (byte)'\n' && data[end - 1] == (byte)'\r' ? length - 1 : length, isQuoted: false);
                at = end;
            }

            if (at < data.Length && data[at] == (byte)'\r')
            {
                at++;
            }

            if (at >= data.Length)
            {
                return isEnd ? at : 0;
            }

            if (data[at++] == (byte)'\n')
            {
                return at;
            }

            if (Count == MaxFields)
            {
                return Broken(data, isEnd);
            }
        }
    }

    /// <returns>A field as it stands, with quotes inside of it doubled; empty where there is none.</returns>
    public ReadOnlySpan<byte> Raw(ReadOnlySpan<byte> data, int field) => (uint)field < (uint)Count ? data.Slice(_fields[field].Start, _fields[field].Length) : default;

    /// <summary>A field as text.</summary>
    public string Text(ReadOnlySpan<byte> data, int field)
    {
        var raw = Raw(data, field);
        if (raw.IsEmpty)
        {
            return "";
        }

        var text = System.Text.Encoding.UTF8.GetString(raw);
        return _fields[field].IsQuoted && raw.Contains((byte)'"') ? text.Replace("\"\"", "\"", StringComparison.Ordinal) : text;
    }

    private void Add(int start, int length, bool isQuoted) => _fields[Count++] = (start, length, isQuoted);

    private int EndOfQuoted(ReadOnlySpan<byte> data, int at)
    {
        while (true)
        {
            var next = data[at..].IndexOfAny((byte)'"', (byte)'\n');
            if (next < 0)
            {
                return -1;
            }

            at += next;
            if (data[at] == (byte)'\n')
            {
                Lines++;
                if (++at > MaxBytes)
                {
                    return at;
                }
            }
            else if (at + 1 < data.Length && data[at + 1] == (byte)'"')
            {
                at += 2;
            }
            else
            {
                return at;
            }
        }
    }

    // One quote too many or too few: the line alone is given up, and the next one begins anew.
    private int Broken(ReadOnlySpan<byte> data, bool isEnd)
    {
        var line = data.IndexOf((byte)'\n');
        if (line < 0 && !isEnd)
        {
            return 0;
        }

        (Count, Lines, IsWhole) = (0, 1, false);
        return line < 0 ? data.Length : line + 1;
    }
}
