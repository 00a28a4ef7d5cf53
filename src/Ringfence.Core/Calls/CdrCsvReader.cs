using System.Buffers.Text;
using System.Text;

namespace Ringfence.Core.Calls;

/// <summary>Reads CDRs from CSV as cdr_csv, cdr_custom or a database's export writes them; what can't be read is counted, and the records behind it are.</summary>
/// <param name="columns">null: a first line of headings says which, else they are cdr_csv's.</param>
/// <param name="zone">Of the times in the file: cdr_csv writes the PBX's own time, or UTC with usegmtime.</param>
internal sealed class CdrCsvReader(TimeZoneInfo zone, CdrColumns? columns = null)
{
    // 20 years: what lasts longer is a clock that jumped.
    private const int MaxSeconds = 20 * 366 * 86_400;

    private readonly CsvRecord _record = new();
    private readonly StringPool _names = new();
    private readonly WallClock _clock = new(zone);
    private CdrColumns? _columns = columns;
    private int _line;

    public int Records { get; private set; }

    /// <summary>Records that could not be read.</summary>
    public int Unread { get; private set; }

    /// <summary>Where the first of them is, what was found, and what was expected.</summary>
    public string? FirstMistake { get; private set; }

    /// <param name="data">Of the file, behind what was taken so far.</param>
    /// <param name="isEnd">The file ends behind it.</param>
    /// <returns>How many bytes were taken: the rest is the beginning of a record.</returns>
    public int Read(ReadOnlySpan<byte> data, bool isEnd, Action<CallRecord> take)
    {
        var taken = 0;
        while (taken < data.Length)
        {
            var rest = data[taken..];
            var length = _record.Read(rest, isEnd);
            if (length == 0)
            {
                break;
            }

            var line = _line + 1;
            _line += _record.Lines;
            taken += length;
            if (!_record.IsWhole)
            {
                Mistake(line, "a quote that nobody closes, or text behind one");
            }
            else if (_columns is null)
            {
                _columns = CdrColumns.Of(Fields(rest));
                if (_columns is null)
                {
                    _columns = CdrColumns.Csv;
                    One(rest, line, take);
                }
            }
            else
            {
                One(rest, line, take);
            }
        }

        return taken;
    }

    /// <inheritdoc cref="CallFileReader.BeginFile"/>
    public void BeginFile() => _line = 0;

    private void One(ReadOnlySpan<byte> data, int line, Action<CallRecord> take)
    {
        var at = _columns!;
        if (_record.Count == 1 && _record.Raw(data, 0).IsEmpty)
        {
            return;
        }

        if (_record.Count < at.Least)
        {
            Mistake(line, $"{_record.Count} columns, expected {at.Least} or more");
            return;
        }

        if (_clock.Seconds(_record.Raw(data, at.Start)) is not { } start)
        {
            Mistake(line, "no time such as 2026-11-22 23:59:59 where the call's start stands");
            return;
        }

        if (Number(_record.Raw(data, at.Billed)) is not { } billed || (at.Duration < 0 ? billed : Number(_record.Raw(data, at.Duration))) is not { } seconds)
        {
            Mistake(line, "no number of seconds where the call's length stands");
            return;
        }

        if (billed < 0 || seconds < 0 || billed > MaxSeconds || seconds > MaxSeconds)
        {
            // A clock that was set back while somebody spoke. That there was a call is known, and not how long.
            Mistake(line, $"{(billed < 0 ? billed : seconds)} seconds: no call lasts so long");
            return;
        }

        Records++;
        var isAnswered = at.Disposition < 0 ? billed > 0 : _record.Raw(data, at.Disposition).SequenceEqual("ANSWERED"u8);
        var dialled = Name(data, at.Dialled);
        var channel = _record.Raw(data, at.Channel);
        var source = Endpoint(channel);
        var caller = Name(data, at.Caller);
        var target = Endpoint(_record.Raw(data, at.TargetChannel));
        var id = _record.Text(data, at.Id);
        take(new CallRecord(
            start, Math.Max(seconds, billed), isAnswered ? billed : 0, isAnswered, source.Length > 0 ? source : caller, caller, dialled, Sent(data, at, dialled, target),
            Name(data, at.Context), target, Name(data, at.AccountCode), id.Length > 0 ? id : _record.Text(data, at.Channel), Name(data, at.Did), channel.StartsWith("Local/"u8)));
    }

    private List<string> Fields(ReadOnlySpan<byte> data)
    {
        var fields = new List<string>(_record.Count);
        for (var field = 0; field < _record.Count; field++)
        {
            fields.Add(_record.Text(data, field));
        }

        return fields;
    }

    private string Sent(ReadOnlySpan<byte> data, CdrColumns at, string dialled, string target)
    {
        if (at.Application < 0 || at.Data < 0)
        {
            // An export that says no more: whatever was called over a channel may have been a trunk's.
            return dialled;
        }

        if (!_record.Raw(data, at.Application).SequenceEqual("Dial"u8))
        {
            return "";
        }

        Span<char> text = stackalloc char[256];
        var raw = _record.Raw(data, at.Data);
        var sent = ChannelName.SentNumber(text[..Encoding.UTF8.GetChars(raw[..Math.Min(raw.Length, text.Length)], text)], target);
        return sent.SequenceEqual(dialled) ? dialled : _names.Get(sent);
    }

    private string Name(ReadOnlySpan<byte> data, int field) =>
        _record.Raw(data, field) is var raw && raw.Contains((byte)'"') ? _record.Text(data, field) : _names.Get(raw);

    private string Endpoint(ReadOnlySpan<byte> channel)
    {
        // Bytes and characters alike here: strokes and dashes are ASCII.
        var slash = channel.IndexOf((byte)'/');
        if (slash < 0)
        {
            return "";
        }

        var name = channel[(slash + 1)..];
        var dash = name.LastIndexOf((byte)'-');
        return _names.Get(dash > 0 ? name[..dash] : name);
    }

    // "65", and "65.123456" where the mapping says ${CDR(billsec,f)}.
    private static int? Number(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out int number, out var used) && (used == text.Length || (text[used] == '.' && !text[(used + 1)..].ContainsAnyExceptInRange((byte)'0', (byte)'9'))) ? number : null;

    private void Mistake(int line, string found)
    {
        Unread++;
        FirstMistake ??= $"line {line}: {found}";
    }
}
