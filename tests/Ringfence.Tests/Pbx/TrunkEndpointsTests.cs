using Ringfence.Core.Pbx;
using Xunit;

namespace Ringfence.Tests.Pbx;

public sealed class TrunkEndpointsTests
{
    [Theory]
    [InlineData("1", false)]
    [InlineData("2", false)]
    [InlineData("4", true)]
    [InlineData("6", true)]
    [InlineData("7", null)]
    [InlineData("12", false)]
    [InlineData("33", null)]
    public void A_line_with_a_phone_behind_it_is_no_trunk_and_one_to_the_exchange_is(string line, bool? isTrunk)
    {
        var files = new MemoryFiles()
            .With("/etc/asterisk/chan_dahdi.conf", "[channels]\nsignalling = fxo_ks\ncontext = phones\nchannel => 1-2\nsignalling = fxs_ks\nchannel => 4,6,12\n[other]\nchannel = 33\n")
            .With("/etc/asterisk/pjsip.conf", "[12]\ntype = endpoint\naors = 12\n[12]\ntype = aor\nmax_contacts = 1\n");

        Assert.Equal(isTrunk, TrunkEndpoints.Read("/etc/asterisk", files).IsTrunk(line));
    }
}
