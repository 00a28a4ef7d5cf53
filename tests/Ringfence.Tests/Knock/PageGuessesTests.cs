using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Events;
using Ringfence.Core.Knock;
using Xunit;

namespace Ringfence.Tests.Knock;

/// <summary>Who may try a password at the page, and who goes first.</summary>
public sealed class PageGuessesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    // Of some 25,000 tries each.
    private const int Attacks = 12;

    private static readonly Address Anna = Address.Parse("198.51.100.7")!.Value;

    [Fact]
    public void A_source_has_five_tries_and_then_waits_a_minute_and_longer_each_time_up_to_an_hour()
    {
        var guesses = new PageGuesses();
        var now = Now;
        for (var i = 0; i < PageGuesses.Free; i++)
        {
            Assert.Equal(PageTurn.Now, guesses.Try(Anna, now).Turn);
        }

        var waits = new List<int>();
        for (var i = 0; i < 8; i++)
        {
            var told = guesses.Try(Anna, now);
            Assert.Equal(PageTurn.OwnWait, told.Turn);
            waits.Add((int)told.Wait.TotalMinutes);
            Assert.Equal(PageTurn.OwnWait, guesses.Try(Anna, now + told.Wait - TimeSpan.FromMilliseconds(1)).Turn);
            now += told.Wait;
            Assert.Equal(PageTurn.Now, guesses.Try(Anna, now).Turn);
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], waits);
        Assert.Equal(PageTurn.Now, guesses.Try(Address.Parse("198.51.100.8")!.Value, now).Turn);
        guesses.Succeed(Anna);
        Assert.Equal(PageTurn.Now, guesses.Try(Anna, now).Turn);
    }

    [Fact]
    public void Whatever_addresses_strangers_have_all_of_them_have_one_try_a_second_and_who_came_in_before_does_not_wait_for_them() => Prop.ForAll(
        Gen.Choose(0, 400).ListOf().ToArbitrary(),
        steps =>
        {
            var guesses = new PageGuesses();
            Assert.Equal(PageTurn.Now, guesses.Try(Anna, Now).Turn);
            guesses.Succeed(Anna);
            var (now, taken, next) = (Now, 1, 0u);
            var line = new List<PagePlace>();
            foreach (var milliseconds in steps)
            {
                now += TimeSpan.FromMilliseconds(milliseconds);
                var answer = guesses.Try(Address.FromIPv4(0xcb007100u + (next++ * 77)), now);
                line.AddRange(answer.Place is { } place ? [place] : []);
                taken += answer.Turn is PageTurn.Now ? 1 : 0;
                taken += line.RemoveAll(other => guesses.Again(other, now).Turn is PageTurn.Now);
                Assert.True(taken <= PageGuesses.Burst + (now - Now).TotalSeconds);
                Assert.InRange(guesses.InLine, 0, PageGuesses.MostInLine);
                Assert.Equal(PageTurn.Now, guesses.Try(Anna, now).Turn);
                guesses.Succeed(Anna);
            }

            Assert.True(guesses.Sources <= PageGuesses.MostSources);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void However_hard_strangers_of_other_networks_try_whoever_has_the_password_comes_in_within_four_tries_and_is_never_told_of() => Prop.ForAll(
        Gen.Choose(0, int.MaxValue).ToArbitrary(),
        seed =>
        {
            var page = new CrowdedPage(seed, Now);
            page.Attack(seconds: 120);
            var innocents = Enumerable.Range(0, 17).Select(i => i % 2 == 0 ? Address.FromIPv4(0x08000000u + ((uint)i << 20) + 5) : new Address(0x2a00_0000_0000_0000 + ((ulong)i << 40), 7)).ToList();
            innocents.ForEach(page.Innocent);
            page.Attack(seconds: 60);

            Assert.Equal(innocents.Order(), page.CameIn.Order());
            Assert.Equal(0, page.InnocentsTold);
            Assert.InRange(page.MostTries, 1, 4);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Attacks));

    [Fact]
    public void From_the_first_second_of_an_attack_on_nobody_who_waits_for_others_is_told_of() => Prop.ForAll(
        Gen.Choose(0, int.MaxValue).ToArbitrary(),
        seed =>
        {
            var page = new CrowdedPage(seed, Now);
            var innocents = Enumerable.Range(0, 17).Select(static i => Address.FromIPv4(0x08000000u + ((uint)i << 20) + 5)).ToList();
            page.Attack(seconds: 1);
            innocents.ForEach(page.Innocent);
            page.Attack(seconds: 240);

            Assert.Equal(innocents.Order(), page.CameIn.Order());
            Assert.Equal(0, page.InnocentsTold);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Attacks));

    [Fact]
    public void A_network_that_failed_takes_no_more_than_half_of_what_there_is_at_once()
    {
        var guesses = new PageGuesses();
        var taken = Enumerable.Range(0, 100).Count(i => guesses.Try(new Address(0x2001_0db8_0001_0000 + (ulong)i, 1), Now).Turn is PageTurn.Now);

        Assert.Equal(PageGuesses.Burst / 2, taken);
        Assert.Equal(PageGuesses.MostOfNetwork, guesses.InLine);
        Assert.Equal(PageTurn.Now, guesses.Try(Anna, Now).Turn);
    }

    [Fact]
    public void Who_leaves_the_line_or_is_put_out_of_it_by_a_better_one_is_told_to_come_again()
    {
        var guesses = new PageGuesses();
        var places = Enumerable.Range(0, 400).Select(i => guesses.Try(new Address(0x2001_0db8_0000_0000 + ((ulong)i << 16), 1), Now).Place).OfType<PagePlace>().ToList();
        for (var i = 0; i < PageGuesses.Burst; i++)
        {
            guesses.Try(Address.FromIPv4(0x0a000000u + ((uint)i << 16)), Now);
        }

        Assert.Equal(PageGuesses.MostInLine, guesses.InLine);
        var gone = places.Where(place => guesses.Again(place, Now).Turn is PageTurn.Busy).ToList();
        Assert.NotEmpty(gone);
        Assert.All(gone, place => Assert.Equal(PageTurn.Busy, guesses.Leave(place, Now).Turn));
        places.ForEach(place => guesses.Leave(place, Now));
        Assert.Equal(PageGuesses.MostInLine - (places.Count - gone.Count), guesses.InLine);
    }

    [Fact]
    public void However_many_sources_try_no_more_are_remembered_than_there_is_room_and_who_came_in_is_not_forgotten_for_them()
    {
        var guesses = new PageGuesses();
        Assert.Equal(PageTurn.Now, guesses.Try(Anna, Now).Turn);
        guesses.Succeed(Anna);
        for (var i = 0u; i < PageGuesses.MostSources + 500; i++)
        {
            Assert.Equal(PageTurn.Now, guesses.Try(Address.FromIPv4(0x0a000000u + i), Now.AddSeconds(i)).Turn);
        }

        Assert.Equal(PageGuesses.MostSources, guesses.Sources);
        var end = Now.AddSeconds(PageGuesses.MostSources + 500);
        for (var i = 0u; i < 100; i++)
        {
            guesses.Try(Address.FromIPv4(0x0b000000u + i), end);
        }

        Assert.Equal(PageTurn.Now, guesses.Try(Anna, end).Turn);
    }

    [Fact]
    public void No_more_networks_are_remembered_than_there_is_room_and_each_for_an_hour()
    {
        var failures = new PageFailures();
        for (var i = 0u; i < 10_000; i++)
        {
            failures.Add(Address.FromIPv4(0x0a000000u + (i << 8)), Now.AddSeconds(i));
        }

        var last = Address.FromIPv4(0x0a000000u + (9_999u << 8));
        Assert.InRange(failures.Count, 1, PageFailures.MostNetworks);
        Assert.Equal(1, failures.Of(last, Now.AddSeconds(9_999)).Network);
        Assert.Equal(0, failures.Of(last, Now.AddSeconds(9_999).AddHours(1.1)).Network);
        failures.Forgive(last);
        Assert.Equal(0, failures.Of(last, Now.AddSeconds(9_999)).Network);
    }

    [Fact]
    public void A_clock_that_is_set_back_locks_nobody_out()
    {
        var guesses = new PageGuesses();
        for (var i = 0; i < 100; i++)
        {
            if (guesses.Try(Address.FromIPv4(0x0a000000u + ((uint)i << 8)), Now).Place is { } place)
            {
                guesses.Leave(place, Now);
            }
        }

        Assert.Equal(PageTurn.Now, guesses.Try(Anna, Now.AddYears(-1)).Turn);
    }
}
