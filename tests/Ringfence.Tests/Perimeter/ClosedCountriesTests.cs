using Ringfence.Core.Events;
using Ringfence.Core.Geo;
using Ringfence.Core.Perimeter;
using Xunit;

namespace Ringfence.Tests.Perimeter;

/// <summary>A zone of countries that is kept out means the other half of "unknown", and never the private networks.</summary>
public sealed class ClosedCountriesTests
{
    [Theory]
    [InlineData(UnknownCountry.AsListed, "far = everybody but DE", false, false, true)]
    [InlineData(UnknownCountry.Allow, "far = everybody but DE", false, true, true)]
    [InlineData(UnknownCountry.Deny, "far = everybody but DE", false, false, true)]
    [InlineData(UnknownCountry.AsListed, "far = BR", false, true, true)]
    [InlineData(UnknownCountry.Allow, "far = BR", false, true, true)]
    [InlineData(UnknownCountry.Deny, "far = BR", false, false, true)]
    public void Who_comes_in_where_a_zone_is_kept_out(object unknown, string zone, bool brazil, bool nobodys, bool office)
    {
        var builder = new GeoTableBuilder();
        builder.Add(Network.Parse("198.51.100.0/24")!.Value, new GeoKey(CountryCode.Parse("DE"), 0));
        builder.Add(Network.Parse("203.0.113.0/24")!.Value, new GeoKey(CountryCode.Parse("BR"), 0));
        var far = zone.EndsWith("BR", StringComparison.Ordinal)
            ? new ZoneSettings { Name = "far", Countries = [CountryCode.Parse("BR")] }
            : new ZoneSettings { Name = "far", NotCountries = [CountryCode.Parse("DE")] };
        var policy = PolicyBuilder.Build(
            new PerimeterSettings { Zones = [far], Services = [new ServiceSettings { Name = "sip", Open = [ZoneSettings.World], Closed = ["far"] }] }, MachinePorts.Usual, static _ => [], builder.Build(), (UnknownCountry)unknown);

        bool Passes(string source) => policy.Passes(new Arrival(Address.Parse(source)!.Value, "eth0", PortProtocol.Udp, 5060));

        Assert.Equal((true, brazil, nobodys, office), (Passes("198.51.100.7"), Passes("203.0.113.7"), Passes("192.0.2.7"), Passes("192.168.1.7")));
        Assert.All(GeoChains.Of(policy, "g1"), chain => Assert.Equal(chain.Line, Assert.Single(GeoChain.Read(chain.Line)).Line));
        Assert.All(GeoChains.Of(policy, "g1"), chain => Assert.True(Assert.Single(GeoChain.Read(chain.Line)).Choice.Shuts));
    }
}
