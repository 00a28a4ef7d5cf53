using System.CommandLine;
using System.CommandLine.Parsing;
using Ringfence.Commands;
using Xunit;

namespace Ringfence.Tests.Commands;

public sealed class CommandLineTests
{
    private readonly Console _console = new();

    public static TheoryData<string> VerbNames => [.. Program.Verbs.Select(verb => verb.Name)];

    [Theory]
    [InlineData]
    [InlineData("gaurd")]
    [InlineData("bans", "--jsno")]
    [InlineData("bans", "extra")]
    [InlineData("ban")]
    [InlineData("ban", "nobody")]
    [InlineData("ban", "203.0.113.7/24")]
    [InlineData("ban", "203.0.113.7", "--for", "soon")]
    [InlineData("ban", "203.0.113.7", "--for", "1h", "--permanent")]
    [InlineData("ban", "203.0.113.7", "--for", "0s")]
    [InlineData("ban", "0.0.0.0/1")]
    [InlineData("trust", "--remove")]
    [InlineData("trust", "--for", "1h")]
    [InlineData("trust", "203.0.113.7", "--for", "1h", "--remove")]
    [InlineData("guard", "--enforce", "--observe")]
    [InlineData("status", "--config", "/nowhere/ringfence.conf")]
    [InlineData("explain", "RF0000")]
    public async Task A_mistake_is_said_on_stderr_alone_and_ends_with_2(params string[] args)
    {
        var (exitCode, output, error) = await _console.RunAsync(args);

        Assert.Equal(ExitCode.Mistake, exitCode);
        Assert.Equal("", output);
        Assert.StartsWith("ringfence: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mistake_is_quoted_without_its_control_characters()
    {
        var (_, _, error) = await _console.RunAsync("ban", "\e[2J");

        Assert.Contains(@"\x1b[2J", error, StringComparison.Ordinal);
        Assert.DoesNotContain("\e", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_with_host_bits_is_answered_with_both_readings()
    {
        var (_, _, error) = await _console.RunAsync("ban", "203.0.113.7/24");

        Assert.Contains("203.0.113.7 lies in 203.0.113.0/24", error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(VerbNames))]
    public async Task Every_verb_has_help_with_examples(string verb)
    {
        var (exitCode, output, _) = await _console.RunAsync(verb, "--help");

        Assert.Equal(ExitCode.Fine, exitCode);
        Assert.Contains($"Usage:\n  ", output, StringComparison.Ordinal);
        Assert.Contains($"Examples:\n  ringfence {verb}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_help_of_guard_says_that_it_bans_unless_told_to_observe()
    {
        var (_, output, _) = await _console.RunAsync("guard", "--help");

        var words = string.Join(' ', output.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("Bans unless the configuration or --observe says otherwise", words, StringComparison.Ordinal);
        Assert.Contains("ringfence guard --observe show what would be banned, ban nobody", words, StringComparison.Ordinal);
        Assert.Contains("ringfence guard ban ", words, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(VerbNames))]
    public void Every_example_is_a_command_line_that_is_understood(string verb)
    {
        var root = new RootCommand();
        foreach (var (_, build) in Program.Verbs)
        {
            root.Add(build());
        }

        var examples = root.Subcommands.OfType<Verb>().Single(command => command.Name == verb).Examples;

        Assert.All(examples, example => Assert.Empty(root.Parse([.. CommandLineParser.SplitCommandLine(example.CommandLine).Skip(1)]).Errors));
    }

    [Fact]
    public async Task Help_lists_every_verb()
    {
        var (exitCode, output, _) = await _console.RunAsync("--help");

        Assert.Equal(ExitCode.Fine, exitCode);
        Assert.All(Program.Verbs, verb => Assert.Contains($"\n  {verb.Name} ", output, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_verb_is_listed_under_its_own_name() => Assert.All(Program.Verbs, verb => Assert.Equal(verb.Name, verb.Build().Name));

    [Fact]
    public async Task A_shell_can_ask_what_may_follow()
    {
        var (_, verbs, _) = await _console.RunAsync("[suggest:2]", "un");
        var (_, options, _) = await _console.RunAsync("[suggest:7]", "ban --p");

        Assert.Equal("unban\n", verbs);
        Assert.Contains("--permanent", options, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_daemon_and_no_journal_ends_with_3_and_what_to_start()
    {
        foreach (var args in new string[][] { ["status"], ["bans"], ["why", "203.0.113.5"], ["ban", "203.0.113.5"], ["unban", "203.0.113.5"], ["trust"] })
        {
            var (exitCode, output, error) = await _console.RunAsync(args);

            Assert.Equal(ExitCode.WorldFailed, exitCode);
            Assert.Equal("", output);
            Assert.Contains("systemctl start ringfence", error, StringComparison.Ordinal);
        }
    }
}
