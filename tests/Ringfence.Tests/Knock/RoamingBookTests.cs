using Ringfence.Core.Events;
using Ringfence.Core.Knock;
using Xunit;

namespace Ringfence.Tests.Knock;

public sealed class RoamingBookTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_is_written_is_read_again_without_what_is_over_and_without_users_who_are_gone()
    {
        var book = new RoamingBook();
        book.See("anna", Now.AddMilliseconds(7));
        book.Open(Entry("198.51.100.7", "anna", hours: 8), Now);
        book.Open(Entry("2001:db8::7", "anna", hours: 1), Now);
        book.Open(Entry("203.0.113.9", "ben", hours: 8), Now);

        var read = RoamingBook.Parse(book.Text(), static user => user == "anna", Now.AddHours(2));

        Assert.Equal([Entry("198.51.100.7", "anna", hours: 8)], read.All);
        Assert.Equal(Now.AddMilliseconds(7), read.After("anna"));
    }

    [Fact]
    public void A_user_has_so_many_doors_and_the_one_that_ends_first_makes_room()
    {
        var book = new RoamingBook();
        for (var i = 0; i < RoamingBook.MostOfUser; i++)
        {
            Assert.Empty(book.Open(Entry($"198.51.100.{i}", "anna", hours: 8 + i), Now));
        }

        Assert.Equal([Entry("198.51.100.0", "anna", hours: 8)], book.Open(Entry("203.0.113.1", "anna", hours: 9), Now));
        Assert.Equal(RoamingBook.MostOfUser, book.All.Count);
    }

    [Fact]
    public void A_knock_from_where_the_door_is_open_has_it_open_for_longer()
    {
        var book = new RoamingBook();
        book.Open(Entry("198.51.100.7", "anna", hours: 1), Now);
        book.Open(Entry("198.51.100.7", "anna", hours: 8), Now);

        Assert.Equal([Entry("198.51.100.7", "anna", hours: 8)], book.All);
    }

    [Fact]
    public void A_damaged_file_is_read_as_far_as_it_goes_seeded()
    {
        var random = new Random(20261122);
        var book = new RoamingBook();
        book.See("anna", Now);
        book.Open(Entry("198.51.100.7", "anna", hours: 8), Now);
        var text = book.Text();
        for (var round = 0; round < 20_000; round++)
        {
            var damaged = text.ToCharArray();
            for (var wounds = random.Next(1, 6); wounds > 0; wounds--)
            {
                damaged[random.Next(damaged.Length)] = "0123456789.\t\n-anf"[random.Next(17)];
            }

            var read = RoamingBook.Parse(new string(damaged), static _ => true, Now);
            Assert.All(read.All, entry => Assert.True(entry.Until > Now));
        }
    }

    private static RoamingAddress Entry(string address, string user, int hours) => new(Address.Parse(address)!.Value, Now.AddHours(hours), user, "");
}
