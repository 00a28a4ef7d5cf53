using System.Text;
using Ringfence.Core.Parsing;
using Xunit;

namespace Ringfence.Tests.Parsing;

public sealed class SipTextTests
{
    [Theory]
    [InlineData("<sip:1010@pbx>;tag=x", "1010")]
    [InlineData("sip:1010@pbx;tag=x", "1010")]
    [InlineData("\"a < b\\\" <sip:3150@pbx>\" <sips:1010@pbx>", "1010")]
    [InlineData("<sip:1010@pbx>;tag=x;y=\"<sip:3150@pbx>\"", "1010")]
    [InlineData("sip:1010@pbx;tag=x;y=\"<sip:3150@pbx>\"", "1010")]
    [InlineData("<sip:3150;a=b@pbx>", "3150;a=b")]
    [InlineData("<sip:pbx;transport=tcp>", "pbx")]
    [InlineData("", "")]
    public void The_user_of_a_header_is_the_one_that_the_PBX_reads(string header, string user)
    {
        Assert.Equal(user, Encoding.Latin1.GetString(SipText.UserOfHeader(Encoding.Latin1.GetBytes(header))));
    }
}
