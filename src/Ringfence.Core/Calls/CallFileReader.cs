namespace Ringfence.Core.Calls;

/// <summary>A file of calls, whatever wrote it: CDRs (cdr_csv, cdr_custom, an export with headings), or channel events (cel_custom), of which the first bytes tell.</summary>
/// <param name="zone">Of its times.</param>
/// <param name="mapping">Of cdr_custom.conf or cel_custom.conf; null: as Asterisk's own files have it, or by headings.</param>
internal sealed class CallFileReader(TimeZoneInfo zone, string? mapping = null)
{
    private CdrCsvReader? _cdr;
    private CelReader? _cel;

    /// <summary>Records that were read.</summary>
    public int Records => _cdr?.Records ?? _cel?.Records ?? 0;

    /// <summary>Records that could not be read.</summary>
    public int Unread => _cdr?.Unread ?? _cel?.Unread ?? 0;

    /// <inheritdoc cref="CdrCsvReader.FirstMistake"/>
    public string? FirstMistake => _cdr?.FirstMistake ?? _cel?.FirstMistake;

    /// <summary>Whether a mapping is one that can be read by.</summary>
    public static bool IsMapping(string mapping) => CdrColumns.OfMapping(mapping) is not null || CelColumns.OfMapping(mapping) is not null;

    /// <summary>What comes is another file of the same kind: its lines are counted anew, channels go on in it.</summary>
    public void BeginFile()
    {
        _cdr?.BeginFile();
        _cel?.BeginFile();
    }

    /// <inheritdoc cref="CdrCsvReader.Read"/>
    public int Read(ReadOnlySpan<byte> data, bool isEnd, Action<CallRecord> take)
    {
        if (_cdr is null && _cel is null)
        {
            if (IsCel(data))
            {
                _cel = new CelReader(zone, mapping is null ? null : CelColumns.OfMapping(mapping));
            }
            else
            {
                _cdr = new CdrCsvReader(zone, mapping is null ? null : CdrColumns.OfMapping(mapping));
            }
        }

        return _cdr?.Read(data, isEnd, take) ?? _cel!.Read(data, isEnd, take);
    }

    // cel.conf: the names of events, which stand first in Asterisk's own mapping.
    private static bool IsCel(ReadOnlySpan<byte> data)
    {
        var text = data.StartsWith("\""u8) ? data[1..] : data;
        return text.StartsWith("CHAN_"u8) || text.StartsWith("ANSWER"u8) || text.StartsWith("HANGUP"u8) || text.StartsWith("BRIDGE_"u8) || text.StartsWith("APP_"u8) || text.StartsWith("LINKEDID_END"u8) || text.StartsWith("LOCAL_OPTIMIZE"u8);
    }
}
