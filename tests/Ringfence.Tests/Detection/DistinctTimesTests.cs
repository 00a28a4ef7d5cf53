using Ringfence.Core.Detection;
using Ringfence.Core.Events;
using Xunit;

namespace Ringfence.Tests.Detection;

public sealed class DistinctTimesTests
{
    private const int Most = 6;

    [Fact]
    public void It_counts_as_a_plain_list_of_the_latest_does()
    {
        var random = new Random(20261121);
        for (var round = 0; round < 200; round++)
        {
            var times = new DistinctTimes(Most);
            List<(ulong What, long Ticks, long? Proven)> plain = [];
            var oldest = 0;
            for (var step = 0; step < 60; step++)
            {
                var what = (ulong)random.Next(1, 12);
                var proof = random.Next(2) == 0 ? Proof.Unproven : Proof.Proven;
                times.Add(what, step, proof);
                Add(plain, ref oldest, what, step, proof == Proof.Proven ? step : null);

                var window = TimeSpan.FromTicks(random.Next(1, 30));
                var least = random.Next(2) == 0 ? Proof.Unproven : Proof.Proven;
                Assert.Equal(plain.Count(entry => step - (least == Proof.Proven ? entry.Proven : entry.Ticks) <= window.Ticks), times.Count(step, window, least));
            }

            times.Clear();
            Assert.Equal(0, times.Count(60, TimeSpan.FromTicks(60), Proof.Unproven));
        }
    }

    private static void Add(List<(ulong What, long Ticks, long? Proven)> plain, ref int oldest, ulong what, long ticks, long? proven)
    {
        var known = plain.FindIndex(entry => entry.What == what);
        if (known >= 0)
        {
            plain[known] = (what, ticks, proven ?? plain[known].Proven);
        }
        else if (plain.Count < Most)
        {
            plain.Add((what, ticks, proven));
        }
        else
        {
            plain[oldest] = (what, ticks, proven);
            oldest = (oldest + 1) % Most;
        }
    }
}
