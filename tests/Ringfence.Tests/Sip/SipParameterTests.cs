using System.Text;
using Ringfence.Core.Sip;
using Xunit;

namespace Ringfence.Tests.Sip;

public sealed class SipParameterTests
{
    // Each as Asterisk 22.10.1 reads it: it takes the password with the nonce n.
    [Theory]
    [InlineData("Digest username=\"1001\",nonce=\"n\",uri=\"sip:a\"")]
    [InlineData("Digest username=\"1001\", NONCE=\"n\"")]
    [InlineData("Digest nonce = \"n\", uri=\"sip:a\"")]
    [InlineData("Digest nonce= \"n\"")]
    [InlineData("Digest nonce =\"n\"")]
    [InlineData("Digest nonce\r\n =\r\n\t\"n\"")]
    [InlineData("Digest nonce=\r \"n\"")]
    [InlineData("Digest x=\"a\r\n b\",nonce=\"n\"")]
    [InlineData("Digest x=\" nonce=\",nonce=\"n\"")]
    [InlineData("Digest x=\"a\\\" nonce=\\\"m\\\"\", nonce=\"n\"")]
    [InlineData("Digest xnonce=\"m\",nonce=n")]
    [InlineData("Digest x=\"\r\",nonce=\"n\"")]
    [InlineData("Digest x=\"\\\r\r\",nonce=\"n\"")]
    [InlineData("Digest x=\"\rnonce=\",nonce=\"n\"")]
    [InlineData("\"Digest\"x,y=,nonce=\"n\"")]
    internal void A_parameter_is_read_however_it_is_written(string header) =>
        Assert.Equal("n", Encoding.Latin1.GetString(SipParameter.First(Encoding.Latin1.GetBytes(header), "nonce="u8)));

    [Theory]
    [InlineData("")]
    [InlineData("=")]
    [InlineData("nonce")]
    [InlineData("nonce=")]
    [InlineData("nonce=\"\"")]
    [InlineData("nonce \"n\"")]
    [InlineData("x=\"nonce=n")]
    [InlineData("nonce\r\nX: =n")]
    internal void What_is_none_is_empty(string header) => Assert.True(SipParameter.First(Encoding.Latin1.GetBytes(header), "nonce="u8).IsEmpty);

    [Fact]
    public void All_values_come_one_after_the_other_and_then_nothing()
    {
        var rest = "Digest nonce=\"a\", realm=\"nonce=x\"\r\nContact: <sip:1@h>\r\nAuthorization: Digest nonce = b"u8;

        Assert.Equal("a", Encoding.Latin1.GetString(SipParameter.Next(ref rest, "nonce="u8)));
        Assert.Equal("b", Encoding.Latin1.GetString(SipParameter.Next(ref rest, "nonce="u8)));
        Assert.True(SipParameter.Next(ref rest, "nonce="u8).IsEmpty && rest.IsEmpty);
    }

    [Fact]
    public void Any_bytes_end()
    {
        var random = new Random(20_261_122);
        for (var round = 0; round < 100_000; round++)
        {
            var text = new byte[random.Next(40)];
            foreach (ref var letter in text.AsSpan())
            {
                letter = "=\"\\, ;\r\n\tnonce"u8[random.Next(14)];
            }

            ReadOnlySpan<byte> rest = text;
            for (var values = 0; !rest.IsEmpty; values++)
            {
                Assert.InRange(values, 0, text.Length);
                SipParameter.Next(ref rest, "nonce="u8);
            }
        }
    }
}
