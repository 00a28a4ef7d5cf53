using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Configuration;
using Ringfence.Core.Lists;
using Xunit;

namespace Ringfence.Tests.Lists;

public sealed class FeedBookTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);

    /// <summary>What happens to a feed: it comes, nothing has changed, it fails (with or without a word of the server's), what is kept is damaged, the guard starts anew.</summary>
    private enum What
    {
        Came,
        Failed,
        FailedLater,
        Doubted,
        Restarted,
    }

    [Fact]
    public void Whatever_happens_it_is_asked_again_within_its_interval_or_when_the_server_says_and_no_more_often_than_its_publisher_wants()
    {
        Prop.ForAll(Histories(), input =>
        {
            var (settings, steps) = input;
            var least = settings.Kind?.Least ?? TimeSpan.Zero;
            var (book, now) = (New(settings), Start);
            foreach (var (what, number) in steps)
            {
                Do(ref book, settings, what, number, now);
                var wait = book.Next!.Value - now;
                var isBounded = what switch
                {
                    What.Came => wait == settings.Every,
                    What.Failed => wait >= least && wait <= Longer(settings.Every, least) && wait >= Shorter(TimeSpan.FromMinutes(10), settings.Every),
                    What.FailedLater => wait >= TimeSpan.FromMinutes(number) && wait >= least,
                    What.Doubted => wait == TimeSpan.Zero,
                    _ => wait <= settings.Every,
                };
                if (!isBounded)
                {
                    return false.Label($"{what} {number}: {wait} of {settings.Every}");
                }

                now += wait > TimeSpan.Zero ? wait : TimeSpan.FromSeconds(1);
            }

            return true.ToProperty();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    [Fact]
    public void Status_says_a_problem_exactly_where_nothing_is_held_and_a_try_failed_or_what_is_held_is_stale_and_a_note_never_beside_it()
    {
        Prop.ForAll(Gen.Zip(Histories().Generator, Gen.Choose(0, 200)).ToArbitrary(), input =>
        {
            var ((settings, steps), hours) = input;
            var (book, now) = (New(settings), Start);
            foreach (var (what, number) in steps)
            {
                Do(ref book, settings, what, number, now);
                now += TimeSpan.FromMinutes(number);
            }

            now += TimeSpan.FromHours(hours);
            var (problem, note) = book.Told(now);
            var isStale = book.Facts is { } facts && now - facts.Checked > book.Stale;
            return (((problem is not null) == ((book.Facts is null && book.Problem is not null) || isStale)) && (problem is null || note is null)
                && (book.Problem is not { } why || (problem ?? note)!.Contains(why, StringComparison.Ordinal)))
                .Label($"{problem} | {note} | {book.Problem}");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    [Fact]
    public void What_is_kept_of_another_place_does_not_count()
    {
        var book = New(new FeedSettings { Name = "mine", Url = new Uri("https://lists.example.com/new.txt") });

        book.Restore(new ListFacts { Source = "https://lists.example.com/old.txt", Entries = 5, Checked = Start });
        book.Begin(Start);

        Assert.Null(book.Facts);
        Assert.Equal(Start, book.Next);
    }

    [Fact]
    public void After_a_restart_it_is_asked_when_it_would_have_been_unless_the_clock_was_set_back()
    {
        var settings = new FeedSettings { Name = "mine", Url = new Uri("https://lists.example.com/a.txt"), Interval = TimeSpan.FromHours(4) };
        var book = New(settings);
        book.Restore(new ListFacts { Source = book.Source, Checked = Start });

        book.Begin(Start + TimeSpan.FromHours(1));
        Assert.Equal(Start + TimeSpan.FromHours(4), book.Next);

        book.Begin(Start - TimeSpan.FromDays(100));
        Assert.Equal(Start - TimeSpan.FromDays(100), book.Next);
    }

    [Fact]
    public void The_same_problem_is_new_once_and_coming_again_is_told_once()
    {
        var book = New(new FeedSettings { Name = "mine", Url = new Uri("https://lists.example.com/a.txt") });

        Assert.True(book.Fail("down", null, Start));
        Assert.False(book.Fail("down", null, Start));
        Assert.True(book.Fail("refused", null, Start));
        Assert.True(book.Succeed(Start));
        Assert.False(book.Succeed(Start));
    }

    private static Arbitrary<(FeedSettings Settings, List<(What What, int Number)> Steps)> Histories() => Gen.Zip(
        Gen.Zip(Gen.Elements("mine", "apiban", "voipbl", "spamhaus-drop"), Gen.Choose(5, 3000)).Select(static pair => new FeedSettings
        {
            Name = pair.Item1,
            Url = new Uri("https://lists.example.com/a.txt"),
            Interval = TimeSpan.FromMinutes(pair.Item2),
        }),
        Gen.Zip(Gen.Elements(Enum.GetValues<What>()), Gen.Choose(1, 600)).ListOf().Select(static steps => steps.ToList())).ToArbitrary();

    private static void Do(ref FeedBook book, FeedSettings settings, What what, int number, DateTimeOffset now)
    {
        switch (what)
        {
            case What.Came:
                book.Hold(ListFacts.Of(book.Source, new ListReading { Entries = [], Unread = number % 3, FirstUnread = number % 3 == 0 ? [] : [new UnreadEntry(1, "x", "no address")] }, now));
                book.Succeed(now);
                break;
            case What.Failed or What.FailedLater:
                book.Fail($"failed {number % 4}", what == What.Failed ? null : TimeSpan.FromMinutes(number), now);
                break;
            case What.Doubted:
                book.Doubt("damaged", now);
                break;
            default:
                var kept = book.Facts;
                book = New(settings);
                book.Restore(kept);
                book.Begin(now);
                break;
        }
    }

    private static FeedBook New(FeedSettings settings)
    {
        var book = new FeedBook(settings);
        book.Begin(Start);
        return book;
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
