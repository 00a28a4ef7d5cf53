using Ringfence.Core.Calls;
using Xunit;

namespace Ringfence.Tests.Calls;

/// <summary>Which number stands in what Dial was given: that of every technology, and nobody's password.</summary>
public sealed class ChannelNameTests
{
    [Theory]
    [InlineData("PJSIP/0023279000001@trunk-a,30,T", "0023279000001")]
    [InlineData("PJSIP/trunk-a/sip:0023279000001@198.51.100.7;user=phone", "0023279000001")]
    [InlineData("DAHDI/g1/0023279000001", "0023279000001")]
    [InlineData("IAX2/user:4711-0815@peer/0023279000001", "0023279000001")]
    [InlineData("IAX2/user:00491234567@peer/0023279000001@context", "0023279000001")]
    [InlineData("IAX2/user:se/cret@peer/0023279000001", "0023279000001")]
    [InlineData("IAX2/user:se@cret@peer/0023279000001", "0023279000001")]
    [InlineData("IAX2/user:00491234567@peer", "")]
    [InlineData("IAX2/peer/0023279000001", "0023279000001")]
    [InlineData("PJSIP/201", "")]
    [InlineData("Local/0023279000001@phones/n", "")]
    public void What_is_sent_to_the_other_side_is_the_number_alone(string data, string number) => Assert.Equal(number, ChannelName.SentNumber(data).ToString());
}
