using System.Globalization;
using System.Text;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Ringfence.Core.Sip;

namespace Ringfence.Tests.Detection;

/// <summary>
/// One line of a rule's example that stands for a SIP request and the PBX's answer:
/// <c>sip 2026-11-20 12:00:00.000 UDP 198.51.100.7:5060 REGISTER 1001 401 auth agent=Yealink to=2000</c>. Status 0: no answer; auth: with an answer to the
/// challenge that the PBX sent to that address and port; invented: to one that it never sent; stale: the PBX says that its nonce was too old; maddr=192.0.2.1: the answer goes there;
/// again: in the call of the line before.
/// </summary>
internal sealed class SipLine
{
    private static readonly Endpoint Pbx = new(Address.Parse("10.99.0.1")!.Value, 5060);
    private readonly SipExchanges _exchanges = new(1, address => address == Pbx.Address);
    private long _number;
    private string _call = "";

    public Senders Senders => _exchanges.Senders;

    public void Read<TSink>(string line, ref TSink sink)
        where TSink : IEventSink, allows ref struct
    {
        var words = line.Split(' ');
        var time = DateTime.Parse($"{words[1]} {words[2]}", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
        var transport = Enum.Parse<Transport>(words[3], ignoreCase: true);
        var from = System.Net.IPEndPoint.Parse(words[4]);
        var source = new Endpoint(Address.From(from.Address), (ushort)from.Port);
        var (method, user, status) = (words[5], words[6], int.Parse(words[7], CultureInfo.InvariantCulture));
        var nonce = $"nonce of {source.Address}";
        var headers = Value(words, "agent=") is { } agent ? $"User-Agent: {agent}\r\n" : "";
        var to = Value(words, "to=") ?? user;
        if (method is "JUNK" or "STUN")
        {
            // No SIP; the text shows which line it was.
            var bytes = Encoding.UTF8.GetBytes($"0123456789 0123456789 sip:{user}@");
            _exchanges.See(method == "JUNK" ? bytes : [0, 1, 0, (byte)bytes.Length, 0x21, 0x12, 0xa4, 0x42, .. new byte[12], .. bytes], source, Pbx, transport, time.Ticks, ++_number, ref sink);
            return;
        }

        var call = _call;
        if (words.Contains("auth"))
        {
            _call = $"{_number}-asked";
            // What was asked before, unseen by the rules: an OPTIONS that is challenged like any phone's first request.
            var unseen = default(Unseen);
            See(Text("OPTIONS sip:10.99.0.1 SIP/2.0", "OPTIONS", user, "", ""), source, Pbx, transport, time, ref unseen);
            See(Text("SIP/2.0 401 Unauthorized", "OPTIONS", user, "", $"WWW-Authenticate: Digest nonce=\"{nonce}\"\r\n"), Pbx, source, transport, time, ref unseen);
            _number++;
            headers += $"Authorization: Digest username=\"{user}\",nonce=\"{nonce}\"\r\n";
        }

        if (words.Contains("invented"))
        {
            headers += $"Authorization: Digest username=\"{user}\",nonce=\"invented\"\r\n";
        }

        _call = words.Contains("again") ? call : $"{_number}";
        var uri = method == "INVITE" ? $"sip:{to}@10.99.0.1" : "sip:10.99.0.1";
        See(Text($"{method} {uri} SIP/2.0", method, user, to, headers), source, Pbx, transport, time, ref sink);
        if (status != 0)
        {
            var receiver = Value(words, "maddr=") is { } elsewhere ? new Endpoint(Address.Parse(elsewhere)!.Value, 5060) : source;
            var stale = words.Contains("stale") ? ",stale=true" : "";
            See(Text($"SIP/2.0 {status} Answer", method, user, to, status == 401 ? $"WWW-Authenticate: Digest nonce=\"{nonce}\"{stale}\r\n" : ""), Pbx, receiver, transport, time, ref sink);
        }

        _number++;
    }

    private static string? Value(string[] words, string name) => words.FirstOrDefault(word => word.StartsWith(name, StringComparison.Ordinal))?[name.Length..];

    private void See<TSink>(string message, Endpoint from, Endpoint to, Transport transport, DateTime time, ref TSink sink)
        where TSink : IEventSink, allows ref struct =>
        _exchanges.See(Encoding.UTF8.GetBytes(message), from, to, transport, time.Ticks, _number + 1, ref sink);

    private string Text(string start, string method, string from, string to, string headers) =>
        $"{start}\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK{_number}\r\nFrom: <sip:{from}@10.99.0.1>;tag=1\r\nTo: <sip:{to}@10.99.0.1>\r\nCall-ID: {_call}@example\r\nCSeq: 1 {method}\r\n{headers}\r\n";

    private readonly struct Unseen : IEventSink
    {
        public void See(in PbxEvent seen)
        {
        }

        public void Unmatched(ReadOnlySpan<byte> line, long lineNumber)
        {
        }
    }
}
