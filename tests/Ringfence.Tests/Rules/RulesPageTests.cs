using System.Runtime.CompilerServices;
using Ringfence.Core.Audit;
using Ringfence.Core.Detection;
using Ringfence.Core.Fraud;
using Ringfence.Core.Rules;
using Xunit;

namespace Ringfence.Tests.Rules;

public sealed class RulesPageTests
{
    [Fact]
    public void The_page_of_rules_in_the_tree_is_fresh()
    {
        var file = Path.Combine(Root(), "docs/rules.md");
        var page = RulesPage.Markdown(
        [
            ("Audit", "What is wrong with a PBX: `ringfence audit`. One place is allowed by a comment in Asterisk's file, `; ringfence: allow NAME (reason)`; everywhere by `allow` in `[audit]`.", AuditRules.All),
            ("Detection", "Who attacks: `ringfence guard` and `replay`. Turned off by `disable` in `[detect]`.", DetectionRules.All),
            ("Calls", "What costs money that nobody meant to spend: the gate, the brake and `ringfence calls backtest`. How much of it is too much the limits say: `[limit NAME]`.", CallRules.All),
        ]);
        if (Environment.GetEnvironmentVariable("RINGFENCE_UPDATE") == "1")
        {
            File.WriteAllText(file, page);
        }

        Assert.True(File.Exists(file) && File.ReadAllText(file) == page, "docs/rules.md is stale: run RINGFENCE_UPDATE=1 ./test and look at the difference");
    }

    [Fact]
    public void Every_rule_of_every_kind_has_an_id_and_a_name_of_its_own()
    {
        IReadOnlyList<RuleInfo> all = [.. AuditRules.All, .. DetectionRules.All, .. CallRules.All];

        Assert.Equal(all.Count, all.Select(rule => rule.Id).Distinct().Count());
        Assert.Equal(all.Count, all.Select(rule => rule.Name).Distinct().Count());
    }

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../.."));
}
