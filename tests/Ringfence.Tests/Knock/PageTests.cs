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
    public void A_source_has_five_tries_and_then_waits_a_minute_and_longer_each_time_up_to_an_hour()
    {
        var guesses = new PageGuesses();
        var now = Now;
        for (var i = 0; i < PageGuesses.Free; i++)
        {
            Assert.Null(guesses.Try(Anna.Subject, now));
        }

        var waits = new List<int>();
        for (var i = 0; i < 8; i++)
        {
            var wait = guesses.Try(Anna.Subject, now)!.Value;
            waits.Add((int)wait.TotalMinutes);
            Assert.NotNull(guesses.Try(Anna.Subject, now + wait - TimeSpan.FromMilliseconds(1)));
            now += wait;
            Assert.Null(guesses.Try(Anna.Subject, now));
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], waits);
        Assert.Null(guesses.Try(Address.Parse("198.51.100.8")!.Value.Subject, now));
        guesses.Succeed(Anna.Subject);
        Assert.Null(guesses.Try(Anna.Subject, now));
    }

    [Fact]
    public void Whatever_addresses_strangers_have_all_of_them_have_one_try_a_second_and_who_came_in_before_does_not_wait_for_them() => Prop.ForAll(
        Gen.Choose(0, 400).ListOf().ToArbitrary(),
        steps =>
        {
            var guesses = new PageGuesses();
            Assert.Null(guesses.Try(Anna.Subject, Now));
            guesses.Succeed(Anna.Subject);
            var (now, taken, next) = (Now, 1, 0u);
            foreach (var milliseconds in steps)
            {
                now += TimeSpan.FromMilliseconds(milliseconds);
                taken += guesses.Try(Address.FromIPv4(0xcb007100u + next++).Subject, now) is null ? 1 : 0;
                Assert.True(taken <= PageGuesses.Burst + (now - Now).TotalSeconds);
                Assert.Null(guesses.Try(Anna.Subject, now));
                guesses.Succeed(Anna.Subject);
            }

            Assert.True(guesses.Sources <= PageGuesses.MostSources);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void However_many_sources_try_no_more_are_remembered_than_there_is_room()
    {
        var guesses = new PageGuesses();
        for (var i = 0u; i < PageGuesses.MostSources + 500; i++)
        {
            Assert.Null(guesses.Try(Address.FromIPv4(0x0a000000u + i).Subject, Now.AddSeconds(i)));
        }

        Assert.Equal(PageGuesses.MostSources, guesses.Sources);
    }

    [Fact]
    public void A_clock_that_is_set_back_locks_nobody_out()
    {
        var guesses = new PageGuesses();
        for (var i = 0; i < 100; i++)
        {
            guesses.Try(Address.FromIPv4(0x0a000000u + (uint)i).Subject, Now);
        }

        Assert.Null(guesses.Try(Anna.Subject, Now.AddYears(-1)));
    }

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
