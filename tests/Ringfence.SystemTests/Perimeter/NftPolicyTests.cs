using Ringfence.Core.Events;
using Ringfence.Core.Geo;
using Ringfence.Core.Perimeter;
using Ringfence.Enforcement;
using Ringfence.Perimeter;
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

    [Fact]
    public async Task Zones_of_countries_pass_in_the_kernel_as_the_policy_says_also_after_a_newer_database_and_a_reboot()
    {
        using var rig = PolicyRig.Create();
        var random = new Random(20_261_126);
        var directory = Directory.CreateTempSubdirectory("rf-geo-").FullName;
        try
        {
            var policies = new RandomPolicy(random, rig.Links, ["DE", "BR", "JP"]);
            var world = World(random);
            var table = new PolicyTable([.. rig.Machine.Prefix, "nft"], new PolicyFiles(directory), TimeProvider.System, () => world, () => rig.Machine.Run(NetlinkSocket.Open));
            for (var at = 0; at < 6; at++)
            {
                var settings = policies.Settings();
                Policy Build() => PolicyBuilder.Build(settings, MachinePorts.Usual, static _ => [], world, at % 2 == 0 ? UnknownCountry.AsListed : UnknownCountry.Deny);
                var state = await table.TryAsync(Build(), TimeSpan.FromMinutes(5), TestContext.Current.CancellationToken);
                PolicyCheck.AssertSame(rig, Build(), random, 250);
                await table.ConfirmAsync(state, TestContext.Current.CancellationToken);

                world = World(random);
                await table.RefillAsync(TestContext.Current.CancellationToken);
                PolicyCheck.AssertSame(rig, Build(), random, 250);

                if (at % 3 == 0)
                {
                    rig.Nft("flush ruleset\n");
                    Assert.Equal(new PolicyLoad(true, null), await table.LoadAsync(TestContext.Current.CancellationToken));
                    PolicyCheck.AssertSame(rig, Build(), random, 250);
                }
            }

            // Of all the generations and databases one is left.
            Assert.Single((await table.ReadAsync(TestContext.Current.CancellationToken)).Parts.Where(static part => part.Name.StartsWith('g')).Select(static part => part.Name.Split('_')[0]).Distinct());
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static GeoTable World(Random random)
    {
        var builder = new GeoTableBuilder();
        var at = 0x0100_0000u;
        for (var network = 0; network < 60; network++)
        {
            at += (uint)random.Next(1, 1 << 20);
            var last = at + (uint)random.Next(0, 1 << 16);
            builder.Add(Address.FromIPv4(at), Address.FromIPv4(last), new GeoKey(CountryCode.Parse(((string[])["DE", "BR", "JP", "FR"])[random.Next(4)]), 0));
            at = last + 1;
        }

        return builder.Build();
    }
}
