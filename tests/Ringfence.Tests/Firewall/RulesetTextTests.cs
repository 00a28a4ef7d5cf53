using Ringfence.Core.Firewall;
using Xunit;

namespace Ringfence.Tests.Firewall;

public sealed class RulesetTextTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_script_never_empties_a_set_or_touches_what_is_not_ours(bool reject)
    {
        var lines = RulesetText.Build(new TableShape(), reject).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.All(lines, line => Assert.Contains(" inet ringfence", line, StringComparison.Ordinal));
        Assert.All(lines, line => Assert.False(
            line.StartsWith("flush ruleset", StringComparison.Ordinal) || line.StartsWith("flush set", StringComparison.Ordinal)
            || line.StartsWith("flush table", StringComparison.Ordinal) || line.StartsWith("delete", StringComparison.Ordinal)
            || line.StartsWith("destroy", StringComparison.Ordinal),
            line));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_number_of_rules_is_what_a_whole_table_is_known_by(bool reject)
    {
        var lines = RulesetText.Build(new TableShape(), reject).Split('\n');

        Assert.Equal(RulesetText.ArrivingRules, lines.Count(line => line.StartsWith("add rule inet ringfence arriving ", StringComparison.Ordinal)));
        Assert.Equal(RulesetText.RefuseRules(reject), lines.Count(line => line.StartsWith("add rule inet ringfence refuse ", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_loopback_goes_through_before_any_set_is_asked()
    {
        var rules = RulesetText.Build(new TableShape(), reject: false).Split('\n').Where(line => line.StartsWith("add rule inet ringfence arriving ", StringComparison.Ordinal));

        Assert.Equal("add rule inet ringfence arriving iif 1 accept", rules.First());
    }

    [Fact]
    public void An_empty_kernel_is_no_table() => Assert.False(new TableShape().Exists || new TableShape().IsWhole(reject: false));
}
