using System.Buffers.Text;
using System.Text;

namespace Ringfence.Core.Calls;

/// <summary>Reads CDRs from CSV as cdr_csv, cdr_custom or a database's export writes them; what can't be read is counted, and the records behind it are.</summary>
/// <param name="columns">null: a first line of headings says which, else they are cdr_csv's.</param>
/// <param name="zone">Of the times in the file: cdr_csv writes the PBX's own time, or UTC with usegmtime.</param>
internal sealed class CdrCsvReader(TimeZoneInfo zone, CdrColumns? columns = null) : CallCsvReader
{
    private readonly StringPool _names = new();
    private readonly WallClock _clock = new(zone);
    private CdrColumns? _columns = columns;

    protected override void One(ReadOnlySpan<byte> data, int line, Action<CallRecord> take)
    {
        if (_columns is null)
        {
            if ((_columns = CdrColumns.Of(Fields(data))) is not null)
            {
                return;
            }

            _columns = CdrColumns.Csv;
        }

        var at = _columns;
        if (Record.Count < at.Least)
        {
            Mistake(line, $"{Record.Count} columns, expected {at.Least} or more");
            return;
        }

        if (_clock.Seconds(Record.Raw(data, at.Start)) is not { } start)
        {
            Mistake(line, "no time such as 2026-11-22 23:59:59 where the call's start stands");
            return;
        }

        if (Number(Record.Raw(data, at.Billed)) is not { } billed || (at.Duration < 0 ? billed : Number(Record.Raw(data, at.Duration))) is not { } seconds)
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
        var isAnswered = at.Disposition < 0 ? billed > 0 : Record.Raw(data, at.Disposition).SequenceEqual("ANSWERED"u8);
        var dialled = Name(data, at.Dialled);
        var channel = Record.Raw(data, at.Channel);
        var source = Endpoint(channel);
        var caller = Name(data, at.Caller);
        var target = Endpoint(Record.Raw(data, at.TargetChannel));
        var id = Record.Text(data, at.Id);
        var sent = Sent(data, at, dialled, target, out var isAddress);
        take(new CallRecord(
            start, Math.Max(seconds, billed), isAnswered ? billed : 0, isAnswered, source.Length > 0 ? source : caller, caller, dialled, sent,
            Name(data, at.Context), target, Name(data, at.AccountCode), id.Length > 0 ? id : Record.Text(data, at.Channel), Name(data, at.Did), channel.StartsWith("Local/"u8), isAddress));
    }

    private List<string> Fields(ReadOnlySpan<byte> data)
    {
        var fields = new List<string>(Record.Count);
        for (var field = 0; field < Record.Count; field++)
        {
            fields.Add(Record.Text(data, field));
        }

        return fields;
    }

    private string Sent(ReadOnlySpan<byte> data, CdrColumns at, string dialled, string target, out bool isAddress)
    {
        isAddress = false;
        if (at.Application < 0 || at.Data < 0)
        {
            // An export that says no more: whatever was called over a channel may have been a trunk's.
            return dialled;
        }

        if (!Record.Raw(data, at.Application).SequenceEqual("Dial"u8))
        {
            return "";
        }

        Span<char> text = stackalloc char[256];
        var raw = Record.Raw(data, at.Data);
        text = text[..Encoding.UTF8.GetChars(raw[..Math.Min(raw.Length, text.Length)], text)];
        isAddress = ChannelName.IsAddress(text, target);
        var sent = ChannelName.SentNumber(text, target);
        return sent.SequenceEqual(dialled) ? dialled : _names.Get(sent);
    }

    private string Name(ReadOnlySpan<byte> data, int field) =>
        Record.Raw(data, field) is var raw && raw.Contains((byte)'"') ? Record.Text(data, field) : _names.Get(raw);

    private string Endpoint(ReadOnlySpan<byte> channel)
    {
        // Bytes and characters alike here: strokes and dashes are ASCII.
        var slash = channel.IndexOf((byte)'/');
        if (slash < 0)
        {
            return "";
        }

        var name = channel[(slash + 1)..];
        if (channel.StartsWith("DAHDI/"u8) && name.IndexOf((byte)'/') is > 0 and var span)
        {
            return _names.Get(name[..span]);
        }

        var dash = name.LastIndexOf((byte)'-');
        return _names.Get(dash > 0 ? name[..dash] : name);
    }

    // "65", and "65.123456" where the mapping says ${CDR(billsec,f)}.
    private static int? Number(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out int number, out var used) && (used == text.Length || (text[used] == '.' && !text[(used + 1)..].ContainsAnyExceptInRange((byte)'0', (byte)'9'))) ? number : null;
}
