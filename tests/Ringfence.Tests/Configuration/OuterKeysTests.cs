using Ringfence.Core.Configuration;
using Ringfence.Core.Outer;
using Xunit;

namespace Ringfence.Tests.Configuration;

public sealed class OuterKeysTests
{
    [Fact]
    public void A_section_says_how_a_firewall_is_told()
    {
        var reading = ConfigReader.Parse("ringfence.conf", """
            [outer router]
            ban = PUT https://192.0.2.1/rest/<cidr>?x=1 {"a":"<address>", "t":"<seconds>s"}
            find = GET https://192.0.2.1/rest?a=<network>
            unban = DELETE https://192.0.2.1/rest/<id>
            id = result/id
            header = Authorization: Basic dGVzdDp0ZXN0
            header = X-Other: a, b
            already = already have such entry
            most = 7
            family = 6
            [outer program]
            ban = /usr/local/bin/block   <network>  <seconds>
            unban = /usr/local/bin/unblock <network>
            [list]
            listen = 192.0.2.10:8099
            allow = 192.0.2.1, 2001:db8::/64
            """);

        Assert.Empty(reading.Mistakes);
        var (router, program) = (reading.Config!.Outer[0], reading.Config.Outer[1]);
        Assert.Equal(new OuterRequest("PUT", "https://192.0.2.1/rest/<cidr>?x=1", """{"a":"<address>", "t":"<seconds>s"}"""), router.Ban);
        Assert.Equal(("result/id", 7, 6, "192.0.2.1", true, null), (router.Id, router.Most, router.Family, router.Where, router.EndsAlone, router.Again));
        Assert.Equal(["Authorization: Basic dGVzdDp0ZXN0", "X-Other: a, b"], router.Headers);
        Assert.Equal(["/usr/local/bin/block", "<network>", "<seconds>"], ((OuterProgram)program.Ban!).Words);
        Assert.Equal("/usr/local/bin/block", program.Where);
        Assert.Equal(("192.0.2.10:8099", 2), (reading.Config.BanList.Listen!.ToString(), reading.Config.BanList.Allow.Count));
    }

    [Theory]
    [InlineData("[outer x]", "has neither ban and unban nor all")]
    [InlineData("[outer x]\nban = /bin/block <network>", "has ban and no unban: expected both, or whoever is unbanned here stays banned there")]
    [InlineData("[outer x]\nunban = /bin/block <network>", "has unban and no ban")]
    [InlineData("[outer x]\nban = block <network>\nunban = /b <network>", "expected an absolute path with arguments, or GET")]
    [InlineData("[outer x]\nban = POST ftp://192.0.2.1/<network>\nunban = /b <network>", "expected an absolute path with arguments, or GET")]
    [InlineData("[outer x]\nban = POST http://me:secret@192.0.2.1/<network>\nunban = /b <network>", "expected an absolute path with arguments, or GET")]
    [InlineData("[outer x]\nban = POST http://<address>/x\nunban = /b <network>", "no place such as <address> before its path")]
    [InlineData("[outer x]\nban = POST http://192.0.2.1:<prefix>/<address>\nunban = /b <network>", "expected an absolute path with arguments, or GET")]
    [InlineData("[outer x]\nban = /bin/block <adress>\nunban = /b <network>", "ban: expected no <adress> in it: there is <address>, <network>")]
    [InlineData("[outer x]\nban = /bin/block <seconds>\nunban = /b <network>", "expected <network>, <cidr> or <address> in it")]
    [InlineData("[outer x]\nban = /b <network>\nunban = DELETE http://192.0.2.1/<id>", "has <id> in unban and no find")]
    [InlineData("[outer x]\nban = /b <network>\nunban = /b <network>\nfind = GET http://192.0.2.1/<network>", "has find and no <id> in unban")]
    [InlineData("[outer x]\nban = /b <network>\nunban = DELETE http://192.0.2.1/<id>\nfind = /b <network>", "has a find that is no request")]
    [InlineData("[outer x]\nall = PUT http://192.0.2.1/", "has all without a body that holds the list")]
    [InlineData("[outer x]\nall = PUT http://192.0.2.1/ <json>\nitem = {}", "expected a text with <network> or <address> in it")]
    [InlineData("[outer x]\nall = /b\nheader = nonsense", "expected Name: value")]
    [InlineData("[outer x]\nall = /b\n[outer x]\nall = /b", "is there twice")]
    [InlineData("[list]\nlisten = 192.0.2.10:8099", "there is neither token nor allow in [list]")]
    [InlineData("[list]\nlisten = 0.0.0.0:8099", "there is neither token nor allow in [list]")]
    [InlineData("[list]\nlisten = 192.0.2.10", "expected an address and a port")]
    [InlineData("[list]\ntoken = short", "expected 16 to 100 letters")]
    [InlineData("[list]\nallow = somebody", "expected an address or a network")]
    public void What_is_wrong_is_told_with_what_was_expected(string section, string words)
    {
        var mistakes = ConfigReader.Parse("ringfence.conf", section).Mistakes;

        Assert.Contains(mistakes, mistake => mistake.ToString().Contains(words, StringComparison.Ordinal));
        Assert.DoesNotContain(mistakes, mistake => mistake.ToString().Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public void Nobody_is_told_and_nobody_served_without_a_section()
    {
        Assert.Empty(RingfenceConfig.Default.Outer);
        Assert.Null(RingfenceConfig.Default.BanList.Listen);
        Assert.Empty(ConfigReader.Parse("ringfence.conf", "[list]\nlisten = 127.0.0.1:8099").Mistakes);
    }

    [Fact]
    public void No_text_of_an_action_ends_in_an_exception_and_none_that_is_taken_goes_elsewhere_than_it_says()
    {
        var random = new Random(20261122);
        string[] pieces = ["POST ", "PUT ", "http://", "https://", "192.0.2.1", ":80", "/", "<network>", "<address>", "<", ">", "@", "?", "#", " ", "\\", "[2001:db8::1]", "{\"a\":1}", "%", "é", "\t", "example.com"];
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => pieces[random.Next(pieces.Length)]));
            if (OuterAction.Parse(text) is OuterRequest request)
            {
                var ban = new OuterBan(Core.Events.Network.Parse("203.0.113.9")!.Value, null, "RF2001");
                var filled = OuterTemplate.Fill(request.Url, ban, DateTimeOffset.UnixEpoch, Uri.EscapeDataString);
                Assert.Equal(request.Server.Authority, new Uri(filled).Authority);
            }
        }
    }
}
