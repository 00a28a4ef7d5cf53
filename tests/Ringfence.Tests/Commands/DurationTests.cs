using Ringfence.Commands;
using Xunit;

namespace Ringfence.Tests.Commands;

public sealed class DurationTests
{
    [Theory]
    [InlineData("45s", 45)]
    [InlineData("10m", 600)]
    [InlineData("2h", 7200)]
    [InlineData("7d", 604_800)]
    [InlineData("1w", 604_800)]
    [InlineData("0s", 0)]
    public void A_number_and_a_unit_are_a_duration(string text, int seconds) => Assert.Equal(seconds, Duration.Parse(text)?.TotalSeconds);

    [Theory]
    [InlineData("")]
    [InlineData("h")]
    [InlineData("10")]
    [InlineData("-1h")]
    [InlineData("1.5h")]
    [InlineData(" 1h")]
    [InlineData("1h30m")]
    [InlineData("1H")]
    [InlineData("1y")]
    [InlineData("10001d")]
    [InlineData("9223372036854775807w")]
    [InlineData("99999999999999999999s")]
    [InlineData("١h")]
    public void Anything_else_is_not(string text) => Assert.Null(Duration.Parse(text));

    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(-5, "0 s")]
    [InlineData(59, "59 s")]
    [InlineData(60, "1 min")]
    [InlineData(3599, "59 min 59 s")]
    [InlineData(3661, "1 h 1 min")]
    [InlineData(90_000, "1 d 1 h")]
    [InlineData(31_536_000, "365 d")]
    public void A_duration_is_shown_by_its_two_largest_units(int seconds, string expected) => Assert.Equal(expected, Duration.Show(TimeSpan.FromSeconds(seconds)));
}
