using System.Text;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Ringfence.Core.Sip;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>Guesses and logins written in every way that pjsip might read otherwise than we do, sent to a real Asterisk: what it answers is what we tell.</summary>
public sealed class CredentialReadingTests : IClassFixture<AsteriskLab>
{
    private const string User = "1001";

    // An answer takes under a millisecond; what is dropped is waited for in vain.
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(150);

    private static readonly string[] Parameters =
    [
        "x=\"a\rb\"", "x=\"\r\r\"", "x=\"\rnonce=\"", "x=\"\rAuthorization: Digest nonce=\"", "x=\"a\nb\"", "x=\"a\r\nb\"", "x=\"a\r\n b\"", "x=\"a\r b\"", "x=\"a\0b\"", "x=\"\\\"\"", "x=\"\\\\\"",
        "x=\"\\\r\"", "x=\"\\\n\"", "x=\"a", "x=\" nonce=\"", "x", "x=", "x = y", "X\r\n =\r\n\t\"y\"", "x\r=y", "", "nonce=\"a\"", "username=\"1002\"", "x=\"&Call-ID: 1\"", "x=[", "x=\"(\"", "x=\u0080",
    ];

    private static readonly (string Old, string New)[] Spellings =
    [
        ("Digest ", "dIGEST\t"), ("Digest ", "\"Digest\""), ("Digest ", "Digest\r\n "), ("Digest ", "Digest\r "), ("Digest ", "Digest\r\n \r\n "), ("nonce=", "NONCE = "), ("nonce=", "nonce\r\n =\n "),
        ("nonce=", "nonce=\r\n"), ("username=\"1001\"", "username=1001"), ("=\"", " = \""), (",", " , "),
    ];

    // What stands before the credentials, or instead of a header.
    private static readonly (string Old, string New)[] Decoys =
    [
        ("From: ", "From: \"\r\r\" "), ("From: ", "From: \"\rCall-ID: 1\rCSeq: 9 X\r\" "), ("From: ", "From: \"\\\"\r\r\" "), ("To: ", "To: \"\rWWW-Authenticate: Digest stale=true\r\" "), ("To: ", "To: a\r\r "),
        (";rport", ";rport (\r\n\r\n)"), (";rport", ";rport;x=\"\r\r\""), (";rport", ";rport;x=["), (";rport", ";rport (\"\r\nCall-ID: 1)"), ("Max-Forwards: 70\r\n", "Max-Forwards: 70&"),
        ("Max-Forwards: 70\r\n", "Max-Forwards: 70&Contact: \"\r\r\" <sip:a@b>\r\n"), ("Authorization: ", "aUTHORIZATION\r\n : "), ("Authorization: ", "Authorization: Digest realm=\"z\",nonce=\"\r\"\r\nXx: \"\rAuthorization: "),
        ("Authorization: ", "Authorization: Digest realm=z&Authorization: "), ("Authorization: ", "Proxy-Authorization: Digest username=\"\r\"\r\nAuthorization: "), ("User-Agent: ", "Xx: \"\rUser-Agent: "),
        ("User-Agent: ", "Content-Type: a/b;c=\"\r\r\"\r\nUser-Agent: "), ("User-Agent: ", "Route: <sip:[\r\n\r\n];lr>\r\nUser-Agent: "), ("User-Agent: ", "Record-Route: \"\r\r\" <sip:a;lr>\r\nUser-Agent: "),
        ("<sip:1001@10.81.0.1>;tag", "<sip:1001@[x\r\nCSeq: 9 X\r\n\r\n]>;tag"), ("To: <sip:1001@10.81.0.1>", "To: <sip:1001@[\r\n\r\n]>"), ("To: <sip:1001@10.81.0.1>", "To: a [b\t<sip:1001@10.81.0.1>;c=\"[\""),
        ("User-Agent: ", "Replaces: a\r\nCall-ID: 1\r\nX: b;c\r\nUser-Agent: "), ("Contact: <", "Contact: <sip:a@b;x=\"\rCall-ID: 1\r\">,<"), ("User-Agent: ", "Route: <\r\n sip:[\r\nCall-ID: 1\r\n];lr>\r\nUser-Agent: "),
        ("User-Agent: ", "Route: <sip:a;x=\"\rCall-ID: 1\r\";lr>\r\nUser-Agent: "), ("User-Agent: ", "Content-Type: a\"b\rUser-Agent: \""), ("User-Agent: ", "Content-Type: a\rb\r\nUser-Agent: "),
        ("User-Agent: ", "Retry-After: 1 (\rCall-ID: 1\r)\r\nUser-Agent: "), ("User-Agent: ", "Retry-After: 1 (\\)\rCall-ID: 1\r)\r\nUser-Agent: "), ("UDP ", "UDP [;x=\"]:5060;y=\""),
        ("UDP ", "UDP [x\r\n\r\n]:5060;x="), ("UDP ", "UDP [x:\rCall-ID: 1\r\r]:5060;x="),
    ];

    private readonly AsteriskLab _lab;

    public CredentialReadingTests(AsteriskLab lab)
    {
        lab.Require();
        _lab = lab;
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Credentials_are_read_as_Asterisk_reads_them()
    {
        using var phone = _lab.PhoneAt(AsteriskLab.Phone(31), SipTransport.Udp);
        var random = new Random(20_261_122);
        var (granted, refused, dropped) = (0, 0, 0);

        // Each by itself, and then together.
        var single = Parameters.Length + Spellings.Length + Decoys.Length;
        for (var round = 0; round < single + 150; round++)
        {
            var number = round;
            string[] before = round < Parameters.Length ? [Parameters[round]] : round < single ? [] : [.. Enumerable.Range(0, random.Next(3)).Select(_ => Parameters[random.Next(Parameters.Length)])];
            (string, string)[] changes = round < Parameters.Length ? [] : round < single ? [Spellings.Concat(Decoys).ElementAt(number - Parameters.Length)]
                : [.. Spellings.OrderBy(_ => random.Next()).Take(random.Next(2)), .. Decoys.OrderBy(_ => random.Next()).Take(random.Next(3))];

            // Where the right password is refused, other words were read than those that were written, and nobody owes a proof.
            var isRead = false;
            foreach (var isRight in (bool[])[true, false])
            {
                var (answer, told) = await TryAsync(phone, before, changes, isRight);
                var what = $"{Show(string.Join(',', before))} {Show(string.Join(' ', changes))} {isRight}: {answer?.Status} told as {string.Join(' ', told)}";
                if (answer is null)
                {
                    dropped++;
                    Assert.DoesNotContain(told, one => one.Kind is EventKind.LoginSucceeded or EventKind.PasswordRefused);
                    continue;
                }

                Assert.True(answer.Status is 200 or 401, what);
                isRead |= answer.Status == 200;
                var kind = answer.Status == 200 ? EventKind.LoginSucceeded : EventKind.PasswordRefused;
                Assert.True(told.Any(one => (one.Kind == kind || one.Kind == EventKind.Injection) && (!isRead || one.Proof == Proof.Proven)), what);
                granted += answer.Status == 200 ? 1 : 0;
                refused += answer.Status == 401 ? 1 : 0;
            }
        }

        // Enough of each that it is a comparison.
        Assert.True(granted > 60 && refused > 60 && dropped > 30, $"{granted} {refused} {dropped}");
    }

    private static string Show(string text) => text.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    // A challenge, and the answer to it, as HEP tells both.
    private static async Task<(SipAnswer? Answer, IReadOnlyList<(EventKind Kind, Proof Proof)> Told)> TryAsync(SipClient phone, string[] before, (string Old, string New)[] changes, bool isRight)
    {
        var told = new Told();
        var request = new SipRequest("REGISTER", User) { CallId = SipRequest.Fresh() };
        var challenge = await AskAsync(phone, Text(request, phone), told, SipClient.Patience) ?? throw new TimeoutException("no challenge");
        var credentials = Digest.Answer(challenge, "REGISTER", request.RequestUri(phone.Host), User, isRight ? AsteriskLab.PasswordOf(User) : "guess");
        credentials = before.Length == 0 ? credentials : credentials.Replace("Digest ", $"Digest {string.Join(',', before)},", StringComparison.Ordinal);
        var text = Text(request with { Sequence = 2, Branch = "z9hG4bK" + SipRequest.Fresh(), Authorization = credentials }, phone);
        foreach (var (old, written) in changes)
        {
            text = text.Replace(old, written, StringComparison.Ordinal);
        }

        told.Events.Clear();
        return (await AskAsync(phone, text, told, Soon), told.Events);
    }

    private static string Text(SipRequest request, SipClient phone) => Encoding.Latin1.GetString(request.ToBytes(phone.Host, phone.Local, SipTransport.Udp));

    private static async Task<SipAnswer?> AskAsync(SipClient phone, string text, Told told, TimeSpan limit)
    {
        var (here, pbx) = (At(phone.Local), At($"{phone.Host}:5060"));
        told.See(Encoding.Latin1.GetBytes(text), here, pbx);
        var answer = await phone.AskAsync(Encoding.Latin1.GetBytes(text), Stop, limit);
        if (answer is not null)
        {
            told.See(Encoding.Latin1.GetBytes(answer.Text), pbx, here);
        }

        return answer;
    }

    private static Endpoint At(string text) => System.Net.IPEndPoint.Parse(text) is var end ? new(Address.Parse(end.Address.ToString())!.Value, (ushort)end.Port) : default;

    private sealed class Told : IEventSink
    {
        private readonly SipExchanges _exchanges = new(0x1234_5678_9abc_def0, address => address == Address.Parse(AsteriskLab.Office));
        private long _number;

        public List<(EventKind Kind, Proof Proof)> Events { get; } = [];

        public void See(byte[] message, Endpoint from, Endpoint to)
        {
            var self = this;
            _exchanges.See(message, from, to, Transport.Udp, TimeProvider.System.GetUtcNow().Ticks, ++_number, ref self);
        }

        void IEventSink.See(in PbxEvent seen) => Events.Add((seen.Kind, seen.Proof));

        void IEventSink.Unmatched(ReadOnlySpan<byte> line, long lineNumber)
        {
        }
    }
}
