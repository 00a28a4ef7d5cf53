using Ringfence.Core.Configuration;
using Ringfence.Core.Notices;
using Ringfence.Core.Rules;
using Xunit;

namespace Ringfence.Tests.Configuration;

public sealed class NotifierSectionsTests
{
    [Fact]
    public void Nobody_is_told_by_default() => Assert.Empty(RingfenceConfig.Default.Notify.Notifiers);

    [Fact]
    public void A_mail_with_a_server_is_read()
    {
        var config = Read("""
            [notify]
            server_name = pbx1
            digest_after = 3
            [notify boss]
            kind = mail
            to = admin@example.com, root@example.com
            server = [2001:db8::1]:2525
            tls = tls
            user = me
            password = secret
            severity = high
            events = ban, alarm
            """);

        var boss = Assert.Single(config.Notify.Notifiers);
        Assert.Equal(("boss", "pbx1", 3), (boss.Name, config.Notify.Server, config.Notify.Digest.Singles));
        Assert.Equal(["admin@example.com", "root@example.com"], boss.To);
        Assert.Equal(new ServerAddress("2001:db8::1", 2525), boss.Server);
        Assert.Equal(MailTls.Implicit, boss.Tls);
        Assert.Equal(Severity.High, boss.Filter.Severity);
        Assert.Equal([NoticeKind.Ban, NoticeKind.Alarm], boss.Filter.Kinds);
    }

    [Fact]
    public void Two_of_one_kind_share_a_template()
    {
        var config = Read("""
            [base](!)
            kind = syslog
            transport = tcp
            [notify a](base)
            server = 192.0.2.1
            [notify b](base)
            server = log.example.com:1514
            transport = tls
            """);

        Assert.Equal([SyslogTransport.Tcp, SyslogTransport.Tls], config.Notify.Notifiers.Select(notifier => notifier.Transport));
    }

    [Fact]
    public void All_mistakes_are_told_with_their_places_and_no_secret_is()
    {
        var reading = ConfigReader.Parse("r", """
            [notify boss]
            kind = mail
            to = "x"@example.com
            password =
            sevirity = high
            [notify]
            server_name = a b
            [notify hook]
            kind = webhook
            url = hush-hush
            [notify hook2]
            kind = webhook
            token = hush hush
            token = hush hush
            [notify ../x]
            [notify empty]
            [notify clear]
            kind = mail
            to = a@example.com
            server = 192.0.2.1
            tls = none
            user = me
            password = hush-hush
            """);

        Assert.Equal(
            [
                "r:3: to is \"\"x\"@example.com\": expected mail addresses such as admin@example.com, not \"x\"@example.com",
                "r:4: password: expected at most 256 characters",
                "r:5: sevirity is no key of [notify boss]: did you mean severity?",
                "r:7: server_name is \"a b\": expected at most 64 letters, digits, hyphens and dots",
                "r:10: url: expected a URL that begins with https:// or http://, without a user in it",
                "r:14: token is there again: expected it once, and r:13 has it",
                "r:14: token: expected at most 256 printable ASCII characters without blanks",
                "r:15: [notify ../x]: expected a name of letters, digits, - and _, such as [notify boss]",
                "r:16: [notify empty]: expected kind = mail, webhook, syslog or command",
                "r:17: [notify clear]: tls = none would send the password in clear: expected tls = starttls or tls = tls",
            ],
            reading.Mistakes.Select(mistake => mistake.ToString()));
    }

    [Theory]
    [InlineData("admin@example.com", true)]
    [InlineData("root", true)]
    [InlineData("-froot", false)]
    [InlineData("a@-x", false)]
    [InlineData("a b@example.com", false)]
    [InlineData("a@example.com>", false)]
    [InlineData("a,b@example.com", false)]
    [InlineData("\u00e4@example.com", false)]
    [InlineData("", false)]
    public void Only_plain_addresses_are_taken(string address, bool good) => Assert.Equal(good, MailAddress.IsGood(address, needsDomain: false));

    [Theory]
    [InlineData("mail.example.com", "mail.example.com", null)]
    [InlineData("mail.example.com:587", "mail.example.com", 587)]
    [InlineData("192.0.2.1", "192.0.2.1", null)]
    [InlineData("192.0.2.1:25", "192.0.2.1", 25)]
    [InlineData("2001:db8::1", "2001:db8::1", null)]
    [InlineData("[2001:db8::1]", "2001:db8::1", null)]
    [InlineData("[2001:db8::1]:25", "2001:db8::1", 25)]
    public void Servers_are_read(string text, string host, int? port) => Assert.Equal(new ServerAddress(host, port), ServerAddress.Parse(text));

    [Theory]
    [InlineData("mail.example.com:")]
    [InlineData("mail.example.com:0")]
    [InlineData("mail.example.com:65536")]
    [InlineData("-x")]
    [InlineData("a b")]
    [InlineData("[x]:25")]
    [InlineData("")]
    public void What_is_no_server_is_refused(string text) => Assert.Null(ServerAddress.Parse(text));

    [Fact]
    public void Every_example_is_read() =>
        Assert.All(NotifierKeys.All, key => Assert.Null(key.Set(new NotifierSettings { Name = "x" }, key.IsList ? key.Example.Split(", ") : [key.Example]).Expected));

    [Fact]
    public void Every_key_stands_in_the_page_and_in_the_example() => Assert.All(NotifierKeys.All, key =>
    {
        Assert.Contains($"`{key.Name} = {key.Example}`", ConfigurationPage.Markdown(), StringComparison.Ordinal);
        Assert.Contains($"; example: {key.Name} = {key.Example}\n", ConfigurationPage.Example(), StringComparison.Ordinal);
    });

    private static RingfenceConfig Read(string text)
    {
        var reading = ConfigReader.Parse("r", text);
        Assert.Empty(reading.Mistakes);
        return reading.Config!;
    }
}
