using System.Text;
using Ringfence.Core.Sip;
using Xunit;

namespace Ringfence.Tests.Sip;

/// <summary>What Asterisk 22.10.1 was seen to answer is read as it was meant.</summary>
public sealed class SipMessageTests
{
    [Theory]
    [InlineData("REGISTER sip:x SIP/2.0\r\n")]
    [InlineData("\n\r\nREGISTER sip:x SIP/2.0\n")]
    [InlineData(" REGISTER  sip:x\tsip/2.0 \r")]
    [InlineData("REGISTER\r\n sip:x\r\n SIP / 2.0\r\n")]
    public void A_start_line_is_read_however_it_is_written(string line)
    {
        var message = Parse(line + "Call-ID: 1\r\nCSeq: 1 REGISTER\r\n\r\n");

        Assert.Equal(("REGISTER", "sip:x"), (Text(message.Method), Text(message.RequestUri)));
        Assert.True(message.IsValid);
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\n")]
    [InlineData("\r")]
    public void Any_of_the_line_ends_ends_a_line_and_two_of_them_the_headers(string end)
    {
        var message = Parse($"REGISTER sip:x SIP/2.0{end}i: 1{end}CSeq:{end} 7{end}\tREGISTER{end}t :a{end}{end}f: body{end}");

        Assert.Equal(("1", 7L, "REGISTER", "a", ""), (Text(message.CallId), message.CSeq, Text(message.CSeqMethod), Text(message.To), Text(message.From)));
    }

    [Theory]
    [InlineData("7 REGISTER", 7)]
    [InlineData("7REGISTER", 7)]
    [InlineData("0000000000000000000007\tREGISTER \t", 7)]
    [InlineData("2147483647 REGISTER", 2_147_483_647)]
    [InlineData("REGISTER", -1)]
    [InlineData("99999999999999999999 REGISTER", -1)]
    public void A_CSeq_is_digits_and_a_method(string cseq, long expected)
    {
        var message = Parse($"REGISTER sip:x SIP/2.0\r\nCall-ID: 1\r\nCSeq: {cseq}\r\n\r\n");

        Assert.Equal(expected, message.CSeq);
        Assert.Equal(expected >= 0, message.IsValid);
    }

    [Theory]
    [InlineData("To: <sip:a&b@x?c=d&e=f>&Call-ID: 9")]
    [InlineData("To: sip:a&b@x;tag=1&Call-ID: 9")]
    [InlineData("To: \"a & b\" <sip:a@x>;x=\"&i:8\"&i: 9")]
    [InlineData("Via: SIP/2.0/UDP x&CSeq: 7 REGISTER&Call-ID\r\n : 9")]
    [InlineData("X-Any: text & more&Call-ID: 8\r\nCall-ID: 9")]
    public void A_header_may_begin_behind_an_ampersand_where_the_PBX_says_so(string headers) =>
        Assert.Equal("9", Text(Parse($"REGISTER sip:x SIP/2.0\r\n{headers}\r\nCSeq: 7 REGISTER\r\n\r\n").CallId));

    [Fact]
    public void Of_a_header_that_stands_twice_the_first_is_what_the_answer_repeats()
    {
        var message = Parse("REGISTER sip:x SIP/2.0\r\nCall-ID: 1\r\ni: 2\r\nCSeq: 6 OPTIONS\r\nCSeq: 7 REGISTER\r\n\r\n");

        Assert.Equal(("1", 6L), (Text(message.CallId), message.CSeq));
    }

    private static SipMessage Parse(string text) => SipMessage.Parse(Encoding.Latin1.GetBytes(text));

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    [Fact]
    public void An_empty_Authorization_hides_none_before_it() => Assert.Equal(
        "Digest nonce=\"1\"",
        Encoding.ASCII.GetString(SipMessage.Parse("REGISTER sip:x SIP/2.0\r\nAuthorization: Digest nonce=\"1\"\r\nAuthorization:\r\n\r\n"u8).Credentials));

    [Fact]
    public void Twenty_thousand_headers_in_one_line_are_read_like_three()
    {
        // The end of the address was looked for anew from each of them: 30 ms for a datagram.
        var message = Encoding.ASCII.GetBytes($"REGISTER sip:x SIP/2.0\r\n{string.Concat(Enumerable.Repeat("v:&", 20_000))}Call-ID: 9\r\n\r\n");

        Assert.Equal("9", Encoding.ASCII.GetString(SipMessage.Parse(message).CallId));
    }

    [Fact]
    public void Where_headers_of_one_line_begin_is_what_each_alone_would_say()
    {
        var random = new Random(20_261_121);
        string[] parts = ["&", "<", ">", "@", "\"", "\\", "v:", "f:", "i:", "a", ";x=", "Call-ID: 5", "CSeq: 7 X", " "];
        for (var round = 0; round < 20_000; round++)
        {
            var line = "v:" + string.Concat(Enumerable.Range(0, random.Next(1, 14)).Select(_ => parts[random.Next(parts.Length)]));

            Assert.Equal(CallIdOf(line), Encoding.ASCII.GetString(SipMessage.Parse(Encoding.ASCII.GetBytes($"REGISTER sip:x SIP/2.0\r\n{line}\r\n\r\n")).CallId));
        }
    }

    // As pjsip reads it, each header by itself.
    private static string CallIdOf(string line)
    {
        while (line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
        {
            var (name, value) = (line[..colon].Trim(), line[(colon + 1)..].Trim());
            var next = -1;
            if (name is "v" or "f" or "CSeq")
            {
                var quoted = false;
                for (var at = value.LastIndexOf('>') is >= 0 and var close ? close : Math.Max(0, value.IndexOf('@', StringComparison.Ordinal)); at < value.Length && next < 0; at++)
                {
                    quoted ^= value[at] == '"';
                    next = value[at] == '&' && !quoted ? at : -1;
                    at += value[at] == '\\' && quoted ? 1 : 0;
                }
            }

            var text = next < 0 ? value : value[..next].TrimEnd();
            if (name is "i" or "Call-ID" && text.Length > 0)
            {
                return text;
            }

            line = next < 0 ? "" : value[(next + 1)..];
        }

        return "";
    }
}
