using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Ringfence.Core.Sip;
using Ringfence.Core.Wire;

namespace Ringfence.Tests.Wire;

/// <summary>A tap at a PBX, and a stranger who talks to it.</summary>
internal sealed class WireRig : IEventSink
{
    public const string Pbx = "10.80.0.1";
    public const string Stranger = "198.51.100.7";
    public const ushort Port = 40_000;

    private long _ticks = new DateTime(2026, 11, 20, 12, 0, 0, DateTimeKind.Utc).Ticks;

    public WireRig() => Tap = new WireTap(new SipExchanges(7, address => address == Address.Parse(Pbx) || address == Address.Parse("2001:db8:80::1")), new WirePorts([5060, 5061], [8088], [5038]));

    public WireTap Tap { get; }

    /// <summary>The Call-IDs of the refused guesses, in their order.</summary>
    public List<string> Refused { get; } = [];

    public List<(EventKind Kind, Proof Proof, string Source)> Events { get; } = [];

    public static byte[] Guess(string call, string body = "", string headers = "") => Frames.Bytes(
        $"REGISTER sip:{Pbx} SIP/2.0\r\nVia: SIP/2.0/UDP {Stranger}:{Port};rport;branch=z9hG4bK-{call}\r\nFrom: <sip:1001@{Pbx}>;tag=1\r\nTo: <sip:1001@{Pbx}>\r\nCall-ID: {call}\r\n"
        + $"CSeq: 7 REGISTER\r\nAuthorization: Digest username=\"1001\", realm=\"asterisk\", nonce=\"1/a\", uri=\"sip:{Pbx}\", response=\"0\"\r\n{headers}Content-Length: {body.Length}\r\n\r\n{body}");

    public static byte[] Answer(string call) => Frames.Bytes(
        $"SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP {Stranger}:{Port};rport={Port};received={Stranger};branch=z9hG4bK-{call}\r\nCall-ID: {call}\r\nFrom: <sip:1001@{Pbx}>;tag=1\r\n"
        + $"To: <sip:1001@{Pbx}>;tag=2\r\nCSeq: 7 REGISTER\r\nWWW-Authenticate: Digest realm=\"asterisk\",nonce=\"n-{call}\"\r\nContent-Length: 0\r\n\r\n");

    public WireRig See(byte[] frame, LinkType link = LinkType.RawIp, FrameDirection direction = FrameDirection.Unknown, TimeSpan after = default, ChecksumState checksum = ChecksumState.Unseen)
    {
        var self = this;
        _ticks += after.Ticks + 10;
        Tap.See(frame, link, direction, checksum, _ticks, ref self);
        return this;
    }

    /// <summary>The PBX refuses.</summary>
    public WireRig Refuse(params string[] calls)
    {
        foreach (var call in calls)
        {
            See(Frames.IPv4(Pbx, Stranger, IpPacket.Udp, Frames.Udp(5060, Port, Answer(call))));
        }

        return this;
    }

    /// <summary>A segment from the stranger.</summary>
    public WireRig Sent(uint sequence, byte[] payload, byte flags = 0, ushort port = 5060) =>
        See(Frames.IPv4(Stranger, Pbx, IpPacket.Tcp, Frames.Tcp(Port, port, sequence, payload, 1, flags)));

    /// <summary>The PBX takes a connection whose first byte has this number.</summary>
    /// <param name="told">The number of the PBX's first byte; 1 is what <see cref="Sent"/> says back.</param>
    public WireRig Opened(uint sequence, uint told = 1, ushort port = 5060) =>
        See(Frames.IPv4(Pbx, Stranger, IpPacket.Tcp, Frames.Tcp(port, Port, told - 1, [], sequence, 2)));

    /// <summary>The PBX has everything before this number.</summary>
    public WireRig Acknowledged(uint sequence, byte flags = 0, ushort port = 5060) =>
        See(Frames.IPv4(Pbx, Stranger, IpPacket.Tcp, Frames.Tcp(port, Port, 1, [], sequence, flags)));

    void IEventSink.See(in PbxEvent seen)
    {
        if (seen.Kind == EventKind.ChallengeAnswered)
        {
            // What became of it is told by the answer.
            return;
        }

        Events.Add((seen.Kind, seen.Proof, seen.Source.ToString()));
        if (seen.Kind == EventKind.PasswordRefused)
        {
            Refused.Add(System.Text.Encoding.Latin1.GetString(seen.Session));
        }
    }

    void IEventSink.Unmatched(ReadOnlySpan<byte> line, long lineNumber)
    {
    }
}
