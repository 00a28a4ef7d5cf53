using System.Text;
using Ringfence.Core.Parsing;

namespace Ringfence.Core.Calls;

internal enum LiveKind
{
    /// <summary>Of no use here, and nothing is wrong with it.</summary>
    Other,

    /// <summary>It is not what Asterisk writes under that name: injected text has taken it apart, or it is a part of that.</summary>
    Odd,

    /// <summary>How a channel is: Newchannel, Newstate.</summary>
    Channel,
    DialBegin,

    /// <summary>DialState, DialEnd: <see cref="LiveMessage.Text"/> is where it was forwarded to, "" for nowhere.</summary>
    Dialled,
    Hangup,

    /// <summary><see cref="LiveMessage.Text"/> is the new name.</summary>
    Renamed,

    /// <summary>Who transferred is <see cref="LiveMessage.Other"/>, whom <see cref="LiveMessage.Channel"/> (null: all who are left), where to <see cref="LiveMessage.Text"/>.</summary>
    Transferred,

    /// <summary>The channel's phone has the other side wait, and no longer.</summary>
    Held,
    Unheld,

    /// <summary>A channel of the list that was asked for.</summary>
    Listed,
    ListEnd,

    /// <summary>To an action: <see cref="LiveMessage.Text"/> is its id.</summary>
    Answer,
}

/// <summary>A channel, as an event tells it.</summary>
/// <param name="State">6 is up (include/asterisk/channelstate.h).</param>
/// <param name="Caller">Whoever calls may say anything.</param>
internal sealed record LiveChannel(string Name, int State, string Caller, string AccountCode, string Context, string Exten, string Id, string Linked)
{
    public const int Up = 6;
}

/// <summary>One message of a session of the manager interface that gets the class "call".</summary>
/// <remarks>
/// Asterisk writes numbers, names and extensions as they are, so that a call can put headers and whole events there (facts 3.2). What holds all the same: such a text is short
/// (AST_MAX_EXTENSION is 80), and Asterisk's own headers stand around it in one order. So a value ends with the last place within its reach at which the next header begins; a forged
/// one before it is text in the value. An event of the shapes below has 14 headers and 250 bytes, which no single value has room for: what is not whole is odd, and nothing is
/// believed of it. A channel of the list that was asked for ends with the request's random id.
/// </remarks>
internal sealed record LiveMessage(LiveKind Kind, int Length)
{
    // Names may come from a directory and be longer than what is dialled.
    private const int LongestValue = 200;

    // AST_MAX_EXTENSION and AST_MAX_ACCOUNT_CODE. No more than that: so little of Asterisk's own stands behind these that the next message's values would be within reach.
    private const int LongestExten = 80;

    /// <summary>No message is longer.</summary>
    public const int Longest = 64 * 1024;

    private const int State = 1;
    private const int Caller = 3;
    private const int AccountCode = 8;
    private const int Context = 9;
    private const int Exten = 10;
    private const int UniqueId = 12;
    private const int LinkedId = 13;

    // In Asterisk's order. Own: Asterisk's own text, one line; the others are anybody's.
    private static readonly (string Name, bool IsOwn)[] Snapshot =
    [
        ("Channel", false), ("ChannelState", true), ("ChannelStateDesc", true), ("CallerIDNum", false), ("CallerIDName", false), ("ConnectedLineNum", false), ("ConnectedLineName", false),
        ("Language", true), ("AccountCode", false), ("Context", true), ("Exten", false), ("Priority", true), ("Uniqueid", true), ("Linkedid", true),
    ];

    private static readonly byte[][] OfChannel = Headers("");
    private static readonly byte[][] OfDestination = Headers("Dest");
    private static readonly byte[][] OfTransferer = Headers("Transferer");
    private static readonly byte[][] OfTransferee = Headers("Transferee");

    private static readonly byte[][] OfEveryEvent = [.. ((string[])["Timestamp", "SequenceNumber", "File", "Line", "Func", "SystemName"]).Select(static name => Encoding.ASCII.GetBytes($"{name}: "))];

    /// <summary>The one that the event is about; of a dial the one that dials, null where nobody does (a call that was originated).</summary>
    public LiveChannel? Channel { get; init; }

    /// <summary>The one that is dialled, or that transferred.</summary>
    public LiveChannel? Other { get; init; }

    public string Text { get; init; } = "";

    /// <summary>Of a listed channel: for how long there has been one.</summary>
    public long Seconds { get; init; }

    /// <summary>Of a listed channel: what runs on it, "Dial", with what.</summary>
    public string Application { get; init; } = "";

    public string Data { get; init; } = "";

    /// <summary>Of an answer.</summary>
    public bool IsSuccess { get; init; }

    /// <summary>Somebody's text holds line ends.</summary>
    public bool IsInjected { get; init; }

    /// <summary>The first message of the stream.</summary>
    /// <param name="listId">The id of the request for a list whose channels are awaited; "" for none.</param>
    /// <returns>Length 0: it is not all there yet.</returns>
    public static LiveMessage Read(ReadOnlySpan<byte> bytes, string listId)
    {
        var end = bytes.IndexOf(AmiFrame.End);
        if (end < 0)
        {
            return new LiveMessage(LiveKind.Odd, 0);
        }

        end += AmiFrame.End.Length;
        if (bytes.StartsWith("Response: "u8))
        {
            var answer = bytes[..end];
            return new LiveMessage(LiveKind.Answer, end) { Text = Ascii(AmiAnswer.Header(answer, "ActionID: "u8)), IsSuccess = AmiAnswer.IsSuccess(answer), Data = Ascii(AmiAnswer.Header(answer, "Message: "u8)) };
        }

        if (!bytes.StartsWith("Event: "u8))
        {
            return new LiveMessage(LiveKind.Odd, end);
        }

        var name = bytes["Event: ".Length..bytes.IndexOf("\r\n"u8)];
        if (name.SequenceEqual("Status"u8) || name.SequenceEqual("StatusComplete"u8))
        {
            return listId.Length == 0 ? new LiveMessage(LiveKind.Other, end) : Listed(bytes, name.Length, end, listId);
        }

        var walk = new Walk(bytes, "Event: ".Length + name.Length + 2);
        var message = Shaped(name, ref walk);
        return message is null ? new LiveMessage(LiveKind.Other, end)
            : walk.IsShort && bytes.Length < Longest ? new LiveMessage(LiveKind.Odd, 0)
            : walk.HasFailed ? new LiveMessage(LiveKind.Odd, end)
            : message with { Length = walk.At, IsInjected = walk.HasLines };
    }

    private static LiveMessage? Shaped(ReadOnlySpan<byte> name, ref Walk walk)
    {
        switch (Ascii(name))
        {
            case "Newchannel" or "Newstate" when Begins(ref walk):
                return new LiveMessage(LiveKind.Channel, 1) { Channel = Channels(ref walk, OfChannel, []) };

            case "Hangup" when Begins(ref walk):
                var gone = Channels(ref walk, OfChannel, "Cause: "u8);
                walk.Own("Cause: "u8);
                walk.HangupCause();
                return new LiveMessage(LiveKind.Hangup, 1) { Channel = gone };

            case "DialBegin" or "DialState" or "DialEnd" when Begins(ref walk):
                var isBegin = name.SequenceEqual("DialBegin"u8);
                var caller = walk.IsAt("Channel: "u8) ? Channels(ref walk, OfChannel, "DestChannel: "u8) : null;
                var dialled = Channels(ref walk, OfDestination, isBegin ? "DialString: "u8 : "DialStatus: "u8);
                var text = isBegin ? walk.Last("DialString: "u8) : walk.IsAt("Forward: "u8) ? walk.Free("Forward: "u8, "DialStatus: "u8, LongestValue) : "";
                if (!isBegin)
                {
                    walk.Own("DialStatus: "u8, mayEnd: true);
                    walk.Close();
                }

                return new LiveMessage(isBegin ? LiveKind.DialBegin : LiveKind.Dialled, 1) { Channel = caller, Other = dialled, Text = text };

            case "Rename" when Begins(ref walk):
                walk.Free("Channel: "u8, "Newname: "u8, LongestValue);
                var renamed = walk.Free("Newname: "u8, "Uniqueid: "u8, LongestValue);
                var id = walk.Own("Uniqueid: "u8, mayEnd: true);
                walk.Close();
                return new LiveMessage(LiveKind.Renamed, 1) { Text = renamed, Channel = new LiveChannel(renamed, 0, "", "", "", "", id, "") };

            case "BlindTransfer" when Begins(ref walk):
                var result = walk.Own("Result: "u8);
                var who = Channels(ref walk, OfTransferer);
                var whom = walk.IsAt("TransfereeChannel: "u8) ? Channels(ref walk, OfTransferee) : null;
                var to = walk.ToEnd("Extension: "u8);
                return new LiveMessage(result == "Success" ? LiveKind.Transferred : LiveKind.Other, 1) { Other = who, Channel = whom, Text = to };

            case "Hold" or "Unhold" when Begins(ref walk):
                var waits = Channels(ref walk, OfChannel);
                walk.ToEnd("MusicClass: "u8);
                return new LiveMessage(name.SequenceEqual("Hold"u8) ? LiveKind.Held : LiveKind.Unheld, 1) { Channel = waits };

            case "Newchannel" or "Newstate" or "Hangup" or "DialBegin" or "DialState" or "DialEnd" or "Rename" or "BlindTransfer" or "Hold" or "Unhold":
                walk.Fail();
                return new LiveMessage(LiveKind.Odd, 1);

            default:
                return null;
        }
    }

    private static LiveMessage Listed(ReadOnlySpan<byte> bytes, int nameLength, int end, string listId)
    {
        // Both end with the id; whatever stands between is one channel's.
        var mark = Encoding.ASCII.GetBytes($"\r\nActionID: {listId}\r\n");
        if (nameLength != "Status".Length)
        {
            return new LiveMessage(bytes[..end].IndexOf(mark) >= 0 ? LiveKind.ListEnd : LiveKind.Odd, end);
        }

        var at = bytes.IndexOf([.. mark, .. "\r\n"u8]);
        if (at < 0)
        {
            return new LiveMessage(LiveKind.Odd, bytes.Length < Longest ? 0 : end);
        }

        var whole = bytes[..(at + mark.Length + 2)];
        var walk = new Walk(whole, "Event: Status\r\n".Length);
        if (!Begins(ref walk) || Channels(ref walk, OfChannel, "Type: "u8) is not { } channel || walk.At > at)
        {
            return new LiveMessage(LiveKind.Odd, whole.Length);
        }

        var rest = whole[walk.At..at];
        return new LiveMessage(LiveKind.Listed, whole.Length)
        {
            Channel = channel,
            IsInjected = walk.HasLines,
            Application = Ascii(AmiAnswer.Header(rest, "Application: "u8)),
            Data = Ascii(AmiAnswer.Header(rest, "Data: "u8)),
            Seconds = rest.LastIndexOf("\r\nSeconds: "u8) is >= 0 and var seconds && long.TryParse(Ascii(rest[(seconds + "\r\nSeconds: ".Length)..].Slice(0, Line(rest[(seconds + "\r\nSeconds: ".Length)..]))), System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0,
        };
    }

    private static int Line(ReadOnlySpan<byte> text) => text.IndexOf("\r\n"u8) is >= 0 and var end ? end : text.Length;

    private static bool Begins(ref Walk walk)
    {
        // "call,all", and of a list "Call".
        if (!walk.IsAt("Privilege: "u8) || walk.Own("Privilege: "u8) is not ("call,all" or "Call"))
        {
            return false;
        }

        foreach (var name in OfEveryEvent)
        {
            if (walk.IsAt(name))
            {
                walk.Own(name);
            }
        }

        return true;
    }

    /// <param name="next">The header behind the last one; empty: there is none.</param>
    private static LiveChannel? Channels(ref Walk walk, byte[][] headers, ReadOnlySpan<byte> next)
    {
        var channel = Channels(ref walk, headers, isLast: next.IsEmpty);
        if (next.IsEmpty)
        {
            walk.Close();
        }

        return walk.HasFailed ? null : channel;
    }

    // Whether another header stands behind the last one nobody knows.
    private static LiveChannel? Channels(ref Walk walk, byte[][] headers) => Channels(ref walk, headers, isLast: true);

    private static LiveChannel? Channels(ref Walk walk, byte[][] headers, bool isLast)
    {
        var values = new string[Snapshot.Length];
        for (var at = 0; at < values.Length; at++)
        {
            var isRead = at is 0 or State or Caller or AccountCode or Context or Exten or UniqueId or LinkedId;
            values[at] = Snapshot[at].IsOwn
                ? walk.Own(headers[at], mayEnd: isLast && at == LinkedId, isRead)
                : walk.Free(headers[at], headers[at + 1], at is Exten or AccountCode ? LongestExten : LongestValue, isRead);
        }

        if (walk.HasFailed || !int.TryParse(values[State], out var state) || !IsId(values[UniqueId]) || !IsId(values[LinkedId]))
        {
            walk.Fail();
            return null;
        }

        return new LiveChannel(values[0], state, values[Caller], values[AccountCode], values[Context], values[Exten], values[UniqueId], values[LinkedId]);
    }

    private static byte[][] Headers(string prefix) => [.. Snapshot.Select(one => Encoding.ASCII.GetBytes($"{prefix}{one.Name}: "))];

    // "1795219652.16", with a systemname before it "pbx-1795219652.16". It names a channel to the manager interface, which takes what begins with a slash as a pattern of channels' names, and
    // a line end as that of a header.
    private static bool IsId(string text) => !text.Contains('/', StringComparison.Ordinal) && !text.Any(char.IsControl) && text.LastIndexOf('.') is > 0 and var dot && dot < text.Length - 1 && text.AsSpan(dot + 1).IndexOfAnyExceptInRange('0', '9') < 0 && text.Length <= 150;

    private static string Ascii(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text);

    // With the line end before it.
    private const int LongestHeader = 64;

    private ref struct Walk(ReadOnlySpan<byte> bytes, int at)
    {
        private readonly ReadOnlySpan<byte> _bytes = bytes;

        public int At { get; private set; } = at;

        public bool HasFailed { get; private set; }

        /// <summary>It failed for what has not come yet.</summary>
        public bool IsShort { get; private set; }

        public bool HasLines { get; private set; }

        public void Fail() => HasFailed = true;

        public readonly bool IsAt(ReadOnlySpan<byte> header) => !HasFailed && _bytes[At..].StartsWith(header);

        /// <summary>A value of Asterisk's own, in one line.</summary>
        /// <param name="isRead">false: it is passed over, and "" returned.</param>
        public string Own(ReadOnlySpan<byte> header, bool mayEnd = false, bool isRead = true)
        {
            if (!Take(header))
            {
                return "";
            }

            var line = _bytes[At..].IndexOf("\r\n"u8);
            if (line < 0)
            {
                (HasFailed, IsShort) = (true, true);
                return "";
            }

            var value = isRead ? Ascii(_bytes.Slice(At, line)) : "";
            At += line + (mayEnd ? 0 : 2);
            if (mayEnd && !_bytes[At..].StartsWith(AmiFrame.End))
            {
                At += 2;
            }

            return value;
        }

        /// <summary>A value of anybody's, up to the next header.</summary>
        public string Free(ReadOnlySpan<byte> header, ReadOnlySpan<byte> next, int longest, bool isRead = true)
        {
            if (!Take(header))
            {
                return "";
            }

            Span<byte> mark = stackalloc byte[LongestHeader];
            "\r\n"u8.CopyTo(mark);
            next.CopyTo(mark[2..]);
            mark = mark[..(2 + next.Length)];
            var reach = Math.Min(_bytes.Length, At + longest + mark.Length);
            var end = _bytes[At..reach].LastIndexOf(mark);
            if (end < 0)
            {
                (HasFailed, IsShort) = (true, reach < At + longest + mark.Length);
                return "";
            }

            return Value(end, 2, isRead);
        }

        /// <summary>The last header: its value ends with the message.</summary>
        public string Last(ReadOnlySpan<byte> header)
        {
            if (!Take(header))
            {
                return "";
            }

            var end = _bytes[At..].IndexOf(AmiFrame.End);
            if (end < 0)
            {
                (HasFailed, IsShort) = (true, true);
                return "";
            }

            return Value(end, AmiFrame.End.Length);
        }

        /// <summary>The end of a hangup: Asterisk's own words, and what the other side's technology said, "403" (manager_channels.c of 22 writes it where there is one).</summary>
        public void HangupCause()
        {
            var end = HasFailed ? -1 : _bytes[At..].IndexOf(AmiFrame.End);
            if (end >= 0 && _bytes.Slice(At, end).IndexOf("\r\nTechCause: "u8) >= 0)
            {
                Own("Cause-txt: "u8);
                Last("TechCause: "u8);
            }
            else
            {
                Last("Cause-txt: "u8);
            }
        }

        /// <summary>Behind the last header.</summary>
        public void Close()
        {
            if (!HasFailed && _bytes[At..].StartsWith(AmiFrame.End))
            {
                At += AmiFrame.End.Length;
            }
            else
            {
                HasFailed = true;
            }
        }

        /// <summary>To the end of the message, of which one header counts, the last of that name.</summary>
        public string ToEnd(ReadOnlySpan<byte> header)
        {
            if (HasFailed || _bytes[At..].StartsWith(AmiFrame.End))
            {
                At += HasFailed ? 0 : AmiFrame.End.Length;
                return "";
            }

            var end = _bytes[At..].IndexOf(AmiFrame.End);
            if (end < 0)
            {
                (HasFailed, IsShort) = (true, true);
                return "";
            }

            var rest = _bytes.Slice(At, end);
            At += end + AmiFrame.End.Length;
            var from = rest.LastIndexOf([.. "\r\n"u8, .. header]) is >= 0 and var found ? found + 2 : rest.StartsWith(header) ? 0 : -1;
            return from < 0 ? "" : Ascii(rest[(from + header.Length)..]);
        }

        private string Value(int length, int behind, bool isRead = true)
        {
            var text = _bytes.Slice(At, length);
            HasLines |= text.ContainsAny((byte)'\r', (byte)'\n');
            At += length + behind;
            return isRead ? Ascii(text) : "";
        }

        private bool Take(ReadOnlySpan<byte> header)
        {
            if (HasFailed || !_bytes[At..].StartsWith(header))
            {
                // A message that the stream ends in the middle of has no empty line behind it.
                IsShort |= !HasFailed && _bytes.Length - At < header.Length && header.StartsWith(_bytes[At..]);
                HasFailed = true;
                return false;
            }

            At += header.Length;
            return true;
        }
    }
}
