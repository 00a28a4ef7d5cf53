using Ringfence.Core.Events;

namespace Ringfence.Core.Parsing;

/// <summary>
/// Reads one log file of Asterisk, in whatever form each of its lines has, and keeps what has to be known of earlier lines.
/// The same bytes give the same events, however they are cut into pieces.
/// </summary>
/// <remarks>
/// Hot path (bench: replay). Lines end at LF alone; a line's end inside PJSIP's account name (at most 36 bytes of an attacker's)
/// does not end the record. A mixed log may hold whole packets as dumps, and a packet may hold whole lines: from a dump on, for as
/// long as a packet can be, nothing counts (one datagram made fail2ban ban a phone).
/// </remarks>
internal sealed class LogParser
{
    /// <summary>A line longer than this is skipped and counted. A SECURITY line holds at most a Call-ID of one packet.</summary>
    public const int LongestLine = 70_000;

    // Asterisk's logger has a buffer of BUFSIZ for a line: of a longer one it writes the first 8,191 bytes, without a line end, and the
    // next record directly behind (measured on 22.10.1 with a Call-ID of 8,300 bytes). So a sender can have a record end where he likes,
    // and whatever a line of that length says about an address may be his.
    private const int LongestWhole = 8_190;

    // syslog cuts too, and ends the line: RFC 3164 at 1,024 bytes, others later. A record that nobody stretched has 300 to 600 bytes.
    private const int LongestWholeSyslog = 1_000;

    /// <summary>Bytes after which nothing that stood before them has a say, but that the log is mixed (the next talk tells): a dump, and the line that it began with.</summary>
    public const int LongestMemory = PacketDump.Longest + 8_192;

    private readonly LogDate _date;
    private readonly EventClock _clock = new();
    private byte[] _scratch = [];
    private readonly LogTrust _trust = new();
    private long _countedFrom;
    private int _dateLength;
    private bool _insideDump;
    private bool _skippingOverlong;
    private LogCounts _counts;

    private readonly DoorLog? _door;

    /// <param name="zone">The zone of dates that do not say theirs.</param>
    /// <param name="door">The grammar of another door's log; null: the log is Asterisk's.</param>
    public LogParser(TimeZoneInfo zone, DoorLog? door = null) => (_date, _door) = (new LogDate(zone), door);

    public LogCounts Counts => _counts with { Bytes = _trust.Offset - _countedFrom };

    /// <summary>True once the log showed that callers' text stands in it unescaped (VERBOSE, DEBUG or DTMF lines): its lines are shown, never counted.</summary>
    public bool IsMixed => _trust.IsMixed;

    /// <summary>Time of the last event, by its own record; UTC ticks; 0 before the first.</summary>
    public long LastEventTicks { get; private set; }

    /// <summary>Whether the manager may be asked over HTTP (webenabled in manager.conf). Then a name that it does not know may hold whole
    /// lines of a log, and in a text log neither such a refusal nor what stands near behind it is counted.</summary>
    /// <value>true if unset: a log alone does not tell.</value>
    public bool ManagerOverHttp { get; init; } = true;

    /// <summary>A moment shortly after which nothing in the log can lie; for dates without a year.</summary>
    public DateTimeOffset Reference
    {
        get => _date.Reference;
        set => _date.Reference = value;
    }

    /// <summary>Goes on where an earlier run stopped. What the bytes before say of those to come is known again (talk, a dump, a manager's
    /// name); of themselves nothing is counted, and told only what <paramref name="memory"/> gets.</summary>
    /// <param name="before">Whole lines that end where reading goes on: <see cref="LongestMemory"/> bytes of them, or all that there are.</param>
    /// <param name="lines">Lines before that place.</param>
    /// <param name="told">So many bytes at the end of <paramref name="before"/> are told; what stands <see cref="LongestMemory"/> or more behind its
    /// beginning, or behind the file's, is understood as it was then.</param>
    public void ResumeAfter<TSink>(ReadOnlySpan<byte> before, long lines, int told, ref TSink memory)
        where TSink : IEventSink
    {
        var nobody = default(Nobody);
        var silent = told >= before.Length ? 0 : before[..^told].LastIndexOf((byte)'\n') + 1;
        Parse(before[..silent], endOfFile: false, ref nobody);
        _counts = new LogCounts { Lines = lines - before[silent..].Count((byte)'\n') };
        Parse(before[silent..], endOfFile: false, ref memory);
        _countedFrom = _trust.Offset;
        _counts = new LogCounts { Lines = lines };
        LastEventTicks = 0;
    }

    /// <inheritdoc cref="ResumeAfter{TSink}"/>
    public void ResumeAfter(ReadOnlySpan<byte> before, long lines)
    {
        var nobody = default(Nobody);
        ResumeAfter(before, lines, told: 0, ref nobody);
    }

    /// <summary>Reads as many whole records as there are.</summary>
    /// <param name="bytes">What was left of the last call, and what came since.</param>
    /// <param name="endOfFile">Nothing follows: a last line without a line end is a line.</param>
    /// <returns>Bytes read; the rest has to be given again, with more behind it. Never so few that a buffer of
    /// twice <see cref="LongestLine"/> fills up.</returns>
    public int Parse<TSink>(ReadOnlySpan<byte> bytes, bool endOfFile, ref TSink sink)
        where TSink : IEventSink
    {
        var at = 0;
        while (at < bytes.Length)
        {
            var rest = bytes[at..];
            var length = rest.IndexOf((byte)'\n');
            if (length < 0)
            {
                if (rest.Length > LongestLine)
                {
                    SeeOverlong(_skippingOverlong ? 0 : 1);
                    _skippingOverlong = true;
                    at = bytes.Length;
                    _trust.Offset += rest.Length;
                    break;
                }

                if (!endOfFile)
                {
                    break;
                }

                length = rest.Length;
            }

            if (_skippingOverlong)
            {
                _skippingOverlong = false;
                length = Math.Min(length + 1, rest.Length);
                _counts.Lines++;
            }
            else if (length > LongestLine)
            {
                SeeOverlong(1);
                _counts.Lines++;
                length = Math.Min(length + 1, rest.Length);
            }
            else
            {
                length = Line(rest, length, endOfFile, ref sink);
                if (length < 0)
                {
                    break;
                }
            }

            at += length;
            _trust.Offset += length;
        }

        if (endOfFile && _skippingOverlong)
        {
            _skippingOverlong = false;
            _counts.Lines++;
        }

        return at;
    }

    // What Asterisk writes itself is shorter: of a text log these are records that were cut, each with the next directly behind.
    private void SeeOverlong(int lines)
    {
        _counts.Overlong += lines;
        _counts.CutRecords += _door is null ? lines : 0;
    }

    // Returns the bytes of the record with its line end, or -1 if it is not all there yet.
    private int Line<TSink>(ReadOnlySpan<byte> rest, int length, bool endOfFile, ref TSink sink)
        where TSink : IEventSink
    {
        var line = rest[..length];
        var whole = Math.Min(length + 1, rest.Length);
        if (_door is not null)
        {
            Door(_door, line, ref sink);
            return whole;
        }

        var header = LineHeader.ReadSecurity(line, _dateLength);
        if (header.Level == LogLevelName.None)
        {
            header = LineHeader.Read(line);
            _dateLength = header.Date.Length;
        }

        // Also where a packet's dump may stand: who forges this line says of himself what he could as well do.
        if (header.Level == LogLevelName.Error && IsUnsent(header.Module, line[header.MessageStart..]))
        {
            _counts.Unsent++;
        }

        if (_insideDump)
        {
            // Only the last of the ends that stand within a packet's length is the true one; until then all may be the packet's text.
            if (line.SequenceEqual("-- end of packet."u8) || _trust.IsBeyondDistrust)
            {
                _insideDump = false;
            }
            else if (!PacketDump.Begins(header, line))
            {
                _counts.Lines++;
                _counts.Distrusted++;
                _counts.Doubts |= Doubts.Dump;
                return whole;
            }
        }

        // Before the question of length: a line of json that was cut is no json, and says so itself.
        if (line.Length > 0 && line[0] == '{')
        {
            _counts.Lines++;
            Json(line, ref sink);
            return whole;
        }

        if (length > LongestWholeSyslog && (length > LongestWhole || line[0] != '['))
        {
            Cut(line, header, ref sink);
            return whole;
        }

        switch (header.Level)
        {
            case LogLevelName.Security:
                return Security(rest, length, header, endOfFile, ref sink);
            case LogLevelName.Notice or LogLevelName.Warning or LogLevelName.Error:
                _counts.Lines++;
                Notice(line, line[header.MessageStart..], header.Date, header.Module, ref sink);
                if (PacketDump.Begins(header, line))
                {
                    _insideDump = true;
                    _trust.Distrust(length + PacketDump.Longest, Doubts.Dump);
                }

                return whole;
            case LogLevelName.Talkative:
                _trust.SeeTalk(length);
                break;
            case LogLevelName.None when PacketDump.Begins(header, line):
                _insideDump = true;
                _trust.Distrust(length + PacketDump.Longest, Doubts.Dump);
                break;
        }

        _counts.Lines++;
        return whole;
    }

    private void Door<TSink>(DoorLog door, ReadOnlySpan<byte> line, ref TSink sink)
        where TSink : IEventSink
    {
        _counts.Lines++;
        if (line.Length > door.LongestWhole)
        {
            _counts.Cut++;
            return;
        }

        var record = door.Read(line.TrimEnd((byte)'\r'));
        if (record.Kind != EventKind.None)
        {
            Tell(record, Origin.Notice, record.TimeTicks > 0 ? record.TimeTicks
                // A line without a date is of now; a log that is read later ends where the file was last written.
                : record.EventTime.IsEmpty ? _date.Reference.UtcTicks
                : _date.Read(record.EventTime, learns: record.SenderLines == SenderLines.None), line, ref sink);
        }
        else if (record.IsBroken)
        {
            Miss(line, ref sink);
        }
    }

    private void Cut<TSink>(ReadOnlySpan<byte> line, LineHeader header, ref TSink sink)
        where TSink : IEventSink
    {
        _counts.Lines++;
        _counts.Cut++;
        if (header.Level == LogLevelName.Talkative)
        {
            _trust.SeeTalk(line.Length);
        }

        if (header.Level == LogLevelName.Security && line.Length > LongestWhole)
        {
            _counts.CutRecords++;
        }

        if (header.Level is LogLevelName.Security or LogLevelName.Notice)
        {
            Miss(line, ref sink);
        }
    }

    // Error [90] while sending packet to HEPv3 server: Message too long        (res/res_hep.c, hep_queue_cb; 90 is EMSGSIZE)
    private static bool IsUnsent(ReadOnlySpan<byte> module, ReadOnlySpan<byte> message) =>
        module.SequenceEqual("res_hep.c"u8) && message.StartsWith("Error ["u8) && message.IndexOf("] while sending packet to HEPv3 server"u8) >= 0;

    private int Security<TSink>(ReadOnlySpan<byte> rest, int length, LineHeader header, bool endOfFile, ref TSink sink)
        where TSink : IEventSink
    {
        var message = rest[header.MessageStart..length];
        var firstLine = length;
        var record = SecurityRecord.Read(message);
        if (record.Kind == EventKind.None && SecurityRecord.PjsipAccountStart(message) is >= 0 and var account)
        {
            // The account's text may hold the line's end. It is 36 bytes at most, and all that follows it has no line end
            // and is longer: so the record ends with the first line end behind those 36 bytes.
            var from = header.MessageStart + account + SecurityRecord.LongestPjsipAccount;
            var end = from >= rest.Length ? -1 : rest[from..].IndexOf((byte)'\n');
            if (end < 0 && !endOfFile && rest.Length < LongestLine)
            {
                return -1;
            }

            end = end < 0 && endOfFile ? Math.Max(0, rest.Length - from) : end;
            if (end >= 0 && from + end > length && from + end <= LongestLine)
            {
                // Where it ends is known even if it can't be read.
                length = Math.Min(rest.Length, from + end);
                record = length > LongestWhole ? default : SecurityRecord.Read(rest[header.MessageStart..length]);
            }
        }

        _counts.Lines++;
        var line = rest[..length];
        if (record.Kind == EventKind.None)
        {
            // A manager's name may be the text of many lines; PJSIP's was skipped above.
            if (SecurityRecord.PjsipAccountStart(message) < 0)
            {
                _trust.Distrust(length + SenderText.LongestOfManager, Doubts.Manager);
            }

            Miss(line, ref sink);
            _counts.Lines += length == firstLine ? 0 : line.Count((byte)'\n');
            return Math.Min(length + 1, rest.Length);
        }

        if (record.SenderLines == SenderLines.BeforeAddress)
        {
            _trust.Distrust(length + SenderText.LongestOfManager, Doubts.Manager);
        }

        // Over HTTP the name may hold a record's end, a line end, and more records: then this address is the peer's own
        // invention, and what follows too. Of a name that the manager knows there is no such doubt.
        if (ManagerOverHttp && record.Service == Service.Ami && record.Kind is EventKind.AccountUnknown or EventKind.RequestRefused)
        {
            _trust.Distrust(length + SenderText.LongestOfManager, Doubts.Manager);
        }

        Tell(record, Origin.SecurityEvent, EventTicks(record, header.Date), line, ref sink);
        if (ManagerOverHttp && record.SenderLines == SenderLines.BehindAddress)
        {
            _trust.Doubt(record.Source, length + SenderText.LongestOfManager, Doubts.Manager);
        }

        _counts.Lines += length == firstLine ? 0 : line.Count((byte)'\n');
        return Math.Min(length + 1, rest.Length);
    }

    private void Tell<TSink>(in LogRecord record, Origin origin, long? ticks, ReadOnlySpan<byte> line, ref TSink sink)
        where TSink : IEventSink
    {
        if (ticks is not { } time)
        {
            Miss(line, ref sink);
            return;
        }

        // Of another door nothing is remembered from line to line: its grammar says of each line what it is worth.
        var distrusted = _door is null ? _trust.IsDistrusted(record.Source) || _trust.IsOutOfTime(time, Reference.UtcTicks) : record.SenderLines != SenderLines.None;
        if (!distrusted)
        {
            _trust.SeeTime(time, Reference.UtcTicks);
        }

        _counts.Events++;
        if (distrusted)
        {
            _counts.Distrusted++;
            _counts.Doubts |= _door is null ? _trust.Why : Doubts.Ambiguous;
        }

        LastEventTicks = time;
        Tell(record.Kind, record, origin, time, distrusted, line, ref sink);
        if (origin == Origin.SecurityEvent && record.IsInjected)
        {
            Tell(EventKind.Injection, record, origin, time, distrusted, line, ref sink);
        }
    }

    private void Tell<TSink>(EventKind kind, in LogRecord record, Origin origin, long time, bool distrusted, ReadOnlySpan<byte> line, ref TSink sink)
        where TSink : IEventSink => sink.See(new PbxEvent
        {
            Kind = kind,
            Origin = origin,
            Service = record.Service,
            Transport = record.Transport,
            Proof = distrusted ? Proof.Forgeable : ProofOf(record.Transport),
            Source = record.Source,
            Port = record.Port,
            TimeTicks = time,
            Account = record.Account,
            Session = record.Session,
            Detail = record.Detail,
            Record = line,
            Line = _counts.Lines,
            IsEnclosed = _door is null && line.Length > 0 && line[0] == '{',
        });

    private void Json<TSink>(ReadOnlySpan<byte> line, ref TSink sink)
        where TSink : IEventSink
    {
        if (_scratch.Length < line.Length)
        {
            _scratch = new byte[Math.Max(4096, line.Length * 2)];
        }

        var json = JsonLine.Read(line, _scratch);
        if (!json.IsValid)
        {
            if (line.IndexOf("SecurityEvent="u8) >= 0)
            {
                _counts.CutRecords += line.Length > LongestWhole ? 1 : 0;
                Miss(line, ref sink);
            }

            return;
        }

        if (json.Level == LogLevelName.Talkative)
        {
            return;
        }

        if (json.Level == LogLevelName.Error && IsUnsent(json.Module, json.Message))
        {
            _counts.Unsent++;
        }

        // Line ends are escaped here: whatever the message holds, it is one message. But a packet's dump in a text log can hold such a
        // line as well as any other, so what makes lines doubtful makes these too.
        if (json.Level != LogLevelName.Security)
        {
            Notice(line, json.Message, json.Date, json.Module, ref sink, escaped: true);
            return;
        }

        var record = SecurityRecord.Read(json.Message);
        if (record.Kind == EventKind.None)
        {
            Miss(line, ref sink);
            return;
        }

        Tell(record, Origin.SecurityEvent, EventTicks(record, json.Date), line, ref sink);
    }

    private void Notice<TSink>(
        ReadOnlySpan<byte> line, ReadOnlySpan<byte> message, ReadOnlySpan<byte> date, ReadOnlySpan<byte> module, ref TSink sink, bool escaped = false)
        where TSink : IEventSink
    {
        var record = NoticeRecord.Read(module, message, escaped);
        if (module.SequenceEqual(RefusedRequest.Module) && (record.IsBroken || record.SenderLines == SenderLines.BeforeAddress))
        {
            _counts.Unsure++;
        }

        if (record.IsBroken)
        {
            if (!escaped)
            {
                _trust.Distrust(line.Length + SenderText.Longest(module), SenderText.Whose(module));
            }

            Miss(line, ref sink);
            return;
        }

        if (record.Kind == EventKind.None)
        {
            // Names, numbers and causes of callers stand in most lines of chan_iax2.
            if (!escaped && module.SequenceEqual("chan_iax2.c"u8))
            {
                _trust.Distrust(line.Length + SenderText.LongestOfIax2, Doubts.Caller);
            }

            return;
        }

        if (!escaped && record.SenderLines == SenderLines.BeforeAddress)
        {
            _trust.Distrust(line.Length + SenderText.Longest(module), SenderText.Whose(module));
        }

        // As in Security: a name that the manager does not know may hold whole lines; the same name comes once more, as a failed login.
        if (ManagerOverHttp && !escaped && record.Service == Service.Ami && (record.Kind == EventKind.AccountUnknown || _trust.IsDistrusted(record.Source)))
        {
            _trust.Distrust(line.Length + SenderText.LongestOfManager, Doubts.Manager);
        }

        Tell(record, Origin.Notice, _date.Read(date, learns: _trust.IsSure(record.Source)), line, ref sink);
        if (!escaped && record.SenderLines == SenderLines.BehindAddress)
        {
            _trust.Doubt(record.Source, line.Length + SenderText.Longest(module), SenderText.Whose(module));
        }
    }

    private readonly struct Nobody : IEventSink
    {
        public void See(in PbxEvent seen)
        {
        }

        public void Unmatched(ReadOnlySpan<byte> line, long lineNumber)
        {
        }
    }

    private void Miss<TSink>(ReadOnlySpan<byte> line, ref TSink sink)
        where TSink : IEventSink
    {
        _counts.Unmatched++;
        sink.Unmatched(line, _counts.Lines);
    }

    private static Proof ProofOf(Transport transport) => transport is Transport.Udp or Transport.Unknown ? Proof.Unproven : Proof.Proven;

    // Of another form: the line's own date.
    private long? EventTicks(in LogRecord record, ReadOnlySpan<byte> lineDate) =>
        EventClock.Holds(record.EventTime) ? _clock.Read(record.EventTime) : _date.Read(lineDate, learns: _trust.IsSure(record.Source));
}
