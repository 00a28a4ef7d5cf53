using Ringfence.Core.Wire;
using Xunit;

namespace Ringfence.Tests.Wire;

public sealed class PbxFinderTests
{
    private const string Trunk = "203.0.113.11";

    private readonly PbxFinder _finder = new([5060]);

    [Fact]
    public void The_PBX_is_who_answers_the_most_peers_and_not_the_trunk_that_answers_the_PBX()
    {
        for (var i = 0; i < 50; i++)
        {
            Answer(Trunk, WireRig.Pbx);
        }

        Answer(WireRig.Pbx, "198.51.100.1").Answer(WireRig.Pbx, "198.51.100.2");

        Assert.Equal([WireRig.Pbx], _finder.Found.Select(address => address.ToString()));
    }

    [Fact]
    public void Answers_that_nobody_asked_for_do_not_make_an_attacker_the_PBX()
    {
        for (var i = 0; i < 50; i++)
        {
            Answer(WireRig.Stranger, WireRig.Pbx);
        }

        _finder.See(Frames.IPv4(WireRig.Stranger, WireRig.Pbx, IpPacket.Udp, Frames.Udp(5060, 5060, WireRig.Guess("a"))), LinkType.RawIp);
        Answer(WireRig.Pbx, WireRig.Stranger);

        Assert.Equal([WireRig.Pbx], _finder.Found.Select(address => address.ToString()));
    }

    [Fact]
    public void A_second_address_that_answers_many_is_the_PBXs_too_and_where_nobody_answers_nobody_is()
    {
        Assert.Empty(_finder.Found);
        for (var i = 1; i < 20; i++)
        {
            Answer(WireRig.Pbx, $"198.51.100.{i}").Answer("10.80.0.9", $"198.51.100.{i % 5}");
        }

        Assert.Equal([WireRig.Pbx, "10.80.0.9"], _finder.Found.Select(address => address.ToString()));
    }

    private PbxFinderTests Answer(string from, string to)
    {
        _finder.See(Frames.IPv4(from, to, IpPacket.Udp, Frames.Udp(5060, 5060, WireRig.Answer("a"))), LinkType.RawIp);
        return this;
    }
}
