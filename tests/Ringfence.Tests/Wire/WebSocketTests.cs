using System.Text;
using Ringfence.Core.Events;
using Ringfence.Core.Wire;
using Ringfence.Tests.Parsing;
using Xunit;

namespace Ringfence.Tests.Wire;

/// <summary>SIP in WebSockets in clear (RFC 7118) is read from the wire as SIP over TCP is.</summary>
public sealed class WebSocketTests
{
    private const string Asked = "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: sip\r\nSec-WebSocket-Version: 13\r\n\r\n";
    private const string Agreed = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: sip\r\n\r\n";

    [Theory]
    [InlineData(100_000)]
    [InlineData(1)]
    [InlineData(7)]
    public void A_guess_is_told_however_the_stream_is_cut(int size)
    {
        var talk = new Talk { Cut = size }.Ask(Asked).Answer(Agreed);

        talk.Ask(Text(WireRig.Guess("a"))).Answer(Frame(WireRig.Answer("a"), isMasked: false)).Ask(Text(WireRig.Guess("b"))).Answer(Frame(WireRig.Answer("b"), isMasked: false));

        Assert.Equal([(EventKind.PasswordRefused, Proof.Proven, WireRig.Stranger), (EventKind.PasswordRefused, Proof.Proven, WireRig.Stranger)], talk.Rig.Events);
    }

    public static TheoryData<string, byte[]> Spellings()
    {
        var guess = WireRig.Guess("a");
        var (first, second) = (guess[..50], guess[50..]);
        return new()
        {
            { "binary", Frame(guess, 0x82) },
            { "not masked", Frame(guess, isMasked: false) },
            { "with a reserved bit", Frame(guess, 0xc1) },
            { "a length in eight bytes", [0x81, 0xff, .. Frames.Four(0), .. Frames.Four((uint)guess.Length), 0, 0, 0, 0, .. guess] },
            { "in parts", [.. Frame(first, 1), .. Frame([], 0), .. Frame(second, 0x80)] },
            { "in parts, a ping between", [.. Frame(first, 1), .. Frame("x"u8.ToArray(), 0x89), .. Frame(second, 0x80)] },
            { "behind a part that a ping makes Asterisk forget", [.. Frame("REGISTER sip:a SIP/2.0\r\nCall-ID: another\r\nCSeq: 1 REGISTER\r\n"u8.ToArray(), 1), .. Frame([], 0x89), .. Frame(guess, 0x80)] },
            { "behind an empty message", [.. Frame([]), .. Frame(guess)] },
            { "behind a keep-alive", [.. Frame("\r\n\r\n"u8.ToArray()), .. Frame(guess)] },
            { "behind another message in one", Frame([.. Frames.Bytes("ACK sip:a SIP/2.0\r\nCall-ID: x\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n"), .. guess]) },
            { "without a length", Frame(Frames.Bytes(Encoding.Latin1.GetString(guess).Replace("Content-Length: 0\r\n", "", StringComparison.Ordinal))) },
        };
    }

    [Theory]
    [MemberData(nameof(Spellings))]
    public void What_Asterisk_reads_is_read(string spelling, byte[] frames)
    {
        var talk = new Talk().Ask(Asked).Answer(Agreed).Ask(frames).Answer(Frame(WireRig.Answer("a"), isMasked: false));

        Assert.True(talk.Rig.Events.Contains((EventKind.PasswordRefused, Proof.Proven, WireRig.Stranger)), spelling);
    }

    [Theory]
    [InlineData(Asked, 0)]
    [InlineData("GET /nothing HTTP/1.1\r\n\r\n" + Asked, 1)]
    [InlineData("GET /ws HTTP/1.1\r\nContent-Length: 2\r\nUPGRADE : WebSocket\r\n\r\n\u0081\u007f", 0)]
    [InlineData("GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n\u0081\u007f\r\n0\r\n\r\n", 0)]
    public void Who_does_not_wait_until_the_PBX_agrees_hides_nothing(string request, int answers)
    {
        var guess = Frame(WireRig.Guess("a"));
        var talk = new Talk().Ask([.. Frames.Bytes(request), .. guess[..300]]);
        for (; answers > 0; answers--)
        {
            talk.Answer("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        }

        talk.Answer(Agreed).Ask(guess[300..]).Answer(Frame(WireRig.Answer("a"), isMasked: false));

        Assert.Equal([(EventKind.PasswordRefused, Proof.Proven, WireRig.Stranger)], talk.Rig.Events);
    }

    [Fact]
    public void Who_asks_so_that_it_can_be_read_in_two_ways_is_told()
    {
        var talk = new Talk().Ask("GET /nothing HTTP/1.1\r\nUpgrade: websocket\r\n\r\n" + Asked);

        talk.Answer("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").Answer(Agreed).Ask(Text(WireRig.Guess("a"))).Answer(Frame(WireRig.Answer("a"), isMasked: false));

        Assert.Equal((EventKind.PacketMalformed, Proof.Proven, WireRig.Stranger), talk.Rig.Events[0]);
        Assert.Contains((EventKind.PasswordRefused, Proof.Proven, WireRig.Stranger), talk.Rig.Events);
    }

    [Fact]
    public void A_body_that_looks_like_the_end_of_an_upgrade_hides_nothing()
    {
        var talk = new Talk().Ask([.. Frames.Bytes("POST /x HTTP/1.1\r\nContent-Length: 26\r\n\r\nUpgrade: websocket\r\n\r\n\x81\x7e\xff\xf0"), .. Frames.Bytes(Asked)]);

        talk.Answer("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").Answer(Agreed).Ask(Text(WireRig.Guess("a"))).Answer(Frame(WireRig.Answer("a"), isMasked: false));

        Assert.Equal([(EventKind.PasswordRefused, Proof.Proven, WireRig.Stranger)], talk.Rig.Events);
    }

    [Fact]
    public void A_connection_that_was_open_before_anybody_looked_is_read()
    {
        var talk = new Talk(isSeenFromItsBeginning: false).Ask(Text(WireRig.Guess("a"))).Answer(Frame(WireRig.Answer("a"), isMasked: false));

        Assert.Equal([(EventKind.PasswordRefused, Proof.Proven, WireRig.Stranger)], talk.Rig.Events);
    }

    [Fact]
    public void A_forgers_frames_in_anothers_name_say_nothing()
    {
        var rig = new WireRig();

        rig.Sent(5_000, Frames.Bytes(Asked), port: 8088).Sent(5_000 + (uint)Asked.Length, Text(Scan), port: 8088).Sent(90_000, Text(Scan), port: 8088);

        Assert.Empty(rig.Events);
        Assert.Equal(0, rig.Tap.Messages);
    }

    [Fact]
    public void The_events_of_the_ARI_are_no_SIP_and_nobodys_fault()
    {
        var events = Agreed.Replace("Sec-WebSocket-Protocol: sip\r\n", "", StringComparison.Ordinal);
        var talk = new Talk().Ask(Asked).Answer(events);

        talk.Ask(Text("{\"type\":\"RESTRequest\",\"uri\":\"channels\"}"u8.ToArray())).Answer(Frame("{\"type\":\"StasisStart\",\"x\":\"SIP/2.0 401\"}"u8.ToArray(), isMasked: false));

        Assert.Empty(talk.Rig.Events);
        Assert.Equal((0, 0), (talk.Rig.Tap.Messages, talk.Rig.Tap.Invalid));
    }

    [Fact]
    public void What_is_no_SIP_where_the_PBX_speaks_it_is_malformed()
    {
        var talk = new Talk().Ask(Asked).Answer(Agreed).Ask(Text("no message at all, and longer than a keep-alive"u8.ToArray())).Answer(Frame([0], isMasked: false));

        Assert.Equal([(EventKind.PacketMalformed, Proof.Proven, WireRig.Stranger)], talk.Rig.Events);
    }

    [Fact]
    public void An_upgrade_that_was_refused_leaves_the_passwords_behind_it_in_sight()
    {
        const string Guess = "GET /ari/x HTTP/1.1\r\nAuthorization: Basic YXBwOndyb25nLXNlY3JldA==\r\n\r\n";
        const string Refused = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
        var talk = new Talk().Ask(Asked + Guess).Answer("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").Answer(Refused);

        talk.Ask(Guess).Answer(Refused);

        Assert.Equal([EventKind.PasswordRefused, EventKind.PasswordRefused], talk.Rig.Events.Select(seen => seen.Kind));
    }

    [Fact]
    public void No_frames_throw_and_what_is_kept_of_them_is_bounded()
    {
        var random = new Random(20_261_127);
        byte[][] samples = [.. Spellings().Select(row => row.Data.Item2), Frame(WireRig.Answer("a"), isMasked: false), .. Enumerable.Repeat(Frame(new byte[9_000], 1), 2)];
        var room = new byte[WebSocketFrames.RoomBytes];
        var frames = new WebSocketFrames(isAligned: true);
        var (messages, most) = (0, 0);
        byte[] kept = [];
        for (var input = 0; input < 60_000; input++)
        {
            if (input % 16 == 0 || kept.Length > 65_535)
            {
                frames = new WebSocketFrames(isAligned: input % 32 == 0);
                kept = [];
            }

            byte[] bytes = [.. kept, .. DoorSampleTests.Mutated(random, samples)];
            ReadOnlySpan<byte> rest = bytes;
            var taken = 0;
            while (frames.Take(ref rest, room) is { IsEmpty: false } message)
            {
                Assert.InRange(message.Length, 1, room.Length);
                // One that a ping cuts is given twice.
                Assert.InRange(++taken, 1, bytes.Length + 2);
            }

            kept = rest.ToArray();
            messages += taken;
            most = Math.Max(most, frames.HeldBytes);
        }

        Assert.True(messages > 10_000, $"{messages} messages");
        Assert.InRange(most, 1, 128 * 1024);
    }

    private static readonly byte[] Scan = Frames.Bytes("OPTIONS sip:a SIP/2.0\r\nCall-ID: a\r\nCSeq: 1 OPTIONS\r\nUser-Agent: friendly-scanner\r\nContent-Length: 0\r\n\r\n");

    private static byte[] Text(byte[] message) => Frame(message);

    private static byte[] Frame(byte[] message, byte first = 0x81, bool isMasked = true)
    {
        byte[] mask = [0x12, 0xf4, 0x0a, 0x99];
        var bit = isMasked ? 0x80 : 0;
        byte[] length = message.Length < 126 ? [(byte)(bit | message.Length)] : [(byte)(bit | 126), .. Frames.Two((ushort)message.Length)];
        return isMasked ? [first, .. length, .. mask, .. message.Select((value, at) => (byte)(value ^ mask[at % 4]))] : [first, .. length, .. message];
    }

    /// <summary>One connection to the PBX's HTTP server.</summary>
    private sealed class Talk
    {
        private uint _asked = 0xffff_ff00;
        private uint _answered = 1;

        public Talk(bool isSeenFromItsBeginning = true)
        {
            if (isSeenFromItsBeginning)
            {
                Rig.Sent(_asked - 1, [], flags: 2, port: 8088).Opened(_asked, port: 8088);
            }
        }

        public WireRig Rig { get; } = new();

        public int Cut { get; init; } = 100_000;

        public Talk Ask(string text) => Ask(Frames.Bytes(text));

        public Talk Ask(byte[] bytes)
        {
            foreach (var piece in bytes.Chunk(Cut))
            {
                Rig.See(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Tcp, Frames.Tcp(WireRig.Port, 8088, _asked, piece, _answered)));
                _asked += (uint)piece.Length;
            }

            return this;
        }

        public Talk Answer(string text) => Answer(Frames.Bytes(text));

        public Talk Answer(byte[] bytes)
        {
            foreach (var piece in bytes.Chunk(Cut))
            {
                Rig.See(Frames.IPv4(WireRig.Pbx, WireRig.Stranger, IpPacket.Tcp, Frames.Tcp(8088, WireRig.Port, _answered, piece, _asked)));
                _answered += (uint)piece.Length;
            }

            return this;
        }
    }
}
