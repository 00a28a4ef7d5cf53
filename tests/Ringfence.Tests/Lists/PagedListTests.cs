using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Core.Lists;
using Xunit;

namespace Ringfence.Tests.Lists;

/// <summary>What becomes of entries when a list comes again, whole or in pages.</summary>
public sealed class PagedListTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);
    private static readonly FeedSettings Apiban = new() { Name = "apiban", Key = "test-key" };

    /// <summary>Hosts of 192.0.2.0/24 with how many hours ago they were named.</summary>
    private static readonly Gen<List<KeptEntry>> Kept = Gen.Zip(Gen.Choose(0, 255), Gen.Choose(0, 400)).ListOf()
        .Select(static list => list.DistinctBy(static one => one.Item1).OrderBy(static one => one.Item1).Select(static one => new KeptEntry(Host(one.Item1), Now - TimeSpan.FromHours(one.Item2))).ToList());

    private static readonly Gen<List<Network>> Came = Gen.Choose(0, 255).ListOf().Select(static hosts => hosts.Select(Host).ToList());

    [Fact]
    public void A_whole_list_has_each_entry_once_in_order_with_the_time_of_before_if_it_was_there()
    {
        Prop.ForAll(Gen.Zip(Kept, Came).ToArbitrary(), static input =>
        {
            var (before, came) = input;
            var known = before.ToDictionary(static entry => entry.Network, static entry => entry.Since);
            return KeptEntry.Renewed(came, before, Now).SequenceEqual(came.Distinct().Order().Select(one => new KeptEntry(one, known.GetValueOrDefault(one, Now))));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    [Fact]
    public void Of_a_list_in_pages_whoever_was_named_within_its_life_stays_and_all_who_are_named_now_are_there()
    {
        Prop.ForAll(Gen.Zip(Kept, Came.ListOf()).ToArbitrary(), static input =>
        {
            var (before, pages) = input;
            var list = new PagedList(Apiban, before, "7", Now);
            foreach (var (at, page) in pages.Index())
            {
                Assert.Null(list.Add(Page(page, (at + 8).ToString(CultureInfo.InvariantCulture))));
            }

            var named = pages.SelectMany(static page => page).ToHashSet();
            var expected = before.Where(entry => Now - entry.Since < TimeSpan.FromDays(7) && !named.Contains(entry.Network)).Concat(named.Select(static one => new KeptEntry(one, Now))).OrderBy(static entry => entry.Network).ToList();
            return list.Entries.SequenceEqual(expected) && (list.End() is null) == (expected.Count > 0) && list.NextId == (7 + pages.Count).ToString(CultureInfo.InvariantCulture);
        }).Check(Config.QuickThrowOnFailure);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("none")]
    [InlineData("7")]
    public void The_last_page_says_no_next_one_or_the_same_and_the_next_time_begins_there(string? next)
    {
        var list = new PagedList(Apiban, [], "7", Now);

        Assert.Null(list.Add(Page([Host(1)], next)));

        Assert.Equal((true, "7"), (list.IsComplete, list.NextId));
    }

    [Fact]
    public void A_server_that_always_has_another_page_comes_to_an_end()
    {
        var list = new PagedList(Apiban, [], null, Now);
        var pages = 0;
        for (; !list.IsComplete; pages++)
        {
            Assert.Null(list.Add(Page([Host(pages % 256)], $"{pages}")));
        }

        Assert.Equal(PagedList.MostPages, pages);
    }

    [Fact]
    public void One_page_that_is_no_list_or_too_many_entries_refuse_all_of_it()
    {
        Assert.Equal("it is a web page", new PagedList(Apiban, [], null, Now).Add(ListReading.Refused("it is a web page")));
        Assert.Equal("it has more than 1 entries (max_entries)", new PagedList(Apiban with { MaxEntries = 1 }, [], null, Now).Add(Page([Host(1), Host(2)], null)));
    }

    private static ListReading Page(IReadOnlyList<Network> entries, string? next) => new() { Entries = entries, NextId = next };

    private static Network Host(int at) => Network.Parse($"192.0.2.{at}/32")!.Value;
}
