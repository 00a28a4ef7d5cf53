namespace Ringfence.Core.Calls;

/// <summary>Calls of a file of CEL: what happened to channels, put together to the records that cdr_csv would have written.</summary>
/// <remarks>A call is told when its channel ends. Its number is that of the Dial it was in at an answer or a bridge: of a call that nobody answered nothing else says it.</remarks>
internal sealed class CelReader(TimeZoneInfo zone, CelColumns? columns = null) : CallCsvReader
{
    // 5,000 calls go on in a large site; channels whose end is not in the file stay as long as there is room.
    private const int MostChannels = 100_000;

    // Asterisk writes events as they happen, give or take those of other threads.
    private const long Disorder = 60;

    private readonly CelColumns _at = columns ?? CelColumns.Usual;
    private readonly StringPool _names = new();
    private readonly WallClock _clock = new(zone);
    private readonly Dictionary<string, Channel> _channels = new(StringComparer.Ordinal);

    // When the last event was.
    private long _last = long.MinValue + Disorder;

    protected override void One(ReadOnlySpan<byte> data, int line, Action<CallRecord> take)
    {
        if (Record.Count < _at.Least)
        {
            Mistake(line, $"{Record.Count} columns, expected {_at.Least} or more");
            return;
        }

        if (_clock.Seconds(Record.Raw(data, _at.Time), _last - Disorder) is not { } time)
        {
            Mistake(line, "no time such as 2026-11-22 23:59:59 where the event's stands");
            return;
        }

        Records++;
        _last = time;
        var id = Record.Text(data, _at.Id);
        var kind = Record.Raw(data, _at.Event);
        if (kind.SequenceEqual("CHAN_START"u8))
        {
            if (_channels.Count >= MostChannels)
            {
                _channels.Clear();
            }

            _channels[id] = new Channel(time, Record.Text(data, _at.Channel), Record.Text(data, _at.Extension), _names.Get(Record.Raw(data, _at.Context)));
            return;
        }

        if (!_channels.TryGetValue(id, out var channel))
        {
            return;
        }

        channel.Caller = channel.Caller.Length > 0 ? channel.Caller : Record.Text(data, _at.Caller);
        channel.Account = channel.Account.Length > 0 ? channel.Account : Record.Text(data, _at.AccountCode);
        if (Record.Raw(data, _at.Application).SequenceEqual("Dial"u8))
        {
            channel.Data = Record.Text(data, _at.Data);
            channel.Peer = _at.Peer >= 0 && !Record.Raw(data, _at.Peer).IsEmpty ? Record.Text(data, _at.Peer) : channel.Peer;
        }

        if (kind.SequenceEqual("ANSWER"u8))
        {
            channel.Answered = channel.Answered == 0 ? time : channel.Answered;
        }
        else if (kind.SequenceEqual("CHAN_END"u8))
        {
            _channels.Remove(id);
            if (time - channel.Start > MaxSeconds)
            {
                Mistake(line, $"{time - channel.Start} seconds: no call lasts so long");
                return;
            }

            End(channel, id, time, take);
        }
    }

    private static void End(Channel channel, string id, long time, Action<CallRecord> take)
    {
        // The channel that was called has no Dial of its own: it is "AppDial".
        if (channel.Data.Length == 0 && channel.Answered > 0)
        {
            return;
        }

        var target = ChannelName.Endpoint(channel.Peer).ToString();
        var seconds = (int)Math.Max(0, time - channel.Start);
        var billed = channel.Answered == 0 ? 0 : (int)Math.Clamp(time - channel.Answered, 0, seconds);
        take(new CallRecord(
            channel.Start, seconds, billed, channel.Answered > 0, ChannelName.Endpoint(channel.Name).ToString(), channel.Caller, channel.Dialled,
            ChannelName.SentNumber(channel.Data, target).ToString(), channel.Context, target, channel.Account, id, "", channel.Name.StartsWith("Local/", StringComparison.Ordinal),
            ChannelName.IsAddress(channel.Data, target)));
    }

    private sealed class Channel(long start, string name, string dialled, string context)
    {
        public long Start => start;

        public string Name => name;

        public string Dialled => dialled;

        public string Context => context;

        public string Caller { get; set; } = "";

        public string Account { get; set; } = "";

        public string Data { get; set; } = "";

        public string Peer { get; set; } = "";

        public long Answered { get; set; }
    }
}
