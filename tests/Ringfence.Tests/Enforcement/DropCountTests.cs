using Ringfence.Enforcement;
using Xunit;

namespace Ringfence.Tests.Enforcement;

public sealed class DropCountTests
{
    [Fact]
    public void The_count_goes_on_when_the_kernels_counter_starts_again()
    {
        var drops = new DropCount();

        Assert.Equal(5, drops.See(5));
        Assert.Equal(5, drops.See(null));
        Assert.Equal(7, drops.See(2));
        Assert.Equal(9, drops.See(4));
    }
}
