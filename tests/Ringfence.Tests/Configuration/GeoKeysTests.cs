using Ringfence.Core.Configuration;
using Ringfence.Core.Geo;
using Xunit;

namespace Ringfence.Tests.Configuration;

public sealed class GeoKeysTests
{
    [Fact]
    public void Databases_addresses_and_what_is_unknown_are_read()
    {
        var reading = ConfigReader.Parse("r", "[geo]\ndatabase = /a.mmdb, /b.csv\nurl = https://geo.example.com/a-{YYYY-MM}.mmdb.gz\ninterval = 1d\nunknown = deny\n");

        Assert.Empty(reading.Mistakes);
        Assert.Equal(["/a.mmdb", "/b.csv"], reading.Config!.Geo.Databases);
        Assert.Equal(["https://geo.example.com/a-{YYYY-MM}.mmdb.gz"], reading.Config.Geo.Urls);
        Assert.Equal((TimeSpan.FromDays(1), UnknownCountry.Deny), (reading.Config.Geo.Interval, reading.Config.Geo.Unknown));
    }

    [Theory]
    [InlineData("database = a.mmdb", "an absolute path")]
    [InlineData("url = ftp://geo.example.com/a", "https://")]
    [InlineData("url = https://geo.example.com/{MM}", "{YYYY-MM}")]
    [InlineData("url = /a.mmdb", "https://")]
    [InlineData("interval = 1m", "from 1h to 365d")]
    [InlineData("unknown = maybe", "allow or deny")]
    public void A_mistake_says_what_was_expected(string line, string expected) =>
        Assert.Contains(expected, Assert.Single(ConfigReader.Parse("r", $"[geo]\n{line}\n").Mistakes).ToString(), StringComparison.Ordinal);

    [Fact]
    public void A_mistake_in_a_URL_does_not_show_the_key_in_it() =>
        Assert.Equal("r:2: url: expected a URL that begins with https:// or http://, with {YYYY-MM} where the month stands", Assert.Single(ConfigReader.Parse("r", "[geo]\nurl = geo.example.com/a?license_key=test-key\n").Mistakes).ToString());

    [Fact]
    public void The_month_stands_in_the_address_and_not_in_the_name_of_the_file()
    {
        var url = "https://geo.example.com/free/country-lite-{YYYY-MM}.mmdb.gz?key=test-key";

        Assert.Equal("https://geo.example.com/free/country-lite-2026-03.mmdb.gz?key=test-key", GeoSettings.UrlAt(url, new DateTimeOffset(2026, 3, 31, 23, 0, 0, TimeSpan.Zero)));
        Assert.Matches("^[0-9a-f]{8}-country-lite.mmdb.gz$", GeoSettings.FileName(url));
        Assert.NotEqual(GeoSettings.FileName("https://geo.example.com/country/download?suffix=tar.gz"), GeoSettings.FileName("https://geo.example.com/asn/download?suffix=tar.gz"));
        Assert.Matches("^[0-9a-f]{8}-[a-z0-9.-]*$", GeoSettings.FileName("https://geo.example.com/../..\\x/..%2f-/"));
    }
}
