namespace Ringfence.Core.Calls;

/// <summary>A file of calls, whatever wrote it: CDRs (cdr_csv, cdr_custom, an export with headings), or channel events (cel_custom), of which the first bytes tell.</summary>
/// <param name="zone">Of its times.</param>
/// <param name="mapping">Of cdr_custom.conf or cel_custom.conf; null: as Asterisk's own files have it, or by headings.</param>
internal sealed class CallFileReader(TimeZoneInfo zone, string? mapping = null)
{
    private CallCsvReader? _reader;

    /// <summary>Records that were read.</summary>
    public int Records => _reader?.Records ?? 0;

    /// <summary>Records that could not be read.</summary>
    public int Unread => _reader?.Unread ?? 0;

    /// <inheritdoc cref="CallCsvReader.FirstMistake"/>
    public string? FirstMistake => _reader?.FirstMistake;

    /// <summary>Whether a mapping is one that can be read by.</summary>
    public static bool IsMapping(string mapping) => CdrColumns.OfMapping(mapping) is not null || CelColumns.OfMapping(mapping) is not null;

    /// <inheritdoc cref="CallCsvReader.BeginFile"/>
    public void BeginFile() => _reader?.BeginFile();

    /// <inheritdoc cref="CallCsvReader.Read"/>
    public int Read(ReadOnlySpan<byte> data, bool isEnd, Action<CallRecord> take)
    {
        if (_reader is null)
        {
            // Its first line says what it is.
            if (!isEnd && data.Length < CsvRecord.MaxBytes && !data.Contains((byte)'\n'))
            {
                return 0;
            }

            // A mapping of events may begin with any column; beside one of CDRs there may be events as Asterisk's own mapping has them.
            var (cdr, cel) = mapping is null ? default : (CdrColumns.OfMapping(mapping), CelColumns.OfMapping(mapping));
            _reader = (cdr is null && cel is not null) || IsCel(data) ? new CelReader(zone, cel) : new CdrCsvReader(zone, cdr);
            _reader.Separator = mapping is null ? Separator(data) : (byte)',';
        }

        return _reader.Read(data, isEnd, take);
    }

    // Where decimals have a comma exports have semicolons, and those of a database's client tabs: by headings alone, which no caller can write.
    private static byte Separator(ReadOnlySpan<byte> data)
    {
        var line = data[..Math.Min(data.IndexOf((byte)'\n') is >= 0 and var end ? end : data.Length, CsvRecord.MaxBytes)];
        if (!line.Contains((byte)','))
        {
            var headings = System.Text.Encoding.UTF8.GetString(line).TrimStart('\uFEFF');
            foreach (var separator in (ReadOnlySpan<char>)[';', '\t'])
            {
                if (CdrColumns.Of(headings.Split(separator)) is not null)
                {
                    return (byte)separator;
                }
            }
        }

        return (byte)',';
    }

    // cel.conf: the names of events, which stand first in Asterisk's own mapping. A mapping of CDRs may begin with the disposition, "ANSWERED".
    private static bool IsCel(ReadOnlySpan<byte> data)
    {
        var text = data.StartsWith("\""u8) ? data[1..] : data;
        return text.StartsWith("CHAN_"u8) || IsWord(text, "ANSWER"u8) || IsWord(text, "HANGUP"u8) || text.StartsWith("BRIDGE_"u8) || text.StartsWith("APP_"u8) || text.StartsWith("LINKEDID_END"u8) || text.StartsWith("LOCAL_OPTIMIZE"u8);
    }

    private static bool IsWord(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) => text.StartsWith(word) && text.Length > word.Length && text[word.Length] is (byte)'"' or (byte)',';
}
