using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Perimeter;
using Xunit;

namespace Ringfence.Tests.Perimeter;

public sealed class PortRangeTests
{
    [Theory]
    [InlineData("5060/udp", 5060, 5060)]
    [InlineData("1-65535/tcp", 1, 65535)]
    public void A_port_or_a_range_with_its_protocol_is_read_and_written_alike(string text, int first, int last)
    {
        var range = PortRange.Parse(text)!.Value;

        Assert.Equal((first, last, text), (range.First, range.Last, range.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("5060")]
    [InlineData("5060/sctp")]
    [InlineData("0/udp")]
    [InlineData("65536/udp")]
    [InlineData("20-10/udp")]
    [InlineData("-10/udp")]
    [InlineData("10-/udp")]
    [InlineData("+5060/udp")]
    [InlineData(" 5060/udp")]
    [InlineData("5060/udp ")]
    [InlineData("1-2-3/udp")]
    public void Anything_else_is_not(string text) => Assert.Null(PortRange.Parse(text));

    [Fact]
    public void What_is_left_when_a_range_is_cut_out_is_what_it_held_and_the_other_did_not() => Prop.ForAll(
        Gen.Choose(1, 60).Four().ToArbitrary(),
        numbers =>
        {
            var range = Of(numbers.Item1, numbers.Item2);
            var other = Of(numbers.Item3, numbers.Item4);
            var left = range.Without(other).ToList();
            return Enumerable.Range(1, 61).Select(port => (ushort)port).All(port =>
                left.Count(part => part.Contains(PortProtocol.Udp, port)) == (range.Contains(PortProtocol.Udp, port) && !other.Contains(PortProtocol.Udp, port) ? 1 : 0));
        }).QuickCheckThrowOnFailure();

    private static PortRange Of(int one, int other) => new(PortProtocol.Udp, (ushort)Math.Min(one, other), (ushort)Math.Max(one, other));
}
