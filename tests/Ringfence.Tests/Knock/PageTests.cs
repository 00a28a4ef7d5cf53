using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Events;
using Ringfence.Core.Knock;
using Xunit;

namespace Ringfence.Tests.Knock;

/// <summary>What decides at the page: passwords, tries, tokens, forms.</summary>
public sealed class PageTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private static readonly Address Anna = Address.Parse("198.51.100.7")!.Value;

    [Fact]
    public void A_password_fits_as_people_type_it_and_its_hash_is_read_as_it_was_written()
    {
        var drawn = PagePassword.Draw([0xff, 0, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0]);
        Assert.Matches("^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}$", drawn);

        var read = PagePassword.Parse(PagePassword.Of(drawn, "test-salt-test-1"u8).Text)!;

        Assert.True(read.Fits(drawn));
        Assert.True(read.Fits(drawn.ToUpperInvariant().Replace("-", "", StringComparison.Ordinal).Replace('0', 'O').Replace('1', 'l')));
        Assert.False(read.Fits(drawn[..^1]));
        Assert.False(read.Fits(""));
        Assert.False(PagePassword.Nobodys.Fits(drawn));
    }

    [Fact]
    public void Each_bit_that_is_drawn_is_in_the_password()
    {
        var all = Enumerable.Range(0, 80).Select(static bit =>
        {
            var random = new byte[PagePassword.DrawnBytes];
            random[bit / 8] = (byte)(1 << (bit % 8));
            return PagePassword.Draw(random);
        });

        Assert.Equal(81, all.Append(PagePassword.Draw(new byte[10])).Distinct().Count());
    }

    [Theory]
    [InlineData("")]
    [InlineData("test-password")]
    [InlineData("pbkdf2-sha256:1:dGVzdC1zYWx0LXRlc3QtMQ:dGVzdC1oYXNoLXRlc3QtaGFzaC10ZXN0LWhhc2gtMDE")]
    [InlineData("pbkdf2-sha256:100000:dGVzdC1zYWx0:dGVzdC1oYXNoLXRlc3QtaGFzaC10ZXN0LWhhc2gtMDE")]
    [InlineData("pbkdf2-sha256:100000:dGVzdC1zYWx0LXRlc3QtMQ:dGVzdA")]
    public void What_is_no_hash_of_ours_is_refused(string text) => Assert.Null(PagePassword.Parse(text));

    [Fact]
    public void A_token_fits_its_address_for_a_quarter_of_an_hour_and_nobody_else_can_make_one()
    {
        var token = new PageToken("test-key-test-key-test-key-test1"u8.ToArray());
        var text = token.For(Anna, Now);

        Assert.True(token.Fits(text, Anna, Now));
        Assert.True(token.Fits(text, Anna, Now + PageToken.Lasts));
        Assert.False(token.Fits(text, Anna, Now + PageToken.Lasts + TimeSpan.FromSeconds(1)));
        Assert.False(token.Fits(text, Anna, Now.AddSeconds(-1)));
        Assert.False(token.Fits(text, Address.Parse("198.51.100.8")!.Value, Now));
        Assert.False(new PageToken("test-key-test-key-test-key-test2"u8.ToArray()).Fits(text, Anna, Now));
        Assert.False(token.Fits("", Anna, Now));
        for (var at = 0; at < text.Length; at++)
        {
            Assert.False(token.Fits(text[..at] + (text[at] == 'A' ? 'B' : 'A') + text[(at + 1)..], Anna, Now));
        }
    }

    [Fact]
    public void A_form_is_read_as_a_browser_writes_it_whatever_people_type() => Prop.ForAll(
        ArbMap.Default.ArbFor<NonNull<string>>().Filter(static text => text.Get.Length < 60 && text.Get.All(static c => !char.IsSurrogate(c))),
        typed =>
        {
            var form = PageForm.Read(System.Text.Encoding.ASCII.GetBytes($"user=+anna&password={Uri.EscapeDataString(typed.Get).Replace("%20", "+", StringComparison.Ordinal)}&token=x"));
            Assert.Equal(new PageForm("anna", typed.Get, "x"), form);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("")]
    [InlineData("user=anna&password=x")]
    [InlineData("user=anna&password=x&token=y&token=z")]
    [InlineData("user=anna&user=ben&password=x&token=y")]
    [InlineData("user=anna&password=x&token=y&more=1")]
    [InlineData("user[]=anna&password=x&token=y")]
    public void What_is_not_our_form_is_nothing(string body) => Assert.Null(PageForm.Read(System.Text.Encoding.ASCII.GetBytes(body)));

    [Fact]
    public void Whatever_bytes_come_as_a_form_nothing_breaks_seeded()
    {
        var random = new Random(20261122);
        var good = "user=anna&password=a%20b&token=abc"u8.ToArray();
        for (var round = 0; round < 50_000; round++)
        {
            var body = good.ToArray();
            for (var wounds = random.Next(1, 8); wounds > 0; wounds--)
            {
                body[random.Next(body.Length)] = (byte)random.Next(256);
            }

            _ = PageForm.Read(body);
        }

        Assert.Null(PageForm.Read(new byte[PageForm.MostBytes + 1]));
    }

    [Theory]
    [InlineData("198.51.100.7", "198.51.100.7")]
    [InlineData("127.0.0.1, 198.51.100.7", "198.51.100.7")]
    [InlineData("198.51.100.7:40000", "198.51.100.7")]
    [InlineData("2001:db8::7", "2001:db8::7")]
    [InlineData("[2001:db8::7]:443", "2001:db8::7")]
    [InlineData("[2001:db8::7]", "2001:db8::7")]
    [InlineData("198.51.100.7, unknown", null)]
    [InlineData("198.51.100.7,", null)]
    [InlineData("", null)]
    [InlineData("[]", null)]
    [InlineData("[2001:db8::7]x", null)]
    public void The_last_address_is_the_proxy_s_own_word(string header, string? expected) => Assert.Equal(expected, PageForm.Forwarded(["203.0.113.1", header])?.ToString());

    [Fact]
    public void Who_came_by_ports_is_taken_over_and_what_a_user_opened_keeps_its_end()
    {
        var book = new RoamingBook();
        book.Open(new RoamingAddress(Anna, Now.AddHours(8), "anna", ""), Now);
        var other = Address.Parse("203.0.113.9")!.Value;

        Assert.True(book.Adopt([(Anna, TimeSpan.FromHours(9)), (other, TimeSpan.FromHours(1))], Now));
        Assert.False(book.Adopt([(Anna, TimeSpan.FromHours(9)), (other, TimeSpan.FromHours(1))], Now));

        Assert.Equal([new RoamingAddress(Anna, Now.AddHours(8), "anna", ""), new RoamingAddress(other, Now.AddHours(1), RoamingBook.ByPorts, "")], book.All);
        Assert.Equal(book.All, RoamingBook.Parse(book.Text(), static _ => true, Now).All);
        Assert.Equal([other], RoamingBook.Parse(book.Text(), static user => user == "anna", Now).Gone);
        Assert.Equal(other, Assert.Single(book.Close(RoamingBook.ByPorts, Now)).Address);
        Assert.Equal(Anna, Assert.Single(book.Close(Anna.ToString(), Now)).Address);
        Assert.Empty(book.All);
    }
}
