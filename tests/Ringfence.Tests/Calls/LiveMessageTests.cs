using System.Text;
using Ringfence.Core.Calls;
using Ringfence.Tests.Parsing;
using Xunit;

namespace Ringfence.Tests.Calls;

/// <summary>What the manager interface tells of calls is read whole, and what a caller writes into his number is text in a number.</summary>
public sealed class LiveMessageTests
{
    [Fact]
    public void Each_message_is_read_to_its_end_and_in_its_parts()
    {
        var all = Read(Stream());

        Assert.Equal([LiveKind.Channel, LiveKind.Channel, LiveKind.DialBegin, LiveKind.Dialled, LiveKind.Other, LiveKind.Hangup], all.Select(static one => one.Kind));
        var dial = all[2];
        Assert.Equal(("PJSIP/1009-00000010", "1795219652.16", "PJSIP/trunk-ip-00000011", "1795219652.17", "0023279000001@trunk-ip"), (dial.Channel!.Name, dial.Channel.Id, dial.Other!.Name, dial.Other.Id, dial.Text));
        Assert.Equal((6, "1795219652.16", "9002"), (all[3].Other!.State, all[3].Other!.Linked, dial.Channel.Exten));
        Assert.DoesNotContain(all, static one => one.IsInjected);
    }

    [Theory]
    [InlineData("Cause: 21\r\nCause-txt: Call Rejected\r\nTechCause: 403\r\n", false)]
    [InlineData("Cause: 21\r\nCause-txt: Call Rejected\r\nTechCause: 403\r\nX: y\r\n", true)]
    [InlineData("Cause: 16\r\nCause-txt: Normal\r\nX: y\r\n", true)]
    public void The_other_sides_own_cause_of_a_hangup_is_a_header_and_no_injected_text(string causes, bool isInjected)
    {
        var hangup = Hangup("PJSIP/1009-00000001", "1795219652.1").Replace("Cause: 16\r\nCause-txt: Normal Clearing\r\n", causes, StringComparison.Ordinal);

        Assert.Equal((LiveKind.Hangup, isInjected), (Assert.Single(Read(hangup)).Kind, Read(hangup)[0].IsInjected));
    }

    [Fact]
    public void A_stream_that_comes_in_pieces_gives_the_same_messages()
    {
        var stream = Encoding.Latin1.GetBytes(Stream());
        for (var first = 1; first < stream.Length; first++)
        {
            var at = 0;
            List<LiveMessage> all = [];
            foreach (var end in (int[])[first, stream.Length])
            {
                while (at < end && LiveMessage.Read(stream.AsSpan(at, end - at), "") is { Length: > 0 } message)
                {
                    all.Add(message);
                    at += message.Length;
                }
            }

            Assert.True(all.Count == 6 && at == stream.Length && all.TrueForAll(static one => one.Kind != LiveKind.Odd), $"cut at {first}");
        }
    }

    [Theory]
    [InlineData("/.1")]
    [InlineData("/PJSIP.1")]
    [InlineData("a\rb.1")]
    public void What_the_manager_interface_takes_for_more_than_one_channel_is_no_id(string id)
    {
        var all = Read(Dial("PJSIP/1009-00000001", "1795219652.1", "PJSIP/trunk-ip-00000002", id, "0023279000001@trunk-ip"));

        Assert.DoesNotContain(all, static one => one.Kind == LiveKind.DialBegin);
    }

    [Theory]
    [InlineData("pbx-1795219652.2")]
    [InlineData("Zürich 2-1795219652.2")]
    public void A_systemname_stands_before_an_id(string id) =>
        Assert.Equal(LiveKind.DialBegin, Assert.Single(Read(Dial("PJSIP/1009-00000001", "1795219652.1", "PJSIP/trunk-ip-00000002", id, "0023279000001@trunk-ip"))).Kind);

    [Fact]
    public void A_number_that_holds_a_whole_event_orders_nothing_wherever_the_stream_is_cut()
    {
        // Of 80 bytes, the longest that Asterisk dials.
        const string Forged = "\r\nDestPriority: \r\nDestUniqueid: /.1\r\nDestLinkedid: 1.1\r\nDialString: 118\r\n\r\n";
        var stream = Encoding.Latin1.GetBytes(Dial("PJSIP/1009-00000001", "1795219652.1", "PJSIP/trunk-ip-00000002", "1795219652.2", "9@trunk-ip", exten: Forged));
        for (var end = 1; end <= stream.Length; end++)
        {
            var read = LiveMessage.Read(stream.AsSpan(0, end), "");
            Assert.True(read.Length == 0 || read.Kind == LiveKind.Odd || read.Other is { Id: "1795219652.2" }, $"cut at {end}: {read.Kind} of {read.Other?.Id}");
        }
    }

    [Theory]
    [InlineData("\r\n\r\nEvent: Hangup\r\nPrivilege: call,all\r\nChannel: PJSIP/1001-00000001\r\n")]
    [InlineData("1\r\nCallerIDName: x\r\nConnectedLineNum: y\r\nUniqueid: 1.1\r\nLinkedid: 1.1\r\n\r\n")]
    [InlineData("\r\nUniqueid: 9.9\r\nLinkedid: 9.9")]
    [InlineData("\r\n\r\n\r\n\r\n")]
    public void A_number_with_line_ends_is_one_call_of_the_channel_that_it_came_on(string number)
    {
        var all = Read(Channel("Newchannel", "PJSIP/trunk-ip-00000001", "1795219652.1", caller: number) + Stream());

        Assert.Equal(7, all.Count);
        Assert.Equal((LiveKind.Channel, true, number, "1795219652.1", "PJSIP/trunk-ip-00000001"), (all[0].Kind, all[0].IsInjected, all[0].Channel!.Caller, all[0].Channel!.Id, all[0].Channel!.Name));
    }

    [Theory]
    [InlineData("9\r\nPriority: 1\r\nUniqueid: 1.1\r\nLinkedid: 1.1\r\n\r\nEvent: x")]
    [InlineData("9\r\n\r\nEvent: Shutdown\r\n\r\n")]
    public void A_dialled_number_with_line_ends_names_no_other_channel(string exten)
    {
        var all = Read(Channel("Newchannel", "PJSIP/1009-00000001", "1795219652.1", exten: exten) + Stream());

        Assert.Equal((7, LiveKind.Channel, "1795219652.1", exten), (all.Count, all[0].Kind, all[0].Channel!.Id, all[0].Channel!.Exten));
    }

    [Fact]
    public void Whatever_a_caller_writes_no_message_tells_of_a_channel_that_is_not_his()
    {
        var random = new Random(20261123);
        string[] pieces = ["\r\n", "\r\n\r\n", "Event: Hangup\r\n", "Privilege: call,all\r\n", "Channel: PJSIP/1001-00000001", "ChannelState: 6\r\n", "Uniqueid: 7.7\r\n", "Linkedid: 7.7", "Priority: 1\r\n", "CallerIDName: ", "Exten: ", "x", "Response: Success\r\nActionID: a\r\n"];
        for (var i = 0; i < 50_000; i++)
        {
            var (caller, exten, line) = (Text(), Text(), Text());
            var stream = Channel("Newchannel", "PJSIP/1009-00000001", "1795219652.1", caller, exten, line) + Dial("PJSIP/1009-00000001", "1795219652.1", "PJSIP/trunk-ip-00000002", "1795219652.2", $"{exten}@trunk-ip", caller) + Channel("Newstate", "PJSIP/1009-00000001", "1795219652.1");

            foreach (var message in Read(stream))
            {
                Assert.True(
                    message.Channel is null or { Id: "1795219652.1", Name: "PJSIP/1009-00000001" } && message.Other is null or { Id: "1795219652.2" } && message.Kind is not (LiveKind.Hangup or LiveKind.Renamed or LiveKind.ListEnd),
                    $"case {i}: {caller} | {exten} | {line}");
            }
        }

        string Text()
        {
            var text = random.Next(3) == 0 ? "9002" : string.Concat(Enumerable.Range(0, random.Next(10)).Select(_ => pieces[random.Next(pieces.Length)]));
            return text.Length > 79 ? text[..79] : text;
        }
    }

    [Fact]
    public void No_damaged_stream_throws_or_stands_still()
    {
        var random = new Random(7);
        var text = new AttackerText(random);
        var whole = Encoding.Latin1.GetBytes(Stream());
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = whole.ToArray();
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            byte[] stream = [.. bytes.AsSpan(0, random.Next(bytes.Length)), .. Encoding.Latin1.GetBytes(text.Next(200, "")), .. "\r\n\r\n"u8];
            var at = 0;
            while (at < stream.Length && LiveMessage.Read(stream.AsSpan(at), "list-1") is { Length: > 0 } message)
            {
                at += message.Length;
            }

            Assert.InRange(at, 0, stream.Length);
        }
    }

    [Fact]
    public void A_list_is_believed_only_with_the_id_that_it_was_asked_for()
    {
        var listed = Listed("PJSIP/trunk-ip-00000002", "1795219652.2", "AppDial", "(Outgoing Line)", 42, "secret-id");

        Assert.Equal(LiveKind.Other, LiveMessage.Read(Encoding.ASCII.GetBytes(listed), "").Kind);
        var read = LiveMessage.Read(Encoding.ASCII.GetBytes(listed), "secret-id");
        Assert.Equal((LiveKind.Listed, "AppDial", 42, listed.Length), (read.Kind, read.Application, read.Seconds, read.Length));
        Assert.Equal(LiveKind.ListEnd, LiveMessage.Read("Event: StatusComplete\r\nActionID: secret-id\r\nItems: 1\r\n\r\n"u8, "secret-id").Kind);
        Assert.Equal(LiveKind.Odd, LiveMessage.Read("Event: StatusComplete\r\nActionID: another\r\nItems: 1\r\n\r\n"u8, "secret-id").Kind);
    }

    [Fact]
    public void A_listed_channel_of_which_nothing_more_is_told_is_odd()
    {
        var message = $"Event: Status\r\nPrivilege: Call\r\n{Snapshot("", "PJSIP/1009-00000010", "1795219652.16", "1795219652.16", "1009", "9002", "", 6, "")}ActionID: secret-id\r\n\r\n";

        var read = LiveMessage.Read(Encoding.ASCII.GetBytes(message), "secret-id");

        Assert.Equal((LiveKind.Odd, message.Length), (read.Kind, read.Length));
    }

    internal static List<LiveMessage> Read(string stream, string listId = "")
    {
        var bytes = Encoding.Latin1.GetBytes(stream);
        List<LiveMessage> all = [];
        for (var at = 0; at < bytes.Length;)
        {
            var message = LiveMessage.Read(bytes.AsSpan(at), listId);
            if (message.Length == 0)
            {
                break;
            }

            at += message.Length;
            all.Add(message);
        }

        return all;
    }

    // As Asterisk 22.10 writes them: a phone calls over a trunk, is answered, and hangs up.
    internal static string Stream() =>
        Channel("Newchannel", "PJSIP/1009-00000010", "1795219652.16")
        + Channel("Newchannel", "PJSIP/trunk-ip-00000011", "1795219652.17", "<unknown>", "s", linked: "1795219652.16", state: 0)
        + Dial("PJSIP/1009-00000010", "1795219652.16", "PJSIP/trunk-ip-00000011", "1795219652.17", "0023279000001@trunk-ip")
        + Dial("PJSIP/1009-00000010", "1795219652.16", "PJSIP/trunk-ip-00000011", "1795219652.17", null)
        + "Event: DeviceStateChange\r\nPrivilege: call,all\r\nDevice: PJSIP/trunk-ip\r\nState: RINGING\r\n\r\n"
        + Hangup("PJSIP/trunk-ip-00000011", "1795219652.17", "1795219652.16");

    internal static string Channel(string name, string channel, string id, string caller = "1009", string exten = "9002", string connected = "<unknown>", string? linked = null, int state = 4, string account = "") =>
        $"Event: {name}\r\nPrivilege: call,all\r\n{Snapshot("", channel, id, linked ?? id, caller, exten, connected, state, account)}\r\n";

    internal static string Hangup(string channel, string id, string? linked = null, int state = 6, string exten = "9002") =>
        $"Event: Hangup\r\nPrivilege: call,all\r\n{Snapshot("", channel, id, linked ?? id, "1009", exten, "", state, "")}Cause: 16\r\nCause-txt: Normal Clearing\r\n\r\n";

    /// <summary>A blind transfer, as Asterisk 22 tells it.</summary>
    internal static string Transfer(string channel, string id, string whom, string whomId, string to, string? linked = null) =>
        $"Event: BlindTransfer\r\nPrivilege: call,all\r\nResult: Success\r\n{Snapshot("Transferer", channel, id, linked ?? id, "1009", "1002", "1002", 6, "")}{Snapshot("Transferee", whom, whomId, linked ?? id, "1002", to, "1009", 6, "")}"
        + $"BridgeUniqueid: e4a91e85\r\nBridgeType: basic\r\nBridgeTechnology: simple_bridge\r\nBridgeCreator: <unknown>\r\nBridgeName: <unknown>\r\nBridgeNumChannels: 2\r\nBridgeVideoSourceMode: none\r\nIsExternal: Yes\r\nContext: phones\r\nExtension: {to}\r\n\r\n";

    /// <param name="dialString">null: it was answered.</param>
    internal static string Dial(string channel, string id, string dest, string destId, string? dialString, string caller = "1009", string? linked = null, string exten = "9002") =>
        $"Event: {(dialString is null ? "DialEnd" : "DialBegin")}\r\nPrivilege: call,all\r\n{Snapshot("", channel, id, linked ?? id, caller, exten, "<unknown>", 4, "")}"
        + $"{Snapshot("Dest", dest, destId, linked ?? id, exten, exten, "1009", dialString is null ? 6 : 0, "")}{(dialString is null ? "DialStatus: ANSWER" : $"DialString: {dialString}")}\r\n\r\n";

    internal static string Listed(string channel, string id, string application, string data, int seconds, string listId, string? linked = null, int state = 6, string caller = "1009") =>
        $"Event: Status\r\nPrivilege: Call\r\n{Snapshot("", channel, id, linked ?? id, caller, "9002", "", state, "")}Type: PJSIP\r\nDNID: \r\nEffectiveConnectedLineNum: <unknown>\r\nEffectiveConnectedLineName: <unknown>\r\nTimeToHangup: 0\r\nBridgeID: \r\n"
        + $"Application: {application}\r\nData: {data}\r\nNativeformats: (ulaw)\r\nReadformat: ulaw\r\nReadtrans: \r\nWriteformat: ulaw\r\nWritetrans: \r\nCallgroup: 0\r\nPickupgroup: 0\r\nSeconds: {seconds}\r\nActionID: {listId}\r\n\r\n";

    private static string Snapshot(string prefix, string channel, string id, string linked, string caller, string exten, string connected, int state, string account) => string.Concat(
        ((string, string)[])[("Channel", channel), ("ChannelState", $"{state}"), ("ChannelStateDesc", "x"), ("CallerIDNum", caller), ("CallerIDName", "<unknown>"), ("ConnectedLineNum", connected), ("ConnectedLineName", "<unknown>"), ("Language", "en"),
            ("AccountCode", account), ("Context", "phones"), ("Exten", exten), ("Priority", "1"), ("Uniqueid", id), ("Linkedid", linked)]
        is var headers ? headers.Select(header => $"{prefix}{header.Item1}: {header.Item2}\r\n") : []);
}
