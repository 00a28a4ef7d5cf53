using Ringfence.Core.Audit;
using Ringfence.Core.Dialplan;
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

    [Fact]
    public void A_rule_whose_automata_cost_too_much_is_told_and_costs_no_other()
    {
        var costly = Anonymous with { Id = "RF9999", Name = "costs", Check = static _ => Spend() };

        var result = Auditor.Run(ExampleFiles.Of("[anonymous]\ntype=endpoint\n", "pjsip.conf").Pbx, [costly, Anonymous], new HashSet<string>(), TestContext.Current.CancellationToken);

        Assert.Equal("RF1001", Assert.Single(result.Findings).Rule.Id);
        Assert.StartsWith("RF9999 costs was not looked for to the end", Assert.Single(result.Notes), StringComparison.Ordinal);

        static IEnumerable<Fault> Spend()
        {
            LanguageWork.Spend(int.MaxValue);
            return [];
        }
    }

    [Fact]
    public void A_dialplan_with_more_ways_than_are_walked_is_told()
    {
        // Each of the patterns leaves something to each that stands behind it.
        var patterns = from one in "XZN" from two in "XZN" from three in "XZN" from four in "XZN" from five in "XZN" from six in "XZN" from seven in "XZN" from eight in "XZN" select $"_{one}{two}{three}{four}{five}{six}{seven}{eight}.";
        var files = ExampleFiles.Of(
            $"[internal]\n{string.Concat(patterns.Select(static pattern => $"exten => {pattern},1,Dial(PJSIP/${{EXTEN}}@trunk)\n"))};;; pjsip.conf\n[1001]\ntype = endpoint\ncontext = internal\n", "extensions.conf");

        var result = Auditor.Run(files.Pbx, AuditRules.All, new HashSet<string>(), TestContext.Current.CancellationToken);

        Assert.Contains(result.Notes, static note => note.StartsWith("the dialplan has more ways than the audit walks", StringComparison.Ordinal));
    }

    [Fact]
    public void A_queue_with_more_members_than_a_call_is_followed_to_is_told()
    {
        var files = ExampleFiles.Of(
            $"[internal]\n{string.Concat(Enumerable.Range(0, 2_000).Select(static i => $"exten => {i},1,Queue(q,tT)\n"))};;; queues.conf\n[q]\n{string.Concat(Enumerable.Range(0, 20_000).Select(static i => $"member => Local/{i}@internal\n"))};;; pjsip.conf\n[1001]\ntype = endpoint\ncontext = internal\n", "extensions.conf");

        var result = Auditor.Run(files.Pbx, AuditRules.All, new HashSet<string>(), TestContext.Current.CancellationToken);

        Assert.Contains("queues.conf: queue q has more than 100 members; calls to the others are left out", result.Notes);
    }

    [Fact]
    public void Gaps_and_jumps_that_sixty_thousand_patterns_might_fill_are_looked_into_as_far_as_it_goes_and_that_is_told()
    {
        var pbx = ExampleFiles.Of(
            "[internal]\n" + string.Concat(Enumerable.Range(0, 6_000).Select(static i => $"exten => _{i:00000}X,1,NoOp()\nexten => _{i:00000}X,3,Playback(a)\nexten => _{i:00000}.,2,Goto(internal,{i:00000}1,2)\n")), "extensions.conf").Pbx;

        var result = Auditor.Run(pbx, [.. AuditRules.All.Where(static rule => rule.Id is "RF1320" or "RF1319" or "RF1305")], new HashSet<string>(), TestContext.Current.CancellationToken);

        Assert.Contains(result.Notes, static note => note.StartsWith("the dialplan has so many gaps", StringComparison.Ordinal));
    }
}
