using System.Text;
using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Ringfence.Core.Sip;
using Ringfence.Core.Wire;
using Xunit;

namespace Ringfence.Tests.Wire;

/// <summary>Refused logins at the PBX's HTTP server, as Asterisk 22 answers them.</summary>
public sealed class HttpLoginTests
{
    private const string Server = "Server: Asterisk/22.10.1\r\nDate: Sat, 21 Nov 2026 11:46:26 GMT\r\nCache-Control: no-cache, no-store\r\n";
    private const string Refused = "HTTP/1.1 401 Unauthorized\r\n" + Server + "WWW-Authenticate: Basic realm=\"Asterisk REST Interface\"\r\nContent-type: application/json\r\nContent-Length: 37\r\n\r\n{\"message\":\"Authentication required\"}";
    private const string Fine = "HTTP/1.1 200 OK\r\n" + Server + "Content-type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    private const string ManagerRefused = "HTTP/1.1 200 OK\r\n" + Server + "Content-type: text/plain\r\nSet-Cookie: mansession_id=\"fee24bf9\"; Version=1; Max-Age=60\r\nPragma: SuppressEvents\r\nContent-Length: 51\r\n\r\nResponse: Error\r\nMessage: Authentication failed\r\n\r\n";

    private const string FormHead = "POST /ari/x HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n";

    // app:wrong-secret
    private const string Basic = "Authorization: Basic YXBwOndyb25nLXNlY3JldA==\r\n";

    [Theory]
    [InlineData("GET /ari/asterisk/info HTTP/1.1\r\nHost: x\r\n" + Basic + "\r\n", "GET /ari/asterisk/info: HTTP/1.1 401 Unauthorized")]
    [InlineData("GET /ari/asterisk/info HTTP/1.1\r\naUTHORIZATION : bASIC YXBwOndyb25nLXNlY3JldA==\r\n\r\n", "GET /ari/asterisk/info: HTTP/1.1 401 Unauthorized")]
    [InlineData("GET /ari/events?app=x&api_key=app:wrong-secret HTTP/1.1\r\nHost: x\r\n\r\n", "GET /ari/events: HTTP/1.1 401 Unauthorized")]
    [InlineData("GET /ari/events?%61pi%5fkey=app%3awrong-secret HTTP/1.1\r\nHost: x\r\n\r\n", "GET /ari/events: HTTP/1.1 401 Unauthorized")]
    [InlineData("POST /ari/channels HTTP/1.0\r\nContent-Length: 24\r\n\r\napi_key=app:wrong-secret", "POST /ari/channels: HTTP/1.1 401 Unauthorized")]
    [InlineData("api_key=app:wrong-secretGET /ari/channels HTTP/1.0\n\n", ": HTTP/1.1 401 Unauthorized")]
    public void A_wrong_password_of_the_ARI_is_told_and_the_password_is_not(string request, string record)
    {
        var seen = Assert.Single(new Visit().Ask(request).Answer(Refused).Events);

        Assert.Equal((EventKind.PasswordRefused, Service.Web, Proof.Proven, WireRig.Stranger), (seen.Kind, seen.Service, seen.Proof, seen.Source));
        Assert.Equal(("app", $"AccountID=\"app\" {record}"), (seen.Account, seen.Record));
        Assert.DoesNotContain("secret", seen.All, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET /ari/asterisk/info HTTP/1.1\r\n\r\n", Refused)]
    [InlineData("GET /ari/asterisk/info HTTP/1.1\r\nReferer: http://pbx:8088/?api_key=app:secret\r\n\r\n", Refused)]
    [InlineData("GET /ari/asterisk/info HTTP/1.1\r\n" + Basic + "\r\n", Fine)]
    [InlineData("GET /ari/asterisk/info HTTP/1.1\r\n" + Basic + "\r\n", "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("GET /arawman HTTP/1.1\r\nAuthorization: Digest username=\"app\"\r\n\r\n", "HTTP/1.1 401 Unauthorized\r\nWWW-authenticate: Digest nonce=\"1\", stale=true\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("GET /ari/x HTTP/1.1\r\n" + Basic + "\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 61\r\n\r\n{\"caller\":\"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n\"}")]
    public void No_password_a_right_one_or_an_old_nonce_is_no_refusal(string request, string answer) =>
        Assert.Empty(new Visit().Ask(request).Answer(answer).Events);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10_000)]
    public void A_wrong_password_in_a_chunked_form_is_told(int cut)
    {
        var visit = new Visit { Cut = cut }.Ask(FormHead + "Transfer-Encoding: chunked\r\n\r\n4\r\napi_\r\n14;x=y\r\nkey=app:wrong-secret\r\n0\r\nX: y\r\n\r\n").Answer(Refused);

        Assert.Equal("app", Assert.Single(visit.Events).Account);
        Assert.Equal(2, visit.Ask("GET /ari/x?api_key=a:b HTTP/1.1\r\n\r\n").Answer(Refused).Events.Count);
    }

    [Theory]
    [InlineData(700)]
    [InlineData(1_400)]
    [InlineData(10_000)]
    public void A_wrong_password_behind_nine_thousand_bytes_of_a_form_is_told(int cut)
    {
        var form = $"x={new string('A', 9_000)}&api_key=app:wrong-secret";

        Assert.Equal("app", Assert.Single(new Visit { Cut = cut }.Ask($"{FormHead}Content-Length: {form.Length}\r\n\r\n{form}").Answer(Refused).Events).Account);
    }

    [Theory]
    [InlineData("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n", "", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("GET /static/x HTTP/1.1\r\n\r\n", "", Fine)]
    [InlineData("POST /nothing HTTP/1.1\r\nContent-Length: 4\r\n\r\n", "abcd", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")]
    public void A_guess_begun_before_another_request_is_answered_is_told(string first, string body, string answer)
    {
        foreach (var guess in new[] { "GET /ari/x?api_key=app:wrong-secret HTTP/1.1\r\nHost: x\r\n", "GET /ari/x?api_key=app:wrong-secret\r\n", "GET /ari/x HTTP/1.1\r\n" + Basic })
        {
            var visit = body.Length > 0 ? new Visit().Ask(first).Answer(answer).Ask(body + guess) : new Visit().Ask(first + guess).Answer(answer);

            Assert.Empty(visit.Events);
            Assert.Single(visit.Ask("\r\n").Answer(Refused).Events);
        }
    }

    [Theory]
    [InlineData("GET /ari/x?API_KEY=app:wrong-secret HTTP/1.1\r\n\r\n")]
    [InlineData("GET /ari/x?api_key%00junk=app:wrong-secret HTTP/1.1\r\n\r\n")]
    [InlineData("referer: /ari/x?api_key=app:wrong-secret HTTP/1.1\r\n\r\n")]
    [InlineData(FormHead + "Content-Length: 33\r\n\r\nreferer:&api_key=app:wrong-secret\n")]
    [InlineData("POST /ari/x HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 12\r\nContent-Length: 99\r\n\r\n{\"a\":\"bcd\"}GET /ari/x?api_key=app:wrong-secret HTTP/1.1\r\n\r\n")]
    [InlineData(FormHead + "Transfer-Encoding: chunked\r\n\r\n100000014\r\napi_key=wrong-secret\r\n0\r\n\r\n")]
    public void Spelling_hides_no_wrong_password(string request) => Assert.NotEmpty(new Visit().Ask(request).Answer(Refused).Answer(Refused).Events);

    [Theory]
    [InlineData("GET /ari/x HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("POST /ari/x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\nf\r\n{\n\n\"a\":\"b&c=d\"}\r\n0\r\n\r\n")]
    [InlineData("POST /ari/x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\n\n\"a\":\"b&c=d\"}")]
    [InlineData(FormHead + "Content-Length: 7\r\n\r\na=b&c=d")]
    public void A_program_that_is_asked_for_its_password_each_time_and_gives_the_right_one_is_told_of_never(string request)
    {
        var withPassword = request.Insert(request.IndexOf('\n', StringComparison.Ordinal) + 1, Basic);
        var visit = new Visit();
        for (var i = 0; i < 50; i++)
        {
            visit.Ask(request).Answer(Refused).Ask(withPassword).Answer(Fine);
        }

        Assert.Empty(visit.Events);
    }

    [Theory]
    [InlineData("Sec-Fetch-Site: cross-site\r\n", true)]
    [InlineData("Origin: https://evil.example\r\n", true)]
    [InlineData("Origin: null\r\n", true)]
    [InlineData("Origin: http://pbx.example.com:8088\r\nSec-Fetch-Site: same-origin\r\n", false)]
    [InlineData("Sec-Fetch-Site: none\r\n", false)]
    [InlineData("", false)]
    public void What_a_page_from_elsewhere_makes_a_browser_send_is_told_apart(string headers, bool isTold)
    {
        var visit = new Visit().Ask($"GET /ari/x?api_key=a:b HTTP/1.1\r\nHost: PBX.example.com:8088\r\n{headers}\r\n").Answer(Refused);

        Assert.Equal(isTold ? EventKind.CrossSiteRefused : EventKind.PasswordRefused, Assert.Single(visit.Events).Kind);
    }

    [Theory]
    [InlineData("GET /rawman?action=login&username=app&secret=wrong-secret HTTP/1.1\r\n\r\n", ManagerRefused)]
    [InlineData("POST /mxml HTTP/1.1\r\nContent-Length: 46\r\n\r\naction=login&username=app&secret=wrong-secret", "HTTP/1.1 200 OK\r\nContent-Length: 142\r\n\r\n<ajax-response>\n<response type='object' id='unknown'><generic response='Error' message='Authentication failed' /></response>\n</ajax-response>\n  ")]
    public void A_wrong_secret_of_the_manager_is_told_by_the_body(string request, string answer)
    {
        var seen = Assert.Single(new Visit().Ask(request).Answer(answer).Events);

        Assert.Equal((EventKind.PasswordRefused, Service.Ami, "app"), (seen.Kind, seen.Service, seen.Account));
        Assert.EndsWith(": Authentication failed", seen.Record, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", seen.All, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_of_many_on_one_connection_counts_however_it_is_cut_and_asked()
    {
        const string Head = "HEAD /static/x HTTP/1.1\r\n\r\n";
        const string Guess = "GET /ari/x HTTP/1.1\r\n" + Basic + "\r\n";
        foreach (var size in new[] { 1, 7, 10_000 })
        {
            var visit = new Visit { Cut = size }.Ask(Head + Guess + Guess + "junk" + Guess).Answer("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n").Answer(Refused + Refused);

            Assert.Equal(3, visit.Answer(Refused).Events.Count);
        }
    }

    [Fact]
    public void Who_hangs_up_after_his_question_is_told_all_the_same() =>
        Assert.Single(new Visit().Ask("GET /ari/x HTTP/1.1\r\n" + Basic + "\r\n", flags: 1).Answer(Refused).Events);

    [Fact]
    public void What_comes_from_elsewhere_or_goes_elsewhere_is_nobodys_refusal()
    {
        var visit = new Visit();

        visit.Send(WireRig.Pbx, WireRig.Stranger, "GET /ari/x HTTP/1.1\r\n" + Basic + "\r\n", toServer: true).Send(WireRig.Stranger, WireRig.Pbx, Refused, toServer: false);

        Assert.Empty(visit.Events);
    }

    [Theory]
    [InlineData("HTTP/1.\r\n\r\n")]
    [InlineData("HTTP/1.1 40\r\n\r\n")]
    public void An_answer_whose_first_line_is_none_is_no_answer(string said)
    {
        Assert.Empty(new Visit().Ask("GET /ari/x HTTP/1.1\r\n" + Basic + "\r\n").Answer(said).Events);
        Assert.Single(new Visit().Ask("GET /ari/x HTTP/1.1\r\n" + Basic + "\r\n").Answer(said).Answer(Refused).Events);
    }

    [Fact]
    public void No_bytes_throw()
    {
        var random = new Random(20_261_124);
        string[] asked = ["GET /ari/x HTTP/1.1\r\n" + Basic + "\r\n", "GET /ari/x?api_key=a:b HTTP/1.1\r\n\r\n", "POST /rawman HTTP/1.1\r\n\r\naction=login&username=%61&secret=b"];
        string[] said = [Refused, Fine, ManagerRefused, "HTTP/1.1 101 Switching Protocols\r\n\r\n"];
        var visit = new Visit();
        for (var i = 0; i < 40_000; i++)
        {
            if (random.Next(200) == 0)
            {
                visit = new Visit { Cut = random.Next(1, 200) };
            }

            visit.Ask(Mutated(asked[random.Next(asked.Length)], random)).Answer(Mutated(said[random.Next(said.Length)], random));
        }
    }

    private static string Mutated(string text, Random random)
    {
        var characters = text.ToCharArray();
        for (var change = random.Next(4); change > 0; change--)
        {
            characters[random.Next(characters.Length)] = (char)random.Next(256);
        }

        return new string(characters)[..random.Next(characters.Length / 2, characters.Length + 1)];
    }

    private sealed record Told(EventKind Kind, Service Service, Proof Proof, string Source, string Account, string Record, string All);

    /// <summary>A connection to the PBX's HTTP server.</summary>
    private sealed class Visit : IEventSink
    {
        private readonly WireTap _tap = new(new SipExchanges(7, address => address == Address.Parse(WireRig.Pbx)), new WirePorts([5060], [8088]));
        private uint _asked = 1_000;
        private uint _said = 9_000;

        public int Cut { get; init; } = 10_000;

        public List<Told> Events { get; } = [];

        public Visit Ask(string text, byte flags = 0) => Send(WireRig.Stranger, WireRig.Pbx, text, toServer: true, flags);

        public Visit Answer(string text) => Send(WireRig.Pbx, WireRig.Stranger, text, toServer: false);

        public Visit Send(string from, string to, string text, bool toServer, byte flags = 0)
        {
            foreach (var part in text.Chunk(Cut))
            {
                ref var sequence = ref toServer ? ref _asked : ref _said;
                var ports = toServer ? (From: WireRig.Port, To: (ushort)8088) : (From: (ushort)8088, To: WireRig.Port);
                var self = this;
                _tap.See(Frames.IPv4(from, to, IpPacket.Tcp, Frames.Tcp(ports.From, ports.To, sequence, Frames.Bytes(new string(part)), toServer ? _said : _asked, flags)), LinkType.RawIp, 1, ref self);
                sequence += (uint)part.Length + (flags & 1u);
            }

            return this;
        }

        void IEventSink.See(in PbxEvent seen) => Events.Add(new Told(
            seen.Kind, seen.Service, seen.Proof, seen.Source.ToString(), Encoding.Latin1.GetString(seen.Account), Encoding.Latin1.GetString(seen.Record),
            Encoding.Latin1.GetString([.. seen.Account, .. seen.Session, .. seen.Detail, .. seen.UserAgent, .. seen.Record])));

        void IEventSink.Unmatched(ReadOnlySpan<byte> line, long lineNumber)
        {
        }
    }
}
