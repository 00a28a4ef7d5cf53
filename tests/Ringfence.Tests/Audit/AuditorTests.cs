using Ringfence.Core.Audit;
using Xunit;

namespace Ringfence.Tests.Audit;

public sealed class AuditorTests
{
    private static readonly AuditRule Anonymous = AuditRules.All.Single(rule => rule.Id == "RF1001");

    [Fact]
    public void A_rule_that_fails_is_told_and_costs_no_other()
    {
        var failing = Anonymous with { Id = "RF9999", Name = "fails", Check = static _ => throw new InvalidOperationException("no such thing") };

        var result = Auditor.Run(ExampleFiles.Of("[anonymous]\ntype=endpoint\n", "pjsip.conf").Pbx, [failing, Anonymous], new HashSet<string>(), TestContext.Current.CancellationToken);

        Assert.Equal("RF1001", Assert.Single(result.Findings).Rule.Id);
        Assert.Contains(result.Notes, static note => note.StartsWith("RF9999 fails could not be checked", StringComparison.Ordinal));
    }

    [Fact]
    public void An_audit_that_was_stopped_is_no_rule_that_failed() =>
        Assert.Throws<OperationCanceledException>(static () =>
            Auditor.Run(ExampleFiles.Of("[anonymous]\ntype=endpoint\n", "pjsip.conf").Pbx, [Anonymous], new HashSet<string>(), new CancellationToken(canceled: true)));
}
