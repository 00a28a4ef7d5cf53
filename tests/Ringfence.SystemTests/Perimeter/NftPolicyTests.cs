using Ringfence.Core.Perimeter;
using Ringfence.Tests.Perimeter;
using Xunit;

namespace Ringfence.SystemTests.Perimeter;

/// <summary>What the kernel lets in is what the policy says, for any policy.</summary>
public sealed class NftPolicyTests
{
    [Fact]
    public void What_passes_in_the_kernel_is_what_the_policy_says()
    {
        using var rig = PolicyRig.Create();
        var random = new Random(20_261_123);
        var policies = new RandomPolicy(random, rig.Links);

        for (var at = 0; at < 40; at++)
        {
            var policy = PolicyBuilder.Build(policies.Settings(), MachinePorts.Usual, static _ => []);
            rig.Nft(PolicyScripts.Load(policy));

            PolicyCheck.AssertSame(rig, policy, random, 250);
        }
    }
}
