using System.Text.Json;
using Ringfence.Core.Configuration;
using Ringfence.Core.Fraud;
using Xunit;

namespace Ringfence.Tests.Commands;

public sealed class CallsLimitsVerbTests
{
    private const string Own = "[calls]\ncountry = DE\ncurrency = EUR\n[limit spend-5m]\ncritical = 45.50\n[limit spend-hour]\nenabled = no\n[limit boss]\nrule = spend\nextensions = 301\nonly = abroad\nwindow = 2h\ncritical = 500\n";

    public static TheoryData<string> Names => [.. CallRules.All.SelectMany(static rule => rule.Limits).Select(static limit => limit.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_lines_of_a_default_limit_make_the_same_limit(string name)
    {
        var limit = CallRules.All.SelectMany(static rule => rule.Limits).Single(limit => limit.Name == name);
        var lines = LimitText.Section(limit);
        var read = ConfigReader.Parse("r", string.Join('\n', lines.Select(line => line == lines[0] ? "[limit other]" : line)) + "\n");

        Assert.Empty(read.Mistakes);
        var same = read.Config!.Calls.AllLimits.Single(static one => one.Name == "other");
        Assert.Equal(LimitText.Section(limit).Skip(1), LimitText.Section(same).Skip(1));
        Assert.Equal((limit.Rule, limit.Scope, limit.Window, limit.Warning, limit.Critical, limit.Action, limit.For, limit.Earns, limit.Hours, limit.SparesKnown),
            (same.Rule, same.Scope, same.Window, same.Warning, same.Critical, same.Action, same.For, same.Earns, same.Hours, same.SparesKnown));
        Assert.Equal((limit.Calls.RiskyOnly, limit.Calls.AbroadOnly, limit.Calls.InvalidOnly, limit.Calls.ListedOnly, limit.Calls.NewTo), (same.Calls.RiskyOnly, same.Calls.AbroadOnly, same.Calls.InvalidOnly, same.Calls.ListedOnly, same.Calls.NewTo));
        Assert.Equal(limit.Calls.Origins, same.Calls.Origins);
        Assert.Equal(limit.Calls.Classes, same.Calls.Classes);
    }

    [Fact]
    public async Task All_are_shown_by_what_they_count_with_what_is_changed_and_what_is_off()
    {
        var (code, output, _) = await RunAsync("calls", "limits");

        Assert.Equal(ExitCode.Fine, code);
        Assert.All(CallRules.All.SelectMany(static rule => rule.Limits), limit => Assert.Contains($"  {limit.Name} ", output, StringComparison.Ordinal));
        Assert.Matches("(?m)^  spend-5m +extension +5m +30 EUR +45.5 EUR +country +1h +risky *$", output);
        Assert.Matches("(?m)^  spend-hour +extension +1h +off ", output);
        Assert.Matches("(?m)^  boss +extension +2h +- +500 EUR +country +1h +extensions 301; abroad *$", output);
        Assert.Contains("Changed in ringfence.conf: spend-5m, boss, spend-hour.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_narrow_terminal_the_figures_still_have_names()
    {
        var (_, output, _) = await new Console { Config = ConfigReader.Parse("r", Own).Config!, IsTerminal = true, Width = 80 }.RunAsync("calls", "limits");

        Assert.All(output.Split('\n'), static line => Assert.True(line.Length <= 80, line));
        Assert.Contains("  Limit  Of one  In  Tells at  Stops at  Stops  For\n    Looks at\n  spend-5m  extension  5m  30 EUR  45.5 EUR  country  1h\n    risky\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_is_explained_with_the_lines_that_change_it_or_turn_it_off()
    {
        var (code, output, _) = await RunAsync("calls", "limits", "spend-5m");

        Assert.Equal(ExitCode.Fine, code);
        Assert.Contains("people are told at 30 EUR; at 45.5 EUR this extension's calls to that country are stopped for 1h.", output, StringComparison.Ordinal);
        Assert.Contains("\n  [limit spend-5m]\n  rule = spend\n  for = extension\n  window = 5m\n  warning = 30\n  critical = 45.5\n", output, StringComparison.Ordinal);
        Assert.Contains("To turn it off:\n  [limit spend-5m]\n  enabled = no\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_JSON_a_limit_that_is_off_has_its_lines_too()
    {
        var (_, output, _) = await RunAsync("calls", "limits", "SPEND-HOUR", "--json");

        var limit = JsonDocument.Parse(output).RootElement.GetProperty("limits")[0];
        Assert.Equal(("spend-hour", false, true, "100 EUR"), (limit.GetProperty("name").GetString(), limit.GetProperty("is_enabled").GetBoolean(), limit.GetProperty("is_changed").GetBoolean(), limit.GetProperty("critical").GetString()));
    }

    [Fact]
    public async Task A_name_that_no_limit_has_is_a_mistake_that_names_the_near_one()
    {
        var (code, _, errors) = await RunAsync("calls", "limits", "spend-5n");

        Assert.Equal(ExitCode.Mistake, code);
        Assert.Contains("did you mean spend-5m?", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_country_it_says_that_none_holds() =>
        Assert.Contains("none of them holds yet", (await new Console().RunAsync("calls", "limits")).Error, StringComparison.Ordinal);

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] args) => await new Console { Config = ConfigReader.Parse("r", Own).Config!, Width = 200 }.RunAsync(args);
}
