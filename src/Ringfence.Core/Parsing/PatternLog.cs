using Ringfence.Core.Events;

namespace Ringfence.Core.Parsing;

/// <summary>A log that the operator's own patterns read: in any form with a date, in syslog's, or from systemd's journal.</summary>
/// <param name="tag">The program whose lines count, where the log is a syslog's; null: any.</param>
internal sealed class PatternLog(IReadOnlyList<LinePattern> patterns, IReadOnlyList<LinePattern> ignored, byte[]? tag) : DoorLog
{
    private static readonly System.Buffers.SearchValues<byte> OfClock = System.Buffers.SearchValues.Create("0123456789:.,+-Z"u8);

    private static readonly System.Buffers.SearchValues<byte> OfAddress = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF.:"u8);

    private readonly JournalEntry _entry = new();

    /// <inheritdoc cref="Configuration.DoorSettings.TellsUnmatched"/>
    public bool TellsUnmatched { get; init; }

    // Only of a syslog is it known that it cuts.
    public override int LongestWhole => 32_000;

    public override LogRecord Read(ReadOnlySpan<byte> line)
    {
        if (line.Length > 0 && line[0] == '{' && _entry.Read(line))
        {
            return tag is null || _entry.Tag.SequenceEqual(tag) ? Match(_entry.Message, default, _entry.TimeTicks) : default;
        }

        var syslog = SyslogLine.Read(line);
        if (!syslog.Date.IsEmpty)
        {
            if (line.Length > base.LongestWhole || (tag is not null && !syslog.Tag.SequenceEqual(tag)))
            {
                return default;
            }

            // "2026-11-21T10:00:00Z LOGIN FAILED: ..." looks like a syslog's line and is none.
            var found = Match(syslog.Message, syslog.Date, 0);
            return found.Kind != EventKind.None || tag is not null ? found : Match(line[(syslog.Date.Length + 1)..], syslog.Date, 0);
        }

        if (tag is not null)
        {
            return default;
        }

        var date = DateAtStart(line);
        return date.Text.IsEmpty ? Match(line, DateInside(line), 0) : Match(line[date.End..].TrimStart((byte)' '), date.Text, 0);
    }

    private LogRecord Match(ReadOnlySpan<byte> text, ReadOnlySpan<byte> date, long ticks)
    {
        foreach (var pattern in patterns)
        {
            var match = pattern.Match(text);
            if (match.Source is { } source)
            {
                return IsIgnored(text) ? default : new LogRecord
                {
                    Kind = EventKind.DoorFailed,
                    Service = Service.Door,
                    Transport = Transport.Tcp,
                    Source = source,
                    Account = text.Slice(match.UserStart, match.UserLength),
                    EventTime = date,
                    TimeTicks = ticks,
                    SenderLines = match.IsAmbiguous ? SenderLines.BeforeAddress : SenderLines.None,
                };
            }
        }

        return new LogRecord { IsBroken = TellsUnmatched && HoldsAddress(text) && !IsIgnored(text) };
    }

    private static bool HoldsAddress(ReadOnlySpan<byte> text)
    {
        while (text.IndexOfAny(OfAddress) is >= 0 and var start)
        {
            text = text[start..];
            var end = text.IndexOfAnyExcept(OfAddress);
            var word = end < 0 ? text : text[..end];
            var address = word.TrimEnd(".:"u8);

            // "198.51.100.7:40022"
            var port = address.IndexOf((byte)':');
            if (Address.Parse(address) is not null || (port > 0 && Address.Parse(address[..port]) is not null))
            {
                return true;
            }

            text = text[word.Length..];
        }

        return false;
    }

    private bool IsIgnored(ReadOnlySpan<byte> text)
    {
        foreach (var pattern in ignored)
        {
            if (pattern.IsMatch(text))
            {
                return true;
            }
        }

        return false;
    }

    private readonly ref struct Date(ReadOnlySpan<byte> text, int end)
    {
        public ReadOnlySpan<byte> Text { get; } = text;

        public int End { get; } = end;
    }

    // "[2026-11-21 10:00:00] ", "[Sat Nov 21 10:00:00.123456 2026] ", "2026-11-21 10:00:00,123 ", "2026-11-21T10:00:00Z ", "Sat Nov 21 10:00:00 2026 "
    private static Date DateAtStart(ReadOnlySpan<byte> line)
    {
        if (line.Length > 10 && line[0] == '[')
        {
            var close = line.IndexOf((byte)']');
            return close > 10 && IsDate(line[1..close]) ? new Date(line[1..close], close + 1) : default;
        }

        if (line.Length >= 24 && char.IsAsciiLetter((char)line[0]) && line[3] == ' ' && line[7] == ' ' && line[13] == ':' && line[16] == ':' && line[19] == ' ')
        {
            return new Date(line[..24], 24);
        }

        if (line.Length < 19 || !char.IsAsciiDigit((char)line[0]) || line[10] is not ((byte)'T' or (byte)' ') || line[13] != ':')
        {
            return default;
        }

        var end = line[11..].IndexOfAnyExcept(OfClock);
        end = end < 0 ? line.Length : end + 11;
        while (end > 11 && line[end - 1] is (byte)':' or (byte)',' or (byte)'-')
        {
            end--;
        }

        return new Date(line[..end], end);
    }

    // The date of an access log stands behind the address: "198.51.100.7 - - [21/Nov/2026:10:00:00 +0000] ..."
    private static ReadOnlySpan<byte> DateInside(ReadOnlySpan<byte> line)
    {
        var open = line.IndexOf(" ["u8);
        var close = open < 0 ? -1 : line[open..].IndexOf((byte)']');
        return close > 2 && IsDate(line[(open + 2)..(open + close)]) ? line[(open + 2)..(open + close)] : default;
    }

    private static bool IsDate(ReadOnlySpan<byte> text) => text.Length is >= 15 and <= 40 && text.Count((byte)':') >= 2 && text.IndexOfAnyInRange((byte)'0', (byte)'9') >= 0;
}
