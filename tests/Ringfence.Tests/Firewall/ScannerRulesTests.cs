using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core.Firewall;
using Ringfence.Core.Sip;
using Xunit;

namespace Ringfence.Tests.Firewall;

public sealed class ScannerRulesTests
{
    [Fact]
    public void The_names_that_the_program_brings_are_rules_one_for_each()
    {
        var names = Fingerprints.BuiltIn.AgentsAlone;

        Assert.Contains("friendly-scanner", names);
        Assert.Contains("sipvicious", names);
        Assert.DoesNotContain("", names);
        Assert.Equal(names.Count + 3, ScannerRules.Fill(names).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void Whatever_a_name_holds_no_line_of_the_script_is_anything_but_a_rule_of_our_chain() => Prop.ForAll(
        ArbMap.Default.ArbFor<NonNull<string>>(),
        name =>
        {
            var lines = ScannerRules.Fill([name.Get, "friendly-scanner", $"x\" -j ACCEPT\n{name.Get}"]).Split('\n', StringSplitOptions.RemoveEmptyEntries);

            Assert.Equal(["*filter", ":RINGFENCE-SCANNERS - [0:0]"], lines.Take(2));
            Assert.Equal("COMMIT", lines[^1]);
            Assert.All(lines[2..^1], static line => Assert.Matches("^-A RINGFENCE-SCANNERS -m string --algo bm --icase --string \"User-Agent: [A-Za-z0-9._ /-]+\" -j DROP$", line));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("", 0)]
    [InlineData("Chain RINGFENCE-SCANNERS (1 references)\n    pkts      bytes target     prot opt in     out     source               destination\n       3     1350 DROP       0    --  *      *       0.0.0.0/0            0.0.0.0/0            STRING match\n       4     1 DROP  x\n", 7)]
    [InlineData("x x DROP\n99999999999999999999 1 DROP\n5 5 ACCEPT\n", 0)]
    public void What_was_dropped_is_the_sum_of_its_rules(string listing, long dropped) => Assert.Equal(dropped, ScannerRules.Dropped(listing));
}
