using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Events;
using Ringfence.Core.Outer;
using Xunit;

namespace Ringfence.Tests.Outer;

/// <summary>Whatever happens between, in the end the device holds what it should, and on the way nobody who was unbanned before a call was made.</summary>
public sealed class OuterBookTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);

    /// <summary>What happens: a number for what, a number for whom or how long.</summary>
    [Fact]
    public void A_device_holds_the_desired_bans_in_the_end_whatever_was_banned_unbanned_lost_refused_or_restarted_before()
    {
        var step = Gen.Zip(Gen.Choose(0, 9), Gen.Choose(0, 11));
        Prop.ForAll(Gen.Zip(Gen.Elements(false, true), Gen.Zip(step.ListOf(), Gen.Choose(1, 8))).ToArbitrary(), input =>
        {
            var (endsAlone, (steps, most)) = input;
            var world = new World(endsAlone, most);
            foreach (var (what, number) in steps)
            {
                world.Do(what, number);
                if (world.LateBan is { } late)
                {
                    return false.Label(late);
                }
            }

            world.Settle();
            return (world.Device.Keys.Order().SequenceEqual(world.Expected.Order()) && world.Book.Waiting(world.Now) == 0)
                .Label($"holds {string.Join(' ', world.Device.Keys.Order())}; should {string.Join(' ', world.Expected.Order())}; {string.Join(' ', steps)}");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    [Fact]
    public void After_a_restart_nothing_is_told_twice()
    {
        var world = new World(endsAlone: true, most: 10);
        world.Do(0, 1);
        world.Do(0, 2);
        world.Settle();
        world.Do(7, 0);

        Assert.Empty(world.Book.Next(world.Now, 100));
        Assert.Equal(2, world.Book.Told);
    }

    [Fact]
    public void What_was_told_to_another_device_is_told_again()
    {
        var world = new World(endsAlone: true, most: 10);
        world.Do(0, 1);
        world.Settle();
        var book = new OuterBook(endsAlone: true, TimeSpan.FromDays(30), 10);

        Assert.Null(OuterFile.Read(OuterFile.Write(world.Book, "here"), "elsewhere", book));
        book.Desire([.. world.Desired.Values]);

        Assert.False(Assert.Single(book.Next(world.Now, 100)).Lifts);
    }

    [Fact]
    public void Of_too_many_bans_those_that_end_last_are_told_and_the_others_counted()
    {
        var book = new OuterBook(endsAlone: false, TimeSpan.FromDays(30), most: 3);

        book.Desire([.. Enumerable.Range(1, 10).Select(n => new OuterBan(World.Subject(n), n == 4 ? null : Start + TimeSpan.FromHours(n), "RF2001"))]);

        Assert.Equal(7, book.LeftOut);
        Assert.Equal(((int[])[4, 9, 10]).Select(World.Subject).Order(), book.Next(Start, 100).Select(call => call.Ban.Subject).Order());
    }

    [Fact]
    public void A_ban_without_an_end_is_told_for_the_longest_time_and_again_when_half_of_it_is_over()
    {
        var longest = TimeSpan.FromDays(30);
        var book = new OuterBook(endsAlone: true, longest, 10);
        book.Desire([new OuterBan(World.Subject(1), null, "operator")]);
        var call = Assert.Single(book.Next(Start, 10));
        book.Begin(call);
        book.Succeed(call);

        Assert.Equal(Start + longest, call.Ban.Until);
        Assert.Empty(book.Next(Start + (longest / 2), 10));
        Assert.True(Assert.Single(book.Next(Start + (longest / 2) + TimeSpan.FromSeconds(1), 10)).Lifts);
    }

    [Fact]
    public void A_subject_that_a_device_refuses_is_tried_ever_more_rarely_and_holds_up_no_other()
    {
        var book = new OuterBook(endsAlone: false, TimeSpan.FromDays(30), 10);
        book.Desire([new OuterBan(World.Subject(1), null, ""), new OuterBan(World.Subject(2), null, "")]);
        var now = Start;
        for (var failures = 1; failures <= 12; failures++)
        {
            var call = book.Next(now, 10).Single(call => call.Ban.Subject == World.Subject(1));
            book.Begin(call);
            book.Fail(call, now);

            Assert.Equal(World.Subject(2), Assert.Single(book.Next(now, 10)).Ban.Subject);
            var delay = TimeSpan.FromSeconds(Math.Min(600, Math.Pow(2, failures - 1)));
            Assert.Single(book.Next(now + delay - TimeSpan.FromTicks(1), 10));
            Assert.Equal(World.Subject(2), book.Next(now + delay, 10)[0].Ban.Subject);
            now += delay;
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("ringfence-outer 1 here\n192.0.2.1 - =")]
    [InlineData("ringfence-outer 1 here\n192.0.2.1 -\n")]
    [InlineData("ringfence-outer 1 here\nnobody - =\n")]
    [InlineData("ringfence-outer 1 here\n192.0.2.1 99999999999999 =\n")]
    [InlineData("ringfence-outer 1 here\n192.0.2.1 -5 =\n")]
    [InlineData("something else\n")]
    public void A_damaged_file_is_told_and_nothing_of_it_is_believed(string text)
    {
        var book = new OuterBook(endsAlone: false, TimeSpan.FromDays(30), 10);

        Assert.NotNull(OuterFile.Read(text, "here", book));
        Assert.Empty(book.Held);
    }

    [Fact]
    public void No_damage_of_a_file_ends_in_an_exception()
    {
        var random = new System.Random(20261122);
        var good = "ringfence-outer 1 here\n192.0.2.1 1795000000 =\n2001:db8::/64 - ?\n198.51.100.0/24 1795000001 ?\n";
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = good.ToCharArray();
            for (var hits = random.Next(1, 6); hits > 0; hits--)
            {
                bytes[random.Next(bytes.Length)] = (char)random.Next(0, 256);
            }

            var book = new OuterBook(endsAlone: true, TimeSpan.FromDays(30), 10);
            if (OuterFile.Read(new string(bytes)[..random.Next(bytes.Length + 1)], "here", book) is null)
            {
                Assert.All(book.Held, held => Assert.NotEqual(default, held.Subject));
            }
        }
    }

    /// <summary>A device as devices are: what is there already is refused and keeps its end, what is not there can't be removed, entries end by themselves where they were told so.</summary>
    private sealed class World(bool endsAlone, int most)
    {
        private static readonly TimeSpan Longest = TimeSpan.FromHours(10);

        public OuterBook Book { get; private set; } = new(endsAlone, Longest, most);

        public Dictionary<Network, DateTimeOffset?> Device { get; } = [];

        public Dictionary<Network, OuterBan> Desired { get; } = [];

        public DateTimeOffset Now { get; private set; } = Start;

        public string? LateBan { get; private set; }

        public IEnumerable<Network> Expected => Desired.Values.OrderByDescending(ban => ban.Until ?? DateTimeOffset.MaxValue).ThenBy(ban => ban.Subject).Take(most).Select(ban => ban.Subject);

        public static Network Subject(int number) => Network.Parse(number % 5 == 4 ? $"2001:db8:0:{number}::/64" : number % 5 == 3 ? $"198.51.{number}.0/24" : $"192.0.2.{number}")!.Value;

        public void Do(int what, int number)
        {
            switch (what)
            {
                case 0 or 1:
                    Desired[Subject(number)] = new OuterBan(Subject(number), number == 7 ? null : Now + TimeSpan.FromMinutes(1 + (number * number * 10)), "RF2001");
                    break;
                case 2:
                    Desired.Remove(Subject(number));
                    break;
                case 3:
                    Pass(TimeSpan.FromSeconds(number * number * 7));
                    break;
                case 4:
                    Pass(TimeSpan.FromMinutes(number * 13));
                    break;
                case 5:
                    Tell(count: number, Fate.Done);
                    break;
                case 6:
                    Tell(count: number, number % 2 == 0 ? Fate.AnswerLost : Fate.NeverCame);
                    break;
                case 7:
                    Restart();
                    break;
                case 8:
                    // It dies behind calls that were done and whose answers it did not see.
                    Tell(count: number, Fate.DiesBehind);
                    Restart();
                    break;
                default:
                    Book.Doubt();
                    break;
            }

            Desire();
        }

        public void Settle()
        {
            for (var turn = 0; turn < 2000 && (turn < 2 || Book.Waiting(Now) > 0); turn++)
            {
                Pass(TimeSpan.FromSeconds(1));
                Desire();
                Tell(100, Fate.Done);
            }
        }

        private void Restart()
        {
            var text = OuterFile.Write(Book, "here");
            Book = new OuterBook(endsAlone, Longest, most);
            Assert.Null(OuterFile.Read(text, "here", Book));
            Desire();
        }

        private void Desire()
        {
            foreach (var over in Desired.Values.Where(ban => ban.Until <= Now).ToList())
            {
                Desired.Remove(over.Subject);
            }

            Book.Desire([.. Desired.Values]);
        }

        private void Pass(TimeSpan time)
        {
            Now += time;
            foreach (var ended in Device.Where(pair => pair.Value <= Now).ToList())
            {
                Device.Remove(ended.Key);
            }

            Desire();
        }

        private void Tell(int count, Fate fate)
        {
            foreach (var call in Book.Next(Now, count))
            {
                Book.Begin(call);
                if (fate != Fate.NeverCame)
                {
                    Execute(call);
                }

                if (fate == Fate.Done)
                {
                    Book.Succeed(call);
                }
                else if (fate != Fate.DiesBehind)
                {
                    Book.Fail(call, Now);
                }
            }
        }

        private void Execute(OuterCall call)
        {
            if (call.Lifts)
            {
                Device.Remove(call.Ban.Subject);
                return;
            }

            if (!Desired.ContainsKey(call.Ban.Subject))
            {
                LateBan = $"{call.Ban.Subject} was banned late";
            }

            Device.TryAdd(call.Ban.Subject, endsAlone ? call.Ban.Until : null);
        }

        private enum Fate
        {
            Done,
            AnswerLost,
            NeverCame,
            DiesBehind,
        }
    }
}
