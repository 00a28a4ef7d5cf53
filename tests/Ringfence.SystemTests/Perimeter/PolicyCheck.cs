using Ringfence.Core.Perimeter;
using Xunit;

namespace Ringfence.SystemTests.Perimeter;

/// <summary>Packets against the policy's meaning.</summary>
internal static class PolicyCheck
{
    /// <summary>Sends packets from both sides of the policy's edges, and compares what passes with what it says.</summary>
    /// <param name="least">So many packets at least.</param>
    public static void AssertSame(PolicyRig rig, Policy policy, Random random, int least)
    {
        var arrivals = Arrivals(rig, policy, random, least);

        var passed = rig.Passing(arrivals);

        var expected = arrivals.Where(policy.Passes).ToHashSet();
        Assert.True(expected.SetEquals(passed), $"passed, and should not: {string.Join("; ", passed.Except(expected).Take(5))}\nshould pass: {string.Join("; ", expected.Except(passed).Take(5))}\n{PolicyScripts.Load(policy)}");
        Assert.True(arrivals.Count >= least, $"only {arrivals.Count} packets");
    }

    // All pairs of edges where they are few; of many a sample, for each policy another.
    private static List<Arrival> Arrivals(PolicyRig rig, Policy policy, Random random, int least)
    {
        var all = (from source in PolicyProbes.Sources(policy) from port in PolicyProbes.Ports(policy) from link in rig.Links select new Arrival(source, link, port.Protocol, port.Port)).ToArray();
        random.Shuffle(all);
        return [.. all.Take(Math.Max(least, Math.Min(all.Length, 400)))];
    }
}
