using System.Text;
using Ringfence.Core.Sip;
using Xunit;

namespace Ringfence.Tests.Sip;

public sealed class ViaParameterTests
{
    [Theory]
    [InlineData("SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z1", "z1")]
    [InlineData("SIP / 2.0 / UDP 10.0.0.1 ; rport ; Branch = z1 ;x", "z1")]
    [InlineData("SIP/2.0/UDP [2001:db8::1]:5060;branch\r\n =\r\n\tz1", "z1")]
    [InlineData("SIP/2.0/UDP a;branch=z1;branch=z2", "z2")]
    [InlineData("SIP/2.0/UDP a;branch=z1, SIP/2.0/UDP b;branch=z2", "z1")]
    [InlineData("SIP/2.0/UDP a;x=\" ;branch=no\\\";branch=no\";branch=z1", "z1")]
    [InlineData("SIP/2.0/UDP a;xbranch=no;branch=\"z;1\"", "\"z;1\"")]
    [InlineData("SIP/2.0/UDP a;branch=z1(branch=no)", "z1")]
    [InlineData("SIP/2.0/UDP [;x=\"]:5060;branch=z1;y=\"a\"", "z1")]
    [InlineData("SIP/2.0/UDP [,(]:5060;branch=z1", "z1")]
    [InlineData("SIP/2.0/UDP [", "")]
    [InlineData("SIP/2.0/UDP []", "")]
    [InlineData("SIP/2.0/UDP a;rport", "")]
    [InlineData("SIP/2.0/UDP a;branch=", "")]
    [InlineData("SIP/2.0/UDP a, SIP/2.0/UDP b;branch=z2", "")]
    [InlineData("", "")]
    [InlineData(";", "")]
    [InlineData(";=\"", "")]
    public void The_branch_is_what_the_PBX_reads(string via, string expected) =>
        Assert.Equal(expected, Encoding.Latin1.GetString(ViaParameter.Of(Encoding.Latin1.GetBytes(via), "branch"u8)));
}
