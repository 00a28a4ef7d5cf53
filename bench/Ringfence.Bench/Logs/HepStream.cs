using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Ringfence.Core.Events;

namespace Ringfence.Bench.Logs;

/// <summary>Datagrams of HEPv3 as Asterisk's res_hep_pjsip sends them, but for the time, which the receiver then takes from its clock: requests that came
/// over UDP, and the answers to them.</summary>
internal sealed class HepStream(string password)
{
    private const ushort SipPort = 5060;
    private const uint Pbx = (127u << 24) | 1;

    private int _calls;

    /// <summary>A phone that registers: request, challenge, request with credentials, 200.</summary>
    public IReadOnlyList<byte[]> Registration(Peer phone) => Exchange(phone, "200 OK");

    /// <summary>A guesser who proves his address: so many wrong passwords, each an answer to the challenge before.</summary>
    public IReadOnlyList<byte[]> Guesses(Peer guesser, int times) =>
        [.. Enumerable.Range(0, times).SelectMany(_ => Exchange(guesser, "401 Unauthorized"))];

    private IReadOnlyList<byte[]> Exchange(Peer peer, string end)
    {
        var call = string.Create(CultureInfo.InvariantCulture, $"{++_calls:x8}-{peer.Text.Length}-3c26700a1b2c");
        var nonce = string.Create(CultureInfo.InvariantCulture, $"1795219620/{_calls:x8}8fe292f93d66498e85b4d3a");
        var challenge = $"WWW-Authenticate: Digest realm=\"asterisk\",nonce=\"{nonce}\",opaque=\"136367ba55654bc2\",algorithm=MD5,qop=\"auth\"\r\n";
        var answer = $"Authorization: Digest username=\"1001\",realm=\"asterisk\",nonce=\"{nonce}\",uri=\"sip:pbx\",response=\"08a55e66a405d7702be74b780a4e389d\",algorithm=MD5,cnonce=\"0a4f113b\",nc=00000001,qop=auth\r\n";
        return
        [
            Packet(peer, isRequest: true, Message("REGISTER sip:pbx SIP/2.0", call, 1, "")),
            Packet(peer, isRequest: false, Message("SIP/2.0 401 Unauthorized", call, 1, challenge)),
            Packet(peer, isRequest: true, Message("REGISTER sip:pbx SIP/2.0", call, 2, answer)),
            Packet(peer, isRequest: false, Message($"SIP/2.0 {end}", call, 2, end.StartsWith('2') ? "" : challenge)),
        ];
    }

    private static string Message(string start, string call, int sequence, string headers) =>
        $"{start}\r\nVia: SIP/2.0/UDP 10.0.0.20:5060;rport;branch=z9hG4bK{call}{sequence}\r\nMax-Forwards: 70\r\nFrom: <sip:1001@pbx>;tag=2581341c9fd8\r\nTo: <sip:1001@pbx>\r\n"
        + $"Call-ID: {call}@10.0.0.20\r\nCSeq: {sequence} REGISTER\r\nUser-Agent: phone/4.2.1\r\nContact: <sip:1001@10.0.0.20:5060>\r\nExpires: 120\r\n{headers}Content-Length: 0\r\n\r\n";

    private byte[] Packet(Peer peer, bool isRequest, string message)
    {
        var far = Address.Parse(peer.Text)!.Value.IPv4Bits;
        byte[] chunks =
        [
            .. Chunk(1, [2]), .. Chunk(2, [17]), .. Chunk(3, Four(isRequest ? far : Pbx)), .. Chunk(4, Four(isRequest ? Pbx : far)),
            .. Chunk(7, Two(SipPort)), .. Chunk(8, Two(SipPort)),
            .. Chunk(11, [1]), .. Chunk(12, Four(1)), .. Chunk(14, Encoding.UTF8.GetBytes(password)), .. Chunk(15, Encoding.ASCII.GetBytes(message)),
        ];
        return [.. "HEP3"u8, .. Two((ushort)(chunks.Length + 6)), .. chunks];
    }

    private static byte[] Chunk(ushort type, byte[] value) => [0, 0, .. Two(type), .. Two((ushort)(value.Length + 6)), .. value];

    private static byte[] Two(ushort number)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, number);
        return bytes;
    }

    private static byte[] Four(uint number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return bytes;
    }
}
