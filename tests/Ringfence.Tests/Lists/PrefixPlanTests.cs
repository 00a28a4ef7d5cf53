using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Lists;
using Xunit;

namespace Ringfence.Tests.Lists;

public sealed class PrefixPlanTests
{
    [Fact]
    public void Few_networks_are_one_lookup() => Assert.Equal([24], PrefixPlan.Choose(Counts((16, 3), (20, 10), (24, 50)), 16_384));

    [Fact]
    public void Where_there_is_no_room_nothing_is_expanded() => Assert.Equal([16, 20, 24], PrefixPlan.Choose(Counts((16, 3), (20, 10), (24, 50)), 0));

    [Fact]
    public void No_network_needs_no_lookup() => Assert.Empty(PrefixPlan.Choose(Counts(), 100));

    [Fact]
    public void No_other_choice_of_lengths_is_shorter_or_as_short_with_fewer_elements() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(
            Gen.Zip(Gen.Choose(0, 40).ArrayOf(11), Gen.Choose(0, 20_000)).ToArbitrary(), static test =>
            {
                var (counts, room) = test;
                var chosen = PrefixPlan.Choose(counts, room);
                if (counts.Sum() == 0)
                {
                    return;
                }

                var best = Enumerable.Range(1, (1 << counts.Length) - 1)
                    .Select(bits => Enumerable.Range(0, counts.Length).Where(length => (bits & (1 << length)) != 0).ToArray())
                    .Where(lengths => counts.Skip(lengths[^1] + 1).All(static count => count == 0))
                    .Select(lengths => (lengths.Length, Elements: Elements(counts, lengths)))
                    .OrderBy(one => one.Elements <= room ? one.Length : int.MaxValue).ThenBy(static one => one.Elements).First();
                var actual = Elements(counts, [.. chosen]);
                Assert.Equal(best.Elements <= room ? best : (counts.Count(static count => count > 0), counts.Sum()), (chosen.Count, actual));
            }));

    private static long Elements(int[] counts, int[] lengths) =>
        Enumerable.Range(0, counts.Length).Where(length => counts[length] > 0).Sum(length => (long)counts[length] << (lengths.First(chosen => chosen >= length) - length));

    private static int[] Counts(params (int Length, int Count)[] given)
    {
        var counts = new int[33];
        foreach (var (length, count) in given)
        {
            counts[length] = count;
        }

        return counts;
    }
}
