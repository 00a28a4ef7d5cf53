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

    [Theory]
    [InlineData("DAHDI/i1/03012345-67-2", "i1", true)]
    [InlineData("DAHDI/4-1", "4", false)]
    [InlineData("PJSIP/i-1-00000001", "i-1", false)]
    [InlineData("SIP/office/4711-0000001a", "office/4711", false)]
    public void Of_an_ISDN_channel_the_span_is_the_endpoint_whoever_calls_there(string channel, string endpoint, bool isSpan) =>
        Assert.Equal((endpoint, isSpan), (ChannelName.Endpoint(channel).ToString(), ChannelName.IsSpan(ChannelName.Endpoint(channel))));

    [Theory]
    [InlineData("PJSIP/201/sip:0023279000001@203.0.113.9,20", "201", true)]
    [InlineData("PJSIP/202/sip:202@10.0.0.7&PJSIP/201/sip:0023279000001@203.0.113.9,20", "201", true)]
    [InlineData("PJSIP/202/sip:202@10.0.0.7&PJSIP/0023279000001@trunk,20", "trunk", false)]
    [InlineData("PJSIP/201", "201", false)]
    public void An_endpoint_is_dialled_at_an_address_where_its_own_name_stands_before_one(string data, string endpoint, bool isAddress) => Assert.Equal(isAddress, ChannelName.IsAddress(data, endpoint));
}
