using Ringfence.Core.Configuration;
using Xunit;

namespace Ringfence.Tests.Configuration;

public sealed class RoamingKeysTests
{
    private const string Secret = "dGVzdC1zZWNyZXQtdGVzdC1zZWNyZXQtdGVzdC0wMDE";

    [Fact]
    public void Users_and_how_long_the_door_is_open_are_read()
    {
        var reading = ConfigReader.Parse("r", $"[roaming]\nknock_port = 40000\nwindow = 30s\nopen = 1d\n[knock anna]\nsecret = {Secret}\n[knock ben]\nsecret = {Secret}\n");

        Assert.Empty(reading.Mistakes);
        var roaming = reading.Config!.Roaming;
        Assert.Equal((40_000, TimeSpan.FromSeconds(30), TimeSpan.FromDays(1)), (roaming.Port, roaming.Window, roaming.Open));
        Assert.Equal(["anna", "ben"], roaming.Users.Select(static user => user.Name));
        Assert.All(roaming.Users, static user => Assert.Equal((user.Name, Secret), (user.Key!.User, user.Key.SecretText)));
    }

    [Theory]
    [InlineData("[knock anna]\nsecret = test-password", "ringfence knock --new NAME")]
    [InlineData("[knock]\nsecret = " + Secret, "such as [knock anna]")]
    [InlineData("[knock anna]\n", "has no secret")]
    [InlineData("[knock anna]\nsecret = " + Secret + "\n[knock anna]\nsecret = " + Secret, "twice")]
    [InlineData("[roaming]\nknock_port = 0", "from 1 to 65535")]
    [InlineData("[roaming]\nopen = 1m", "from 10m to 30d")]
    [InlineData("[roaming]\nwindow = 1h", "from 10s to 10m")]
    public void A_mistake_says_what_was_expected_and_shows_no_secret(string text, string expected)
    {
        var mistakes = string.Join('\n', ConfigReader.Parse("r", text + "\n").Mistakes);

        Assert.Contains(expected, mistakes, StringComparison.Ordinal);
        Assert.DoesNotContain("test-password", mistakes, StringComparison.Ordinal);
    }
}
