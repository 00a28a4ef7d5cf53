namespace Ringfence.Core.Geo;

/// <summary>One line of fields, quoted or not (RFC 4180; a quote inside of a quoted field stays doubled, for nothing that is asked for holds one).</summary>
internal readonly ref struct CsvLine(ReadOnlySpan<byte> line, byte separator)
{
    private readonly ReadOnlySpan<byte> _line = line;

    public int Count
    {
        get
        {
            var count = 0;
            for (var rest = _line; ; count++)
            {
                var end = EndOf(rest);
                if (end == rest.Length)
                {
                    return count + 1;
                }

                rest = rest[(end + 1)..];
            }
        }
    }

    /// <returns>A field without its quotes and the blanks around it; empty where there is none, and for -1.</returns>
    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            var rest = _line;
            for (var left = index; left > 0; left--)
            {
                var skipped = EndOf(rest);
                if (skipped == rest.Length)
                {
                    return default;
                }

                rest = rest[(skipped + 1)..];
            }

            if (index < 0)
            {
                return default;
            }

            var field = rest[..EndOf(rest)].Trim((byte)' ');
            return field.Length >= 2 && field[0] == '"' && field[^1] == '"' ? field[1..^1].Trim((byte)' ') : field;
        }
    }

    public int IndexOf(ReadOnlySpan<byte> name)
    {
        for (var index = Count - 1; index >= 0; index--)
        {
            if (this[index].SequenceEqual(name))
            {
                return index;
            }
        }

        return -1;
    }

    private int EndOf(ReadOnlySpan<byte> rest)
    {
        // A quote means something at the beginning of a field alone: names of companies have them too.
        var from = 0;
        var field = rest.TrimStart((byte)' ');
        if (!field.IsEmpty && field[0] == '"')
        {
            from = rest.Length - field.Length + 1;
            while (from < rest.Length && rest[from..].IndexOf((byte)'"') is >= 0 and var quote)
            {
                from += quote + 1;
                if (from == rest.Length || rest[from] != '"')
                {
                    break;
                }

                from++;
            }
        }

        var end = rest[from..].IndexOf(separator);
        return end < 0 ? rest.Length : from + end;
    }
}
