using Ringfence.Core.Host.Filter;
using Ringfence.Core.Perimeter;
using Ringfence.Tests.Perimeter;
using Xunit;

namespace Ringfence.SystemTests.Perimeter;

/// <summary>What `firewall check` says of the rules that run, by what the kernel prints of them.</summary>
public sealed class PolicyComparisonTests
{
    [Fact]
    public void A_policy_that_was_loaded_differs_in_nothing_on_trial_and_confirmed()
    {
        using var rig = PolicyRig.Create();
        var policies = new RandomPolicy(new Random(20_261_124), rig.Links);
        for (var at = 0; at < 12; at++)
        {
            var policy = PolicyBuilder.Build(policies.Settings(), MachinePorts.Usual, static _ => []);
            rig.Nft("flush ruleset\n" + PolicyScripts.Load(policy));
            Assert.Empty(Compare(rig, policy));

            rig.Nft("flush ruleset\n" + PolicyScripts.Make(policy, "g1") + PolicyScripts.Try(PolicyState.None, "g1", "mark", TimeSpan.FromMinutes(10)));
            Assert.Empty(Compare(rig, policy));
        }
    }

    [Fact]
    public void A_difference_is_found_wherever_it_is()
    {
        using var rig = PolicyRig.Create();
        var random = new Random(20_261_125);
        var policies = new RandomPolicy(random, rig.Links);
        var differed = 0;
        for (var at = 0; at < 12; at++)
        {
            var (running, wanted) = (PolicyBuilder.Build(policies.Settings(), MachinePorts.Usual, static _ => []), PolicyBuilder.Build(policies.Settings(), MachinePorts.Usual, static _ => []));
            rig.Nft("flush ruleset\n" + PolicyScripts.Load(running));
            var arrivals = (from source in PolicyProbes.Sources(wanted) from port in PolicyProbes.Ports(wanted) from link in rig.Links select new Arrival(source, link, port.Protocol, port.Port)).ToArray();

            var found = Compare(rig, wanted);

            // By packets: those which the kernel treats otherwise than the policy says are all within what was told.
            random.Shuffle(arrivals);
            var sent = arrivals.Take(300).ToList();
            var passed = rig.Passing(sent);
            foreach (var arrival in sent.Where(arrival => passed.Contains(arrival) != wanted.Passes(arrival)))
            {
                differed++;
                Assert.True(found.Any(difference => difference.Ports.Contains(arrival.Protocol, arrival.Port) && difference.Passes == passed.Contains(arrival)), $"{arrival}: {string.Join('\n', found)}");
            }
        }

        Assert.InRange(differed, 50, int.MaxValue);
    }

    private static IReadOnlyList<PolicyDifference> Compare(PolicyRig rig, Policy policy) =>
        PolicyComparison.Compare(policy, NftRuleset.Read(rig.Machine.Execute("nft", "-j", "list", "ruleset"), static (_, _) => false)!, rig.Links, []);
}
