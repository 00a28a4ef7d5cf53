using Ringfence.Core.Detection;
using Xunit;

namespace Ringfence.Tests.Detection;

public sealed class RefusalRingsTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(16, 16)]
    [InlineData(17, 17)]
    public void Room_is_as_large_as_asked_for_at_least(int asked, int given)
    {
        Assert.Equal(given, new RefusalRings().Rent(asked).Length);
    }

    [Fact]
    public void What_was_given_back_is_given_once()
    {
        var rings = new RefusalRings();
        var ring = rings.Rent(4);
        rings.Return(ring);

        Assert.Same(ring, rings.Rent(3));
        Assert.NotSame(ring, rings.Rent(3));
    }

    [Fact]
    public void A_flood_of_rings_given_back_is_not_kept()
    {
        var rings = new RefusalRings();
        var many = Enumerable.Range(0, 1_000).Select(_ => new Refusal[8]).ToArray();
        Array.ForEach(many, rings.Return);

        Assert.InRange(Enumerable.Range(0, 1_000).Count(_ => many.Contains(rings.Rent(8))), 1, 300);
    }

    [Fact]
    public void Nothing_is_no_ring()
    {
        var rings = new RefusalRings();
        rings.Return([]);

        Assert.Single(rings.Rent(1));
    }
}
