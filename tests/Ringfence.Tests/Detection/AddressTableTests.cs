using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.Tests.Detection;

public sealed class AddressTableTests
{
    [Fact]
    public void It_never_holds_more_than_its_capacity_and_forgets_those_seen_once_first()
    {
        var table = new AddressTable(100, new RefusalRings());
        for (var i = 0u; i < 50; i++)
        {
            table.Use(Address.FromIPv4(i));
            table.Use(Address.FromIPv4(i));
        }

        for (var i = 1_000u; i < 1_100; i++)
        {
            table.Use(Address.FromIPv4(i));
        }

        Assert.Equal(100, table.Count);
        Assert.Equal(50, table.Evicted);
        Assert.All(Enumerable.Range(0, 50), i => Assert.NotNull(table.Find(Address.FromIPv4((uint)i))));
    }

    [Fact]
    public void An_address_that_was_forgotten_begins_anew()
    {
        var table = new AddressTable(1, new RefusalRings());
        var first = table.Use(Address.FromIPv4(1));
        table.Use(Address.FromIPv4(2));

        Assert.NotSame(first, table.Use(Address.FromIPv4(1)));
        Assert.Equal(1, table.Count);
    }

    [Fact]
    public void Random_use_agrees_with_the_count_of_what_was_added_and_forgotten()
    {
        var random = new Random(1);
        var table = new AddressTable(64, new RefusalRings());
        var added = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var key = Address.FromIPv4((uint)random.Next(200));
            added += table.Find(key) is null ? 1 : 0;

            Assert.Equal(key, table.Use(key).Key);

            Assert.Equal(added - table.Evicted, table.Count);
            Assert.InRange(table.Count, 1, 64);
        }
    }
}
