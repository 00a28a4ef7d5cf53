using Ringfence.Core.Configuration;
using Xunit;

namespace Ringfence.Tests.Configuration;

public sealed class DurationTests
{
    [Theory]
    [InlineData("90s", 90)]
    [InlineData("10m", 600)]
    [InlineData("2h", 7200)]
    [InlineData("7d", 604800)]
    [InlineData("1w", 604800)]
    [InlineData("1h30m", 5400)]
    [InlineData("0s", 0)]
    public void A_duration_is_read(string text, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), Duration.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("m")]
    [InlineData("10 m")]
    [InlineData("-1h")]
    [InlineData("1.5h")]
    [InlineData("30m1h")]
    [InlineData("1h1h")]
    [InlineData("1M")]
    [InlineData("99999999999999999999s")]
    [InlineData("2147483647w")]
    [InlineData("١h")]
    public void Anything_else_is_none(string text) => Assert.Null(Duration.Parse(text));

    [Fact]
    public void What_is_written_is_read_back()
    {
        var random = new Random(5);
        for (var i = 0; i < 5_000; i++)
        {
            var duration = TimeSpan.FromSeconds(random.NextInt64(1L << random.Next(1, 30)));

            Assert.Equal(duration, Duration.Parse(Duration.Format(duration)));
        }
    }
}
