using System.Text;
using Ringfence.Bench.Logs;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Ringfence.Core.Pbx;
using Ringfence.Core.Sip;
using Ringfence.Core.Wire;

namespace Ringfence.Bench.Fuzzing;

/// <summary>Every parser of bytes that somebody else wrote. A new one is one more line.</summary>
internal static class FuzzTargets
{
    private static readonly Endpoint Pbx = new(Address.Parse("10.80.0.1")!.Value, 5060);
    private static readonly Endpoint Stranger = new(Address.Parse("198.51.100.7")!.Value, 40_000);
    private static readonly SipExchanges Exchanges = new(7, address => address == Pbx.Address);
    private static readonly WireTap Tap = new(new SipExchanges(7, address => address == Pbx.Address), new WirePorts([5060, 5061]));
    private static readonly LogDate Date = new(TimeZoneInfo.Utc) { Reference = new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero) };
    private static readonly AmiParser Ami = new();
    private static readonly byte[] Scratch = new byte[64 * 1024];
    private static readonly byte[][] Modules =
        [.. new[] { "res_pjsip/pjsip_distributor.c", "res_pjsip_session.c", "res_pjsip_acl.c", "manager.c", "chan_sip.c", "chan_iax2.c", "pjproject" }.Select(Encoding.ASCII.GetBytes)];

    private static readonly string[] Contacts =
    [
        "/registrar/contact/1001;@4cd4f2890066a12cb2ff7438d67f136d: {\"via_addr\":\"198.51.100.1\",\"call_id\":\"b40eb9e2\",\"path\":\"\",\"endpoint\":\"1001\",\"via_port\":\"5060\",\"uri\":\"sip:1001@203.0.113.77:5060\",\"user_agent\":\"\",\"expiration_time\":\"1795225717\"}\n1 results found.\n",
        "/registrar/contact/2001;@219b11621b5e45d2440ce437b887b264        : {\"via_addr\":\"[2001:db8::7]\",\"call_id\":\"a\\u0001\\nb\",\"endpoint\":\"2001\",\"uri\":\"sips:2001@[2001:db8::7]:54688;transport=tls;x-ast-orig-host=203.0.113.88:5060\",\"expiration_time\":\"1795225717\"}\n",
    ];

    private const string Sockets =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   0: 0100007F:0019 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0\n"
        + "   1: 0000000000000000FFFF00000700A8C0:0016 0000000000000000FFFF00000800A8C0:C350 01 00000000:00000000 02:0006 00000000 0 0 2 4 0 20 4 30 10 -1\n";

    private static uint _sequence;
    private static long _ticks = DateTime.UnixEpoch.Ticks;
    private static Nobody _nobody;

    public static readonly IReadOnlyList<FuzzTarget> All =
    [
        new("sip", corpus => corpus.Messages, input => Ignore(SipMessage.Parse(input).IsValid)),
        new("exchange", corpus => corpus.Messages, Exchange),
        new("hep", _ => [.. new SipStream().Guesses(Peer.At(0xc633_6407, 0), 3).Select(new HepPackets("test-password").Of)], input => Ignore(HepPacket.Parse(input).IsValid)),
        new("frame", corpus => corpus.Packets, input => Tap.See(input, LinkType.RawIp, FrameDirection.Out, ChecksumState.Vouched, ++_ticks, ref _nobody)),
        new("stream", corpus => corpus.Messages, Stream),
        new("pcap", corpus => corpus.CaptureHeads, Capture),
        new("pcapng", _ => [PcapNg()], Capture),
        new("log", corpus => corpus.Logs, input => new LogParser(TimeZoneInfo.Utc).Parse(input, endOfFile: true, ref _nobody)),
        new("line", corpus => corpus.Lines, input => Ignore(LineHeader.ReadSecurity(input, LineHeader.Read(input).Date.Length).MessageStart >= 0)),
        new("security", corpus => corpus.Texts, input => Ignore(SecurityRecord.Read(input).Kind == EventKind.None && SecurityRecord.PjsipAccountStart(input) >= 0)),
        new("notice", corpus => corpus.Texts, Notice),
        new("json", corpus => corpus.Lines, input => Ignore(JsonLine.Read(input, Scratch).Message.IsEmpty)),
        new("ami", corpus => corpus.ManagerEvents, Manager),
        new("date", corpus => corpus.Lines, input => Ignore(Date.Read(input[..Math.Min(40, input.Length)]) is null)),
        new("address", _ => [.. new[] { "198.51.100.7", "2001:db8:1:2:3:4:5:6", "::ffff:198.51.100.7" }.Select(Encoding.ASCII.GetBytes)], input => Ignore(Address.Parse(input) is null)),
        new("contacts", _ => [.. Contacts.Select(Encoding.ASCII.GetBytes)], input => Ignore(PjsipContacts.Parse(input).Count == 0)),
        new("sockets", _ => [Encoding.ASCII.GetBytes(Sockets)], input => Ignore(ProcNetTcp.Parse(input, littleEndian: true).Count == 0)),
        .. HttpTargets.All,
        .. DoorTargets.All,
        .. BlockTargets.All,
        .. StateTargets.All,
        .. GeoTargets.All,
        .. KnockTargets.All,
        .. FingerprintTargets.All,
        .. CallTargets.All,
        new("conf", corpus => corpus.Logs, input => Ignore(AsteriskFile.Parse("fuzz.conf", input.ToArray()).Name.Length == 0)),
    ];

    private static void Exchange(ReadOnlySpan<byte> input)
    {
        var isAnswer = input.StartsWith("SIP"u8);
        Exchanges.See(input, isAnswer ? Pbx : Stranger, isAnswer ? Stranger : Pbx, Transport.Udp, ++_ticks, 1, ref _nobody);
    }

    // The damaged message as the next segment of a stream, whose bytes the PBX has.
    private static void Stream(ReadOnlySpan<byte> input)
    {
        Span<byte> packet = stackalloc byte[40 + 8_704];
        packet[0] = 0x45;
        packet[9] = IpPacket.Tcp;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)(40 + input.Length));
        Stranger.Address.CopyTo(packet.Slice(12, 4));
        Pbx.Address.CopyTo(packet.Slice(16, 4));
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(packet[20..], (ushort)(40_000 + (_ticks & 0xfff)));
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(packet[22..], 5060);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(packet[24..], _sequence);
        packet[32] = 0x50;
        packet[33] = 0x10;
        input.CopyTo(packet[40..]);
        _sequence += (uint)input.Length;
        Tap.See(packet[..(40 + input.Length)], LinkType.RawIp, FrameDirection.Out, ChecksumState.Vouched, _ticks, ref _nobody);
        Acknowledge(packet[..40]);
        if ((_sequence & 0x3f) == 0)
        {
            _ticks++;
        }
    }

    // What nobody acknowledges is not read.
    private static void Acknowledge(Span<byte> packet)
    {
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(packet[2..], 40);
        Pbx.Address.CopyTo(packet.Slice(12, 4));
        Stranger.Address.CopyTo(packet.Slice(16, 4));
        packet[22..24].CopyTo(packet[36..38]);
        packet[20..22].CopyTo(packet[22..24]);
        packet[36..38].CopyTo(packet[20..22]);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(packet[28..], _sequence);
        Tap.See(packet, LinkType.RawIp, FrameDirection.Out, ChecksumState.Vouched, _ticks, ref _nobody);
    }

    private static void Capture(ReadOnlySpan<byte> input)
    {
        var file = new CaptureFile();
        while (file.Next(ref input) is { IsPacket: true } packet)
        {
            // As if each went out: the checksums would keep what is damaged from the parsers.
            Tap.See(packet.Frame, packet.Link, FrameDirection.Out, ChecksumState.Vouched, packet.TimeTicks, ref _nobody);
        }

        file.End(input.Length);
    }

    private static void Manager(ReadOnlySpan<byte> input)
    {
        Ignore(AmiFrame.LengthOf(input) > 0 && AmiAnswer.IsSuccess(input));
        Ami.Read(input, ref _nobody);
    }

    private static void Notice(ReadOnlySpan<byte> input)
    {
        foreach (var module in Modules)
        {
            Ignore(NoticeRecord.Read(module, input).Kind == EventKind.None);
            Ignore(NoticeRecord.Read(module, input, escaped: true).Kind == EventKind.None);
        }
    }

    private static byte[] PcapNg() =>
    [
        0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, .. Enumerable.Repeat((byte)0xff, 8), 28, 0, 0, 0,
        1, 0, 0, 0, 44, 0, 0, 0, 101, 0, 0, 0, 0, 0, 4, 0, 9, 0, 1, 0, 9, 0, 0, 0, 14, 0, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 44, 0, 0, 0,
        6, 0, 0, 0, 72, 0, 0, 0, 0, 0, 0, 0, 0xaa, 0x17, 0x17, 0, 1, 2, 3, 4, 28, 0, 0, 0, 28, 0, 0, 0,
        0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 198, 51, 100, 7, 10, 80, 0, 1, 0x9c, 0x40, 0x13, 0xc4, 0, 8, 0, 0, 2, 0, 4, 0, 2, 0, 0, 0, 0, 0, 0, 0, 72, 0, 0, 0,
        3, 0, 0, 0, 20, 0, 0, 0, 4, 0, 0, 0, 0x45, 0, 0, 4, 20, 0, 0, 0,
    ];

    // What a parser says is nothing to the fuzzer; it must be looked at, or it would not be worked out.
    public static void Ignore(bool said) => _ticks += said ? 1 : 0;

    private struct Nobody : IEventSink
    {
        public readonly void See(in PbxEvent seen) => Ignore(seen.Kind == EventKind.None);

        public readonly void Unmatched(ReadOnlySpan<byte> line, long lineNumber)
        {
        }
    }
}
