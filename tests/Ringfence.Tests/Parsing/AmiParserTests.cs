using System.Text;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Ringfence.Tests.Corpus;
using Xunit;

namespace Ringfence.Tests.Parsing;

/// <summary>What a real Asterisk 22.10.1 told over its manager interface while it was attacked, and what attackers could write into it.</summary>
public sealed class AmiParserTests
{
    private const string Sender = "198.51.100.7";

    public static TheoryData<string> Streams => [.. CorpusFiles.Steps.Where(step => CorpusFiles.Read(step.Name, "ami") is not null && CorpusFiles.Read(step.Name, "json") is not null).Select(step => step.Name)];

    /// <summary>Accounts of at most 36 bytes, as PJSIP cuts them.</summary>
    public static TheoryData<string> Accounts() =>
    [
        Row("a line end", "x\r\ny"),
        Row("a line end last", "x\r\n"),
        Row("line ends only", "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"),
        Row("a header", "\r\nRemoteAddress: IPV4/UDP/8.8.8.8/1"),
        Row("a header behind a bare line feed", "\nRemoteAddress: IPV4/UDP/8.8.8.8/1"),
        Row("an event", "\r\n\r\nEvent: Shutdown\r\nX: 1"),
        Row("an event and its end", "\r\n\r\nEvent: Shutdown\r\n\r\n"),
        Row("an event that our own would go on", "\r\n\r\nEvent: Hangup"),
        Row("an end of the message at the very end", "12345678901234567890123456789012\r\n\r\n"),
        Row("half an end at the very end", "12345678901234567890123456789012345\r"),
        Row("an answer", "\r\n\r\nResponse: Success\r\n\r\n"),
        Row("a session", "\r\nSessionID: x\r\nLocalAddress: I"),
    ];

    private static TheoryDataRow<string> Row(string name, string text) => new(text) { Label = name };

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_stream_tells_what_the_security_log_tells(string step)
    {
        var stream = SecurityOf(CorpusFiles.Read(step, "ami")!);

        var told = Recorder.ReadAmi(stream);

        var logged = Recorder.Read(CorpusFiles.Read(step, "json")!);
        Assert.Equal(logged.Events.Select(Essence), told.Events.Select(Essence));
        Assert.Equal(logged.Injections.Select(Essence), told.Injections.Select(Essence));
        Assert.Empty(told.Misses);
        Assert.All(told.Events, seen => Assert.Contains(seen.Source, CorpusFiles.SendersOf(step)));
    }

    [Fact]
    public void The_corpus_holds_hundreds_of_events_and_forged_ones_among_them()
    {
        var told = CorpusFiles.Steps.Select(step => CorpusFiles.Read(step.Name, "ami")).OfType<byte[]>().Select(stream => Recorder.ReadAmi(SecurityOf(stream))).ToList();

        Assert.InRange(told.Sum(stream => stream.Events.Count), 390, 450);
        Assert.InRange(told.Sum(stream => stream.Injections.Count), 5, 10);
    }

    [Theory]
    [MemberData(nameof(Accounts))]
    public void Whatever_an_account_of_PJSIP_holds_it_is_text_and_told_of_its_sender(string account)
    {
        var parser = new AmiParser { ManagerOverHttp = false };

        var told = Recorder.ReadAmi(Encoding.Latin1.GetBytes(Event("InvalidAccountID", account) + Event("InvalidAccountID", "5555", "IPV4/TCP/198.51.100.8/1")), parser);

        Assert.Equal([(Sender, account, true), ("198.51.100.8", "5555", true)], told.Events.Select(seen => (seen.Source, seen.Account, seen.Counts)));
        Assert.Equal((EventKind.Injection, Sender, true), Assert.Single(told.Injections.Select(seen => (seen.Kind, seen.Source, seen.Counts))));
        Assert.Empty(told.Misses);
        Assert.Equal(1, parser.Counts.Injected);
    }

    [Theory]
    [MemberData(nameof(Accounts))]
    public void A_message_is_whole_or_not_yet_there_wherever_the_stream_is_cut(string account)
    {
        var message = Encoding.Latin1.GetBytes(Event("InvalidAccountID", account));

        Assert.All(Enumerable.Range(0, message.Length), length => Assert.Equal(0, AmiFrame.LengthOf(message.AsSpan(0, length))));
        Assert.Equal(message.Length, AmiFrame.LengthOf([.. message, .. "Event: Shutdown\r\n\r\n"u8]));
    }

    [Theory]
    [InlineData("RemoteAddress: IPV4/UDP/198.51.100.7/1\r\n", "RemoteAddress: IPV4/UDP/198.51.100.7/1\r\nRemoteAddress: IPV4/UDP/8.8.8.8/1\r\n", Label = "a header twice")]
    [InlineData("RemoteAddress: IPV4/UDP/198.51.100.7/1\r\n", "RemoteAddress: IPV4/UDP/198.51.100.7/1\r\nChallenge: x\r\n", Label = "a header that the event does not have")]
    [InlineData("SessionID: 1@lab\r\n", "", Label = "no session")]
    [InlineData("LocalAddress: IPV4/UDP/10.99.0.1/5060\r\n", "", Label = "no local address")]
    [InlineData("RemoteAddress: IPV4/UDP/198.51.100.7/1\r\n", "", Label = "no remote address")]
    [InlineData("AccountID: 5555\r\n", "", Label = "no account")]
    [InlineData("security,all", "call,all", Label = "another class")]
    [InlineData("EventTV: 2026-11-21T00:00:32.105+0000\r\n", "", Label = "no time")]
    [InlineData("Severity: Error\r\nService: PJSIP\r\n", "Service: PJSIP\r\nSeverity: Error\r\n", Label = "another order")]
    [InlineData("InvalidAccountID", "InvalidAccount", Label = "an unknown name")]
    [InlineData("AccountID: 5555\r\n", "AccountID: 5555\r\nRemoteAddress: IPV4/UDP/8.8.8.8/1\r\nSessionID: x\r\n", Label = "an account that PJSIP would have cut")]
    public void A_message_that_is_not_as_Asterisk_writes_it_is_no_event_and_nothing_near_behind_it_counts(string genuine, string changed)
    {
        var wrong = Event("InvalidAccountID", "5555").Replace(genuine, changed, StringComparison.Ordinal);
        var near = Event("InvalidAccountID", "5556");
        var far = Event("InvalidAccountID", new string('7', 36));

        var told = Recorder.ReadAmi(Encoding.Latin1.GetBytes(wrong + near + string.Concat(Enumerable.Repeat(far, 40))));

        Assert.Single(told.Misses);
        Assert.False(told.Events[0].Counts);
        Assert.True(told.Events[^1].Counts);
    }

    [Fact]
    public void Headers_that_the_operator_can_turn_on_are_known()
    {
        var message = Event("InvalidAccountID", "5555").Replace(
            "EventTV:", "Timestamp: 1795219232.105222\r\nSequenceNumber: 7\r\nFile: manager.c\r\nLine: 1\r\nFunc: f\r\nSystemName: pbx\r\nEventTV:", StringComparison.Ordinal);

        var told = Recorder.ReadAmi(Encoding.Latin1.GetBytes(message));

        Assert.Equal(Sender, Assert.Single(told.Events).Source);
    }

    [Fact]
    public void A_name_over_HTTP_can_hold_whole_events_and_none_of_them_counts()
    {
        // webenabled: /rawman?action=login&username=... is decoded, and as long as a request may be.
        var forged = Event("InvalidAccountID", "1001", "IPV4/TCP/192.0.2.7/5060");
        var before = Event("InvalidAccountID", "x", "IPV4/TCP/198.51.100.7/1").Replace("PJSIP", "AMI", StringComparison.Ordinal);
        var stream = before + string.Concat(Enumerable.Repeat(forged, 20));

        var overHttp = Recorder.ReadAmi(Encoding.Latin1.GetBytes(stream), new AmiParser { ManagerOverHttp = true });
        var withoutHttp = Recorder.ReadAmi(Encoding.Latin1.GetBytes(stream), new AmiParser { ManagerOverHttp = false });

        Assert.All(overHttp.Events, seen => Assert.False(seen.Counts));
        Assert.All(withoutHttp.Events, seen => Assert.True(seen.Counts));
    }

    [Fact]
    public void Chan_sip_s_account_can_hold_whole_events_and_none_of_them_counts()
    {
        var forged = Event("InvalidAccountID", "1001", "IPV4/TCP/192.0.2.7/5060");
        var stream = Event("InvalidAccountID", "x").Replace("PJSIP", "SIP", StringComparison.Ordinal) + forged;

        var told = Recorder.ReadAmi(Encoding.Latin1.GetBytes(stream));

        Assert.All(told.Events, seen => Assert.False(seen.Counts));
    }

    [Fact]
    public void What_comes_behind_lost_bytes_does_not_count_until_it_can_be_nobody_s()
    {
        var parser = new AmiParser { ManagerOverHttp = false };
        parser.Skip(AmiFrame.Longest);

        var told = Recorder.ReadAmi(Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(Event("InvalidAccountID", "5555"), 60))), parser);

        Assert.False(told.Events[0].Counts);
        Assert.True(told.Events[^1].Counts);
    }

    [Theory]
    [InlineData("IPV4/UDP/198.51.100.7/1", Proof.Unproven)]
    [InlineData("IPV4/TCP/198.51.100.7/1", Proof.Proven)]
    [InlineData("IPV4/TLS/198.51.100.7/1", Proof.Proven)]
    [InlineData("IPV4/WSS/198.51.100.7/1", Proof.Proven)]
    internal void A_handshake_proves_an_address_and_a_datagram_does_not(string address, Proof proof) =>
        Assert.Equal(proof, Assert.Single(Recorder.ReadAmi(Encoding.Latin1.GetBytes(Event("InvalidAccountID", "5555", address))).Events).Proof);

    internal static string Event(string name, string account, string remote = "IPV4/UDP/198.51.100.7/1", string session = "1@lab") =>
        $"Event: {name}\r\nPrivilege: security,all\r\nEventTV: 2026-11-21T00:00:32.105+0000\r\nSeverity: Error\r\nService: PJSIP\r\nEventVersion: 1\r\n"
        + $"AccountID: {account}\r\nSessionID: {session}\r\nLocalAddress: IPV4/UDP/10.99.0.1/5060\r\nRemoteAddress: {remote}\r\n\r\n";

    // The corpus was written by a session that hears everything; the guard's hears the class "security" alone.
    private static byte[] SecurityOf(byte[] stream)
    {
        var kept = new List<byte>();
        for (var at = 0; AmiFrame.LengthOf(stream.AsSpan(at)) is > 0 and var length; at += length)
        {
            var message = stream.AsSpan(at, length);
            if (message.IndexOf("\r\nPrivilege: security,all\r\n"u8) is >= 0 and < 40)
            {
                kept.AddRange(message);
            }
        }

        return [.. kept];
    }

    private static (EventKind Kind, string Source, int Port, Transport Transport, string Account, string Session, string Detail, long Time, Proof Proof) Essence(SeenEvent seen) =>
        (seen.Kind, seen.Source, seen.Port, seen.Transport, seen.Account, seen.Session, seen.Detail, seen.TimeTicks, seen.Proof);
}
