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

    [Fact]
    public void An_empty_Authorization_hides_none_before_it() => Assert.Equal(
        "Authorization: Digest nonce=\"1\"",
        Encoding.ASCII.GetString(SipMessage.Parse("REGISTER sip:x SIP/2.0\r\nAuthorization: Digest nonce=\"1\"\r\nAuthorization:\r\n\r\n"u8).Credentials));

    [Fact]
    public void Twenty_thousand_headers_in_one_line_are_read_like_three()
    {
        // The end of the address was looked for anew from each of them: 30 ms for a datagram.
        var message = Encoding.ASCII.GetBytes($"REGISTER sip:x SIP/2.0\r\n{string.Concat(Enumerable.Repeat("v:&", 20_000))}Call-ID: 9\r\n\r\n");

        Assert.Equal("9", Encoding.ASCII.GetString(SipMessage.Parse(message).CallId));
    }

    [Theory]
    [InlineData("Contact: *&Call-ID: 9\r\nCall-ID: 8")]
    [InlineData("Content-Type: a\"b\rCall-ID: 9\rX: \"\r\nCall-ID: 8")]
    public void A_header_begins_where_the_one_before_it_ends_for_the_PBX(string headers) =>
        Assert.Equal("9", Text(Parse($"REGISTER sip:x SIP/2.0\r\n{headers}\r\nCSeq: 7 REGISTER\r\n\r\n").CallId));

    // Each was answered by Asterisk 22.10.1 as the request with the Call-ID 9 (CredentialReadingTests).
    [Theory]
    [InlineData("f: \"a\rCall-ID: 8\r\r\" <sip:a@x>")]
    [InlineData("f: \"a\\\"\rCall-ID: 8\r\" <sip:a@x>;tag=\"\ri: 7\"")]
    [InlineData("Max-Forwards: 70&From: \"\rCall-ID: 8\r\" <sip:a@x>")]
    [InlineData("Contact: <sip:a@x>, \"\rCall-ID: 8\r\" <sip:a@x>")]
    [InlineData("Authorization: Digest x=\"\rCall-ID: 8\r\r\"")]
    [InlineData("v: SIP/2.0/UDP x;y=\"\rCall-ID: 8\r\r\";branch=z")]
    [InlineData("v: SIP/2.0/UDP x;branch=z (\r\nCall-ID: 8\r\n\r\n)")]
    [InlineData("v: SIP/2.0/UDP x;y=[;branch=z (\"\r\nCall-ID: 8\r\n), SIP/2.0/UDP [\r\ni: 8\r\n\r\n];branch=z")]
    [InlineData("t: <sip:a@[\r\nCall-ID: 8\r\n\r\n]>")]
    [InlineData("Replaces: a\r\nCall-ID: 8\r\n\r\nX: b;c")]
    [InlineData("Contact: <sip:a@b;x=\"\rCall-ID: 8\r\">")]
    [InlineData("Route: <\r\n sip:[\r\nCall-ID: 8\r\n\r\n];lr>")]
    [InlineData("Route: a\r\n b <sip:[\r\nCall-ID: 8\r\n\r\n];lr>")]
    [InlineData("Retry-After: 1 (\rCall-ID: 8\r)")]
    [InlineData("t: sip:[\r\nCall-ID: 8\r\n\r\n]")]
    [InlineData("t: a [b <sip:a;b@[\r\nCall-ID: 8\r\n\r\n];x=y>;c=\"[\"")]
    public void A_line_end_that_ends_nothing_for_the_PBX_hides_no_header(string headers)
    {
        var message = Parse($"REGISTER sip:x SIP/2.0\r\n{headers}\r\nCall-ID: 9\r\nCSeq: 7 REGISTER\r\nAuthorization: b\r\n\r\n");

        Assert.Equal(("9", 7L), (Text(message.CallId), message.CSeq));
        Assert.EndsWith("Authorization: b", Text(message.Credentials), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("f: <sip:a@[x\r\ny]>", true)]
    [InlineData("v: SIP/2.0/UDP [\r];branch=z", true)]
    [InlineData("f: \"a\r\" <sip:a@[::1]>", false)]
    [InlineData("v: SIP/2.0/UDP [::1]:5060;x=[ (\r\n)", false)]
    [InlineData("f: \"a\" <sip:a@x>\r\n ;tag=1", false)]
    public void Line_ends_in_the_brackets_of_a_host_are_told_and_others_are_not(string header, bool expected) =>
        Assert.Equal(expected, Parse($"REGISTER sip:x SIP/2.0\r\n{header}\r\nCall-ID: 9\r\n\r\n").HasHiddenLineEnd);

    [Fact]
    public void Of_an_answer_the_words_behind_the_last_CSeq_are_the_PBXs_and_what_looks_like_them_before_it_is_the_senders()
    {
        var message = Parse(
            "SIP/2.0 401 No\r\nVia: SIP/2.0/UDP x;branch=z\r\nCall-ID: 9\r\nFrom: <sip:a@x\r\nCSeq: 8 X\r\nWWW-Authenticate: Digest nonce=\"mine\"\r\n\r\n>\r\nTo: <sip:a@x>\r\n"
            + "CSeq: 7 REGISTER\r\nWWW-Authenticate: Digest nonce=\"n\"\r\nContent-Length:  0\r\n\r\n");

        Assert.Equal(("9", 7L, "WWW-Authenticate: Digest nonce=\"n\""), (Text(message.CallId), message.CSeq, Text(message.Challenge)));
    }

    [Theory]
    [InlineData("v:&")]
    [InlineData("f:,")]
    [InlineData("f:\"\\")]
    [InlineData("f:sip:a&")]
    [InlineData("f:<&t:<&")]
    [InlineData("f:sip:[&")]
    [InlineData("v:(&")]
    [InlineData("v:[;,")]
    [InlineData("v:\r\n ")]
    public void What_opens_and_never_closes_is_looked_for_once(string part) =>
        AssertLinear(size => "f:" + string.Concat(Enumerable.Repeat(part, size / part.Length)));

    // What stands behind the bracket was looked through anew from each of them: 40 ms for a datagram, three times.
    [Fact]
    public void Thirty_thousand_addresses_none_of_which_is_one_are_read_once() => AssertLinear(size => $"To: {new string(',', size / 2)}<{new string('x', size / 2)}[");

    // Four times as long takes four times as long, and not sixteen times.
    private static void AssertLinear(Func<int, string> header)
    {
        TimeSpan Fastest(int size)
        {
            var message = Encoding.Latin1.GetBytes("REGISTER sip:x SIP/2.0\r\n" + header(size));
            return Enumerable.Range(0, 8).Min(_ => ProcessorTime.Of(() => SipMessage.Parse(message)));
        }

        Fastest(16_000);
        var (few, many) = (Fastest(16_000), Fastest(64_000));
        Assert.True(many < (8 * few) + TimeSpan.FromMilliseconds(2), $"{few.TotalMilliseconds} ms, {many.TotalMilliseconds} ms");
    }

    private static SipMessage Parse(string text) => SipMessage.Parse(Encoding.Latin1.GetBytes(text));

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
