using System.Text;
using Ringfence.Core.Events;
using Ringfence.Core.Sip;
using Ringfence.Core.Wire;
using Ringfence.Tests.Parsing;
using Xunit;

namespace Ringfence.Tests.Wire;

/// <summary>No bytes to or from the PBX's HTTP server throw, and what is kept of them stays short. Seeded: a failure comes again. bench/fuzz runs the same for longer.</summary>
public sealed class HttpFuzzTests
{
    private const int Inputs = 60_000;

    private static readonly byte[][] Asked = Bytes(
        "GET /ari/asterisk/info HTTP/1.1\r\nHost: x\r\nAuthorization: Basic YXBwOndyb25nLXNlY3JldA==\r\n\r\n",
        "GET /ari/events?app=x&%61pi%5fkey=app%3awrong-secret HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /rawman HTTP/1.1\r\nContent-Length: 46\r\n\r\naction=login&username=%61pp&secret=wrong-secret",
        "POST /ari/x HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n4\r\napi_\r\n14\r\nkey=app:wrong-secret\r\n0\r\n\r\n",
        "GET /ari/x?api_key=a:b HTTP/1.1\r\nHost: x\r\nOrigin: http://y\r\nSec-Fetch-Site: cross-site\r\n\r\n",
        "GET /arawman HTTP/1.1\r\nAuthorization: Digest username=\"app\", nonce=\"1\"\r\n\r\n");

    private static readonly byte[][] Said = Bytes(
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 5\r\n\r\n{\"a\"}",
        "HTTP/1.1 200 OK\r\nContent-Length: 51\r\n\r\nResponse: Error\r\nMessage: Authentication failed\r\n\r\n",
        "HTTP/1.1 401 Unauthorized\r\nWWW-authenticate: Digest nonce=\"1\", stale=true\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\n\r\nwithout a length");

    private static readonly Flow Visit = new(new Endpoint(Address.Parse(WireRig.Stranger)!.Value, 40_000), new Endpoint(Address.Parse(WireRig.Pbx)!.Value, 8088));

    [Fact]
    public void No_request_throws_and_what_is_kept_of_it_is_short()
    {
        var random = new Random(20_261_125);
        var requests = new HttpRequests();
        var counted = 0;
        for (var input = 0; input < Inputs; input++)
        {
            requests = input % 16 == 0 ? new HttpRequests() : requests;
            var bytes = DoorSampleTests.Mutated(random, Asked);

            var rest = requests.Read(bytes);

            Assert.InRange(rest.Length, 0, 4_096);
            counted += requests.Pending;
            Assert.InRange(requests.HeldBytes, 0, 32_768);
            if (requests.Settle() is { } asked)
            {
                Assert.InRange(asked.Account.Length, 0, 64);
                Assert.InRange(asked.Text.Length, 0, 208);
            }
        }

        Assert.True(counted > Inputs / 10);
    }

    [Fact]
    public void No_answer_throws_and_each_ends_within_what_came()
    {
        var random = new Random(20_261_126);
        var refused = 0;
        for (var input = 0; input < Inputs; input++)
        {
            var requests = new HttpRequests();
            requests.Read(DoorSampleTests.Mutated(random, Asked));
            var answers = new HttpAnswers();
            var bytes = DoorSampleTests.Mutated(random, Said);
            ReadOnlySpan<byte> rest = bytes;

            var taken = 0;
            while (answers.Take(ref rest) is { Status: > 0 } answer)
            {
                // Each takes a status line at least, or one stream could be read for ever.
                Assert.InRange(++taken, 1, bytes.Length);
                Assert.InRange(answer.Head.Length + answer.Body.Length, 16, bytes.Length);
                refused += HttpLogins.Judge(answer, requests, Visit, 1, 1).Kind == EventKind.PasswordRefused ? 1 : 0;
            }

            Assert.True(rest.Length <= bytes.Length);
        }

        Assert.True(refused > 100, $"{refused} refused");
    }

    private static byte[][] Bytes(params string[] texts) => [.. texts.Select(Encoding.Latin1.GetBytes)];
}
