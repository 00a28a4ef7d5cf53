using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Enforcement;
using Xunit;

namespace Ringfence.Tests.Enforcement;

public sealed class ObservingTests
{
    [Fact]
    public async Task Observing_tells_of_each_decision_that_nothing_was_done()
    {
        await using var firewall = new Observing(TimeProvider.System);
        var subject = Network.Parse("198.51.100.7")!.Value;

        var outcomes = await firewall.ApplyAsync(
            [new Ban(1, default, subject, "RF2001", "", null, 1), new Unban(2, default, subject, "operator", "")], TestContext.Current.CancellationToken);

        Assert.Equal([(1L, OutcomeKind.Observed), (2L, OutcomeKind.Observed)], outcomes.Select(outcome => (outcome.DecisionId, outcome.Kind)));
        Assert.Equal("observe", firewall.Status.Mode);
    }

    [Fact]
    public async Task Observing_keeps_nothing_out_that_is_too_long_for_HEP()
    {
        await using IFirewall firewall = new Observing(TimeProvider.System);

        Assert.False(firewall.KeepsLongOut);
    }
}
