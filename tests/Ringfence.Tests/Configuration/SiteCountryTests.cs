using Ringfence.Core.Configuration;
using Ringfence.Tests.Pbx;
using Xunit;

namespace Ringfence.Tests.Configuration;

public sealed class SiteCountryTests
{
    // Lines of tzdata 2026a.
    private const string Zones = "# tzdb\n#country-\nDE\t+5230+01322\tEurope/Berlin\tmost of Germany\nDE\t+4742+00841\tEurope/Busingen\tBusingen\nUS\t+404251-0740023\tAmerica/New_York\tEastern (most areas)\nGB\t+513030-0000731\tEurope/London\n";

    [Theory]
    [InlineData("de", "Europe/Berlin", "DE", true)]
    [InlineData("uk", "Europe/London", "GB", true)]
    // Asterisk's sample has us: nobody chose it.
    [InlineData("us", "Europe/Berlin", "DE", false)]
    [InlineData("us", "America/New_York", "US", false)]
    [InlineData("", "America/New_York", "US", false)]
    [InlineData("de", "UTC", "DE", false)]
    [InlineData("de", "America/New_York", "DE", false)]
    public void A_country_is_sure_where_tones_and_clock_agree_and_somebody_chose_both(string tones, string zone, string code, bool isSure)
    {
        var country = SiteCountry.Of("/c", Files(tones), zone)!;

        Assert.Equal((code, isSure), (country.Code, country.IsSure));
    }

    [Theory]
    [InlineData("us", "UTC")]
    [InlineData("us-old", "Etc/UTC")]
    [InlineData("xx", "")]
    public void What_says_nothing_makes_no_country(string tones, string zone) => Assert.Null(SiteCountry.Of("/c", Files(tones), zone));

    [Fact]
    public void The_first_configuration_has_it_and_comments_it_out_where_it_is_not_sure()
    {
        string Text(string tones, string zone) => FirstConfig.Text(FirstConfigTests.Survey("/c") with { Country = SiteCountry.Of("/c", Files(tones), zone) });

        Assert.Equal("DE", ConfigReader.Parse("r", Text("de", "Europe/Berlin")).Config!.Calls.Country);
        Assert.Contains("; the country that the trunks are in: indications.conf has country = de, and the clock is Europe/Berlin's\ncountry = DE\n", Text("de", "Europe/Berlin"), StringComparison.Ordinal);
        Assert.Null(ConfigReader.Parse("r", Text("us", "America/New_York")).Config!.Calls.Country);
        Assert.Contains("\n;country = US\n", Text("us", "America/New_York"), StringComparison.Ordinal);
        Assert.Contains("\n;area = 415\n", Text("us", "America/New_York"), StringComparison.Ordinal);
        Assert.DoesNotContain("area = ", Text("de", "Europe/Berlin"), StringComparison.Ordinal);
        Assert.Null(ConfigReader.Parse("r", Text("de", "Europe/Berlin")).Config!.Gate.Listen);
    }

    private static MemoryFiles Files(string tones) => new MemoryFiles().With("/usr/share/zoneinfo/zone.tab", Zones).With("/c/indications.conf", $"[general]\ncountry = {tones}\n");
}
