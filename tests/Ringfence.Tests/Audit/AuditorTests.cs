using Ringfence.Core.Audit;
using Ringfence.Core.Pbx;
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

    [Fact]
    public void An_audit_that_is_interrupted_asks_no_further_rule()
    {
        using var interrupted = new CancellationTokenSource();
        var asked = new List<string>();
        var first = Anonymous with { Id = "RF9998", Check = _ => Interrupt() };
        var second = Anonymous with { Id = "RF9999", Check = _ => Ask("second") };

        Assert.Throws<OperationCanceledException>(() => Auditor.Run(ExampleFiles.Of("[a]\n", "pjsip.conf").Pbx, [first, second], new HashSet<string>(), interrupted.Token));

        Assert.Equal(["first"], asked);

        IEnumerable<Fault> Interrupt()
        {
            interrupted.Cancel();
            return Ask("first");
        }

        IEnumerable<Fault> Ask(string rule)
        {
            asked.Add(rule);
            return [];
        }
    }

    [Fact]
    public void Of_a_rule_that_is_broken_in_more_places_than_anybody_reads_some_are_listed_and_that_is_told()
    {
        var result = Auditor.Run(
            ExampleFiles.Of("[g]\ntype=global\n" + string.Concat(Enumerable.Range(0, 6_000).Select(static i => $"odd{i}=1\n")), "pjsip.conf").Pbx, [AuditRules.All.Single(static rule => rule.Id == "RF1100")], new HashSet<string>(), TestContext.Current.CancellationToken);

        Assert.Equal(5_000, result.Findings.Count);
        Assert.Equal("RF1100 unknown-option is found in more places than are looked at: those that are listed are not all", Assert.Single(result.Notes));
    }

    [Fact]
    public void What_was_too_much_to_be_read_is_told()
    {
        var result = Auditor.Run(ExampleFiles.Of("[t]\n" + string.Concat(Enumerable.Repeat("a=b\n", ReadingBounds.MaxSettings + 1)), "pjsip.conf").Pbx, [Anonymous], new HashSet<string>(), TestContext.Current.CancellationToken);

        Assert.Contains(result.Notes, static note => note.StartsWith("pjsip.conf:", StringComparison.Ordinal) && note.EndsWith("together; the rest is left out", StringComparison.Ordinal));
    }
}
