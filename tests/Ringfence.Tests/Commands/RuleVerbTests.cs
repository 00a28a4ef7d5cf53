using System.CommandLine;
using Ringfence.Commands;
using Ringfence.Core.Rules;
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
