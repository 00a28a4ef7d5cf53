using Ringfence.Core.Knock;
using Ringfence.Core.Perimeter;
using Xunit;

namespace Ringfence.Tests.Perimeter;

/// <summary>The scripts of commit and confirm, and what going back means.</summary>
public sealed class PolicyScriptsTests
{
    private static readonly KnockSequence Ports = new([.. ((ushort[])[7000, 9000, 8000]).Select(static port => PortRange.Of(PortProtocol.Udp, port))], TimeSpan.FromHours(8), TimeSpan.FromSeconds(10));

    [Fact]
    public void A_generation_that_is_made_again_from_its_script_is_the_one_that_the_policy_would_make()
    {
        var policies = new RandomPolicy(new Random(20_261_128), ["eth0", "wg0"], ["DE", "BR", "JP"]);
        for (var at = 0; at < 300; at++)
        {
            var policy = PolicyBuilder.Build(policies.Settings(), MachinePorts.Usual, static _ => []) with { Sequence = at % 2 == 0 ? Ports : null };

            // But for the table and the hours of settling, which are there; and a note of the operator's may say anything.
            static IEnumerable<string> Kept(string script) => script.Split('\n').Where(static line => line.Length > 0 && !line.StartsWith("add table ", StringComparison.Ordinal) && !line.Contains($"{NftPolicy.Settling} {{ ipv4", StringComparison.Ordinal) && !line.StartsWith("flush set", StringComparison.Ordinal));

            Assert.Equal(Kept(PolicyScripts.Make(policy, "g47")), Kept(PolicyScripts.MakeAgain(PolicyScripts.Load(policy), "g47")));
        }
    }

    [Theory]
    [InlineData(true, true, true, "EndTrial")]
    [InlineData(false, true, false, "EndTrial")]
    [InlineData(true, false, true, "Previous")]
    [InlineData(false, false, true, "Previous")]
    [InlineData(true, false, false, "NonePrevious")]
    [InlineData(false, false, false, "NothingHolds")]
    public void Going_back_ends_a_trial_that_is_on_else_what_was_confirmed_last(bool isConfirmed, bool isTried, bool hasPrevious, string expected)
    {
        // A trial that has ended by itself leaves its rule in the kernel.
        var state = new PolicyState(isConfirmed ? "g1" : null, "g2", isTried ? TimeSpan.FromSeconds(9) : null, []);

        Assert.Equal(expected, state.WayBack(hasPrevious).ToString());
    }
}
