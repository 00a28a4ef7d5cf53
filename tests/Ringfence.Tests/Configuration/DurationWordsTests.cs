using Ringfence.Core.Configuration;
using Xunit;

namespace Ringfence.Tests.Configuration;

public sealed class DurationWordsTests
{
    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(-5, "0 s")]
    [InlineData(0.337, "337 ms")]
    [InlineData(59, "59 s")]
    [InlineData(60, "1 min")]
    [InlineData(3599, "59 min 59 s")]
    [InlineData(3661, "1 h 1 min")]
    [InlineData(90_000, "1 d 1 h")]
    [InlineData(31_536_000, "365 d")]
    public void A_duration_is_told_by_its_two_largest_units(double seconds, string expected) =>
        Assert.Equal(expected, Duration.Words(TimeSpan.FromSeconds(seconds)));
}
