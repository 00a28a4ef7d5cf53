namespace Ringfence.Core.Parsing;

/// <summary>A door that logs through syslog or systemd's journal: its lines are told from those of other programs by the tag.</summary>
internal abstract class SyslogDoor : DoorLog
{
    // A line of journald has some 40 fields of its own around the message.
    private const int LongestJournalLine = 16_000;

    private readonly JournalEntry _entry = new();

    public override int LongestWhole => LongestJournalLine;

    public sealed override LogRecord Read(ReadOnlySpan<byte> line)
    {
        if (line.Length > 0 && line[0] == '{')
        {
            return _entry.Read(line) && _entry.Message.Length <= base.LongestWhole && IsOwn(_entry.Tag)
                ? At(Message(_entry.Message), default, _entry.TimeTicks)
                : default;
        }

        var syslog = line.Length > base.LongestWhole ? default : SyslogLine.Read(line);
        return syslog.Date.IsEmpty || !IsOwn(syslog.Tag) ? default : At(Message(syslog.Message), syslog.Date, 0);
    }

    /// <param name="tag">The program's name.</param>
    protected abstract bool IsOwn(ReadOnlySpan<byte> tag);

    /// <param name="message">What the program wrote, without header.</param>
    protected abstract LogRecord Message(ReadOnlySpan<byte> message);

    private static LogRecord At(LogRecord record, ReadOnlySpan<byte> date, long ticks) => new()
    {
        Kind = record.Kind,
        Service = record.Service,
        Transport = record.Transport,
        Source = record.Source,
        Port = record.Port,
        Account = record.Account,
        Session = record.Session,
        Detail = record.Detail,
        EventTime = date,
        TimeTicks = ticks,
        SenderLines = record.SenderLines,
        IsBroken = record.IsBroken,
    };
}
