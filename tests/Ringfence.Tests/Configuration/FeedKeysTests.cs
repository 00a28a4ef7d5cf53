using Ringfence.Core.Configuration;
using Xunit;

namespace Ringfence.Tests.Configuration;

public sealed class FeedKeysTests
{
    [Fact]
    public void A_name_that_is_known_is_enough_and_all_keys_are_read()
    {
        var reading = ConfigReader.Parse("ringfence.conf", """
            [feed voipbl]
            [feed apiban]
            key = test-key
            [feed mine]
            url = https://lists.example.com/{key}/a.txt
            key = k/1
            interval = 1h
            proxy = http://192.0.2.8:3128
            timeout = 30s
            max_size = 16M
            max_entries = 1000
            [feed local]
            file = /etc/ringfence/blocked.txt
            """);

        Assert.Empty(reading.Mistakes);
        var feeds = reading.Config!.Feeds;
        Assert.Equal(("https://www.voipbl.org/update/", TimeSpan.FromHours(4)), (feeds[0].Address()!.ToString(), feeds[0].Every));
        Assert.Equal(("https://apiban.org/api/test-key/banned/100", "https://apiban.org/api/test-key/banned/17"), (feeds[1].Address()!.ToString(), feeds[1].Address("17")!.ToString()));
        Assert.Equal("https://lists.example.com/k%2F1/a.txt", feeds[2].Address()!.AbsoluteUri);
        Assert.Equal((TimeSpan.FromHours(1), TimeSpan.FromSeconds(30), 16L << 20, 1000, "http://192.0.2.8:3128/"), (feeds[2].Every, feeds[2].Timeout, feeds[2].MaxBytes, feeds[2].MaxEntries, feeds[2].Proxy!.ToString()));
        Assert.Equal(("lists.example.com", "/etc/ringfence/blocked.txt", null), (feeds[2].Where, feeds[3].Where, feeds[3].Address()));
    }

    [Theory]
    [InlineData("[feed nonsense]", "has neither url nor file")]
    [InlineData("[feed voipbll]", "did you mean [feed voipbl]?")]
    [InlineData("[feed apiban]", "has no key")]
    [InlineData("[feed x]\nurl = https://example.com/{key}", "has no key")]
    [InlineData("[feed x]\nurl = https://example.com/\nfile = /x", "has both url and file")]
    [InlineData("[feed spamhaus-drop]\ninterval = 10m", "expected 1h or more")]
    [InlineData("[feed x]\nurl = ftp://example.com/", "url is \"ftp://example.com/\"")]
    [InlineData("[feed x]\nurl = https://me:secret@example.com/", "an http or https URL without a user")]
    [InlineData("[feed voipbl]\n[feed voipbl]", "is there twice")]
    [InlineData("[feed a b]\nfile = /x", "has no name that can be one")]
    public void What_is_wrong_is_told_with_what_was_expected(string section, string words)
    {
        var mistakes = ConfigReader.Parse("ringfence.conf", section).Mistakes;

        Assert.Contains(mistakes, mistake => mistake.ToString().Contains(words, StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_is_fetched_without_a_section() => Assert.Empty(RingfenceConfig.Default.Feeds);
}
