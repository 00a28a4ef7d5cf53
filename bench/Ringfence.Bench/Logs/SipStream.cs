using System.Globalization;
using System.Text;

namespace Ringfence.Bench.Logs;

/// <summary>A SIP message over UDP, from the peer to the PBX or back.</summary>
internal readonly record struct SipDatagram(Peer Peer, bool IsRequest, byte[] Message);

/// <summary>What phones and guessers say to a PBX, and what it answers.</summary>
internal sealed class SipStream
{
    private int _calls;

    /// <summary>A phone that registers: request, challenge, request with credentials, 200.</summary>
    public IReadOnlyList<SipDatagram> Registration(Peer phone) => Exchange(phone, "200 OK");

    /// <summary>A guesser who proves his address: so many wrong passwords, each an answer to the challenge before.</summary>
    public IReadOnlyList<SipDatagram> Guesses(Peer guesser, int times) =>
        [.. Enumerable.Range(0, times).SelectMany(_ => Exchange(guesser, "401 Unauthorized"))];

    private IReadOnlyList<SipDatagram> Exchange(Peer peer, string end)
    {
        var call = string.Create(CultureInfo.InvariantCulture, $"{++_calls:x8}-{peer.Text.Length}-3c26700a1b2c");
        var nonce = string.Create(CultureInfo.InvariantCulture, $"1795219620/{_calls:x8}8fe292f93d66498e85b4d3a");
        var challenge = $"WWW-Authenticate: Digest realm=\"asterisk\",nonce=\"{nonce}\",opaque=\"136367ba55654bc2\",algorithm=MD5,qop=\"auth\"\r\n";
        var answer = $"Authorization: Digest username=\"1001\",realm=\"asterisk\",nonce=\"{nonce}\",uri=\"sip:pbx\",response=\"08a55e66a405d7702be74b780a4e389d\",algorithm=MD5,cnonce=\"0a4f113b\",nc=00000001,qop=auth\r\n";
        return
        [
            new(peer, true, Message("REGISTER sip:pbx SIP/2.0", call, 1, "")),
            new(peer, false, Message("SIP/2.0 401 Unauthorized", call, 1, challenge)),
            new(peer, true, Message("REGISTER sip:pbx SIP/2.0", call, 2, answer)),
            new(peer, false, Message($"SIP/2.0 {end}", call, 2, end.StartsWith('2') ? "" : challenge)),
        ];
    }

    private static byte[] Message(string start, string call, int sequence, string headers) =>
        Encoding.ASCII.GetBytes($"{start}\r\nVia: SIP/2.0/UDP 10.0.0.20:5060;rport;branch=z9hG4bK{call}{sequence}\r\nMax-Forwards: 70\r\nFrom: <sip:1001@pbx>;tag=2581341c9fd8\r\nTo: <sip:1001@pbx>\r\n"
        + $"Call-ID: {call}@10.0.0.20\r\nCSeq: {sequence} REGISTER\r\nUser-Agent: phone/4.2.1\r\nContact: <sip:1001@10.0.0.20:5060>\r\nExpires: 120\r\n{headers}Content-Length: 0\r\n\r\n");
}
