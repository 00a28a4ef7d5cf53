using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.Tests.Decisions;

/// <summary>When a network is banned for several of its addresses.</summary>
public sealed class NeighboursTests
{
    private static readonly DateTimeOffset Time = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    private readonly Neighbours _neighbours = new(new BanSettings());

    [Fact]
    public void Three_64s_of_one_home_cost_its_56_and_no_other_home_of_the_48()
    {
        Assert.Equal(["", "", "2001:db8:b001::/56"], Ban("2001:db8:b001:1::7", "2001:db8:b001:2::7", "2001:db8:b001:3::7"));
        Assert.Equal(["2001:db8:b001::/56"], Ban("2001:db8:b001:ff::7"));
    }

    [Fact]
    public void Three_56s_cost_the_48() =>
        Assert.Equal(["", "", "2001:db8:b001::/48"], Ban("2001:db8:b001:100::7", "2001:db8:b001:200::7", "2001:db8:b001:300::7"));

    [Fact]
    public void The_same_64_again_is_no_neighbour() => Assert.Equal(["", "", ""], Ban("2001:db8:b001:1::7", "2001:db8:b001:1::8", "2001:db8:b001:1::9"));

    [Fact]
    public void A_login_spares_its_56_and_its_48_and_no_other_56()
    {
        _neighbours.LogIn(Address.Parse("2001:db8:b001:9::1")!.Value, Time.UtcTicks);

        Assert.Equal(["", "", ""], Ban("2001:db8:b001:1::7", "2001:db8:b001:2::7", "2001:db8:b001:3::7"));
        Assert.Equal(["", "", "2001:db8:b001:100::/56"], Ban("2001:db8:b001:100::7", "2001:db8:b001:101::7", "2001:db8:b001:102::7"));
        Assert.Equal([""], Ban("2001:db8:b001:200::7"));
    }

    [Fact]
    public void In_IPv4_three_addresses_cost_the_24() => Assert.Equal(["", "", "198.51.100.0/24"], Ban("198.51.100.7", "198.51.100.8", "198.51.100.200"));

    private string[] Ban(params string[] addresses) => [.. addresses.Select(address => _neighbours.Add(Address.Parse(address)!.Value, Time)?.ToString() ?? "")];
}
