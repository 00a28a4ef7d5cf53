using System.CommandLine;
using System.Text;
using Ringfence.Commands;
using Ringfence.Core.Rules;
using Ringfence.Core.Sip;
using Xunit;

namespace Ringfence.Tests.Commands;

public sealed class RuleVerbTests
{
    private static readonly IReadOnlyList<RuleInfo> Rules = [Rule("RF2002", "account-scan", Severity.Medium), Rule("RF2001", "password-guessing", Severity.High)];

    [Fact]
    public async Task Rules_are_listed_by_their_ids()
    {
        var output = await RunAsync(RulesCommand.Build(() => Rules), "rules");

        Assert.Equal(
            """
            RF2001  high    password-guessing  Somebody tries.
            RF2002  medium  account-scan       Somebody tries.

            """,
            output);
    }

    [Fact]
    public async Task The_fingerprints_that_are_built_in_are_printed_as_a_file_that_can_be_read_again()
    {
        var output = await RunAsync(RulesCommand.Build(() => Rules), "rules", "--fingerprints");

        Assert.Equal(Encoding.ASCII.GetString(FingerprintFile.BuiltInText()), output);
    }

    [Theory]
    [InlineData("RF2001")]
    [InlineData("rf2001")]
    [InlineData("Password-Guessing")]
    public async Task A_rule_is_explained_by_id_or_name(string asked)
    {
        var output = await RunAsync(ExplainCommand.Build(() => Rules), "explain", asked);

        Assert.Equal(
            """
            RF2001 password-guessing, high

            Why
              Somebody tries.

            What to do
              Use keys.

            It fires on
              bad 1
              bad 2

            It lets pass
              good

            More
              https://example.org/

            """,
            output);
    }

    [Fact]
    public async Task An_example_says_in_words_which_line_completes_it_and_which_settings_it_needs()
    {
        var repeat = await RunAsync(ExplainCommand.Build(), "explain", "RF2005");
        var decoy = await RunAsync(ExplainCommand.Build(), "explain", "RF2006");

        Assert.DoesNotContain("# here", repeat + decoy, StringComparison.Ordinal);
        Assert.Equal(1, repeat.Split("  <- fires here\n").Length - 1);
        Assert.Contains("\nIt fires on, with refusals = 1 in ringfence.conf\n", repeat, StringComparison.Ordinal);
        Assert.Contains("by default for a week", repeat, StringComparison.Ordinal);
        Assert.Contains("\nIt fires on, with decoy = admin in ringfence.conf\n", decoy, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_example_needs_only_settings_that_are_shown() => Assert.All(
        RuleList.All().OfType<Core.Detection.DetectionRule>(),
        rule => Assert.Equal(
            new Core.Configuration.DetectionSettings(), rule.ExampleSettings with { Refusals = new Core.Configuration.DetectionSettings().Refusals, Decoys = [] }));

    [Fact]
    public async Task On_a_narrow_terminal_what_a_rule_sees_stands_under_its_name()
    {
        await using var output = new StringWriter { NewLine = "\n" };
        var root = new RootCommand { RulesCommand.Build(() => Rules) };

        await root.Parse(["rules"]).InvokeAsync(new Console { IsTerminal = true, Width = 60 }.Surroundings(output, TextWriter.Null), TestContext.Current.CancellationToken);

        Assert.Equal("RF2001  high  password-guessing\n    Somebody tries.\nRF2002  medium  account-scan\n    Somebody tries.\n", output.ToString());
    }

    private static async Task<string> RunAsync(Command verb, params string[] args)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        var root = new RootCommand { verb };
        var exitCode = await root.Parse(args).InvokeAsync(new Console().Surroundings(output, TextWriter.Null), TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.Fine, exitCode);
        return output.ToString();
    }

    private static TestRule Rule(string id, string name, Severity severity) => new()
    {
        Id = id,
        Name = name,
        Severity = severity,
        Why = "Somebody tries.",
        Fix = "Use keys.",
        Bad = "bad 1\nbad 2",
        Good = "good",
        Reference = new Uri("https://example.org/"),
    };

    private sealed record TestRule : RuleInfo;
}
