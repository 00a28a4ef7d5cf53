using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.Tests.Events;

public sealed class RangeNetworksTests
{
    /// <summary>Addresses near the ends of families and of words: an offset to one side of a power of two.</summary>
    private static readonly Gen<Address> IPv6 = Gen.Zip(Gen.Choose(0, 127), Gen.Choose(-9, 9)).Select(static place => new Address((UInt128.One << place.Item1) + (UInt128)(Int128)place.Item2))
        .Where(static address => !address.IsIPv4);

    private static readonly Gen<Address> IPv4 = Gen.Zip(Gen.Choose(0, 31), Gen.Choose(-9, 9)).Select(static place => Address.FromIPv4((uint)((1L << place.Item1) + place.Item2)));

    [Fact]
    public void They_are_side_by_side_from_the_first_address_to_the_last_and_no_two_are_one()
    {
        Prop.ForAll(Gen.OneOf(Gen.Zip(IPv4, IPv4), Gen.Zip(IPv6, IPv6)).ToArbitrary(), static ends =>
        {
            var (first, last) = ends.Item1.CompareTo(ends.Item2) <= 0 ? ends : (ends.Item2, ends.Item1);
            List<Network> networks = [];

            new RangeNetworks(first, last).AddTo(networks);

            Assert.Equal(first, networks[0].First);
            Assert.Equal(last, networks[^1].Last);
            Assert.All(networks, network => Assert.Equal(first.IsIPv4, network.IsIPv4));
            foreach (var (one, other) in networks.Zip(networks.Skip(1)))
            {
                var isAround = !first.IsIPv4 && one.Last.Next == Address.FromIPv4(0);
                Assert.Equal(isAround ? Address.FromIPv4(uint.MaxValue).Next : one.Last.Next, other.First);
                Assert.False(one.PrefixLength == other.PrefixLength && one.PrefixLength > 0 && new Network(one.First, one.PrefixLength - 1).Contains(other.First), $"{one} and {other} are one network");
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    [Theory]
    [InlineData("192.0.2.9", "192.0.2.8")]
    [InlineData("2001:db8::9", "2001:db8::8")]
    public void A_range_that_ends_before_it_begins_has_none(string first, string last)
    {
        List<Network> networks = [];

        new RangeNetworks(Address.Parse(first)!.Value, Address.Parse(last)!.Value).AddTo(networks);

        Assert.Empty(networks);
    }
}
