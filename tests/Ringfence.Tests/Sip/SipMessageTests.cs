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
}
