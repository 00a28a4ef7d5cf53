using System.CommandLine;
using System.CommandLine.Parsing;
using Ringfence.Commands;
using Ringfence.Tests.Corpus;
using Xunit;

namespace Ringfence.Tests.Commands;

public sealed class CommandLineTests
{
    private readonly Console _console = new();

    public static TheoryData<string> VerbNames => [.. Program.Verbs.Select(verb => verb.Name)];

    [Theory]
    [InlineData("gaurd")]
    [InlineData("help", "gaurd")]
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

    [Theory]
    [InlineData("--jsn: did you mean --json?", "status", "--jsn")]
    [InlineData("--watchd: did you mean --watched?", "bans", "--watchd")]
    [InlineData("--dry_rnu: did you mean --dry-run?", "ban", "--dry_rnu", "203.0.113.5")]
    [InlineData("--confg: did you mean --config?", "guard", "--confg=x")]
    [InlineData(null, "status", "--something-else")]
    [InlineData(null, "ban", "nobody", "--for", "1h")]
    public async Task A_misspelt_option_is_answered_with_the_one_that_was_meant(string? answer, params string[] args)
    {
        var (exitCode, _, error) = await _console.RunAsync(args);

        Assert.Equal(ExitCode.Mistake, exitCode);
        Assert.Equal(answer, error.Split('\n').SingleOrDefault(line => line.Contains("did you mean", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_verb_below_a_verb_that_is_missing_or_misspelt_is_answered_with_what_there_is()
    {
        var (exitCode, _, missing) = await _console.RunAsync("calls");
        Assert.Equal(ExitCode.Mistake, exitCode);
        Assert.StartsWith("ringfence: calls: expected a verb behind it\nVerbs: rate, report, ", missing, StringComparison.Ordinal);
        Assert.StartsWith("ringfence: calls raport: no such verb; did you mean calls report?\n", (await _console.RunAsync("calls", "raport")).Error, StringComparison.Ordinal);
        Assert.StartsWith("ringfence: firewall plann: no such verb; did you mean firewall plan?\n", (await _console.RunAsync("firewall", "plann")).Error, StringComparison.Ordinal);
        Assert.StartsWith("ringfence: Unrecognized command or argument '--jsno'.\n--jsno: did you mean --json?\n", (await _console.RunAsync("firewall", "--jsno")).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ringfence: Cannot parse argument 'abc' for option '--port': expected a number\n", "knock", "pbx", "--key-file", "x", "--port", "abc")]
    [InlineData("ringfence: --for 10: expected a duration such as 30m, 2h, 7d or 1w\n", "firewall", "apply", "--for", "10")]
    public async Task A_value_that_is_none_is_answered_with_what_was_expected(string answer, params string[] args)
    {
        var (exitCode, _, error) = await _console.RunAsync(args);
        Assert.Equal(ExitCode.Mistake, exitCode);
        Assert.StartsWith(answer, error, StringComparison.Ordinal);
    }

    // A check between arguments asks for values that could not be read.
    [Theory]
    [MemberData(nameof(VerbNames))]
    public void No_value_of_an_option_ends_in_a_crash(string name)
    {
        var root = new RootCommand();
        var built = (Verb)Program.Verbs.Single(verb => verb.Name == name).Build();
        root.Add(built);
        Try(built, [name]);

        void Try(Verb verb, string[] path)
        {
            foreach (var option in verb.Options.Where(static option => option.ValueType != typeof(bool)))
            {
                foreach (var values in (string[][])[["10"], ["ten"], ["10", option.Name, "11"], [""]])
                {
                    Assert.Null(Record.Exception(() => root.Parse([.. path, option.Name, .. values])));
                }
            }

            foreach (var below in verb.Subcommands.OfType<Verb>())
            {
                Try(below, [.. path, below.Name]);
            }
        }
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
    public async Task Help_is_there_however_it_is_asked_for()
    {
        var help = await _console.RunAsync("--help");
        var ofGuard = await _console.RunAsync("guard", "--help");

        Assert.Equal(help, await _console.RunAsync());
        Assert.Equal(help, await _console.RunAsync("help"));
        Assert.Equal(ofGuard, await _console.RunAsync("help", "guard"));
        Assert.Equal(await _console.RunAsync("calls", "rate", "--help"), await _console.RunAsync("help", "calls", "rate"));
    }

    [Fact]
    public async Task A_verb_that_is_misspelt_is_answered_with_the_one_that_was_meant()
    {
        Assert.StartsWith("ringfence: gaurd: no such verb; did you mean guard?\n", (await _console.RunAsync("gaurd")).Error, StringComparison.Ordinal);
        Assert.StartsWith("ringfence: frobnicate: no such verb\n", (await _console.RunAsync("frobnicate")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_of_what_is_allowed_has_no_tab_written_out()
    {
        var (exitCode, _, error) = await _console.RunAsync("replay", "--fail-on", "nothing", "x");

        Assert.Equal(ExitCode.Mistake, exitCode);
        Assert.DoesNotContain(@"\t", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_log_of_Asterisk_is_told_apart_from_a_quiet_one()
    {
        var directory = Directory.CreateTempSubdirectory("rf-foreign-");
        var (foreign, quiet) = (Path.Combine(directory.FullName, "syslog"), Path.Combine(directory.FullName, "notice"));
        await File.WriteAllTextAsync(foreign, "Nov 20 23:58:09 pbx sshd[1]: Accepted publickey\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(quiet, "[2026-11-20 23:58:09] NOTICE[1] loader.c: 300 modules will be loaded.\n", TestContext.Current.CancellationToken);

        var (_, _, error) = await _console.RunAsync("replay", foreign, quiet);
        directory.Delete(recursive: true);

        Assert.Contains($"{foreign}: no line looks like Asterisk's\n", error, StringComparison.Ordinal);
        Assert.DoesNotContain($"{quiet}: no line", error, StringComparison.Ordinal);
        Assert.Contains("0 events, 0 bans of 0 addresses", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replay_of_nothing_but_foreign_files_is_a_mistake_and_no_clean_bill()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "root:x:0:0:root:/root:/bin/bash\n", TestContext.Current.CancellationToken);

        var replay = await _console.RunAsync("replay", file);
        var parse = await _console.RunAsync("parse", file);
        File.Delete(file);

        Assert.Equal((ExitCode.Mistake, ExitCode.Mistake), (replay.ExitCode, parse.ExitCode));
        Assert.EndsWith($"ringfence: {file} is no log of Asterisk and no capture; of another program: --door NAME\n", replay.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replay_of_several_logs_names_those_alone_in_which_something_is_wrong_and_why()
    {
        var (good, doubtful) = (CorpusFiles.In("asterisk-22", "50-ami-failures.json"), CorpusFiles.In("asterisk-22", "50-ami-failures.security"));

        var (_, _, error) = await _console.RunAsync("replay", good, doubtful);
        var (_, _, alone) = await _console.RunAsync("replay", good);

        Assert.StartsWith(
            $"{doubtful}: 13 lines, 13 events, 0 not understood, 13 lines not to be trusted; a name at the manager interface, when it is asked over HTTP, can hold whole lines: let logger.conf write the level security as [json]\n"
            + "2 logs: 26 lines, 26 events, 0 not understood\n",
            error,
            StringComparison.Ordinal);
        Assert.StartsWith($"{good}: 13 lines, 13 events, 0 not understood\n", alone, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_that_holds_an_address_and_that_no_pattern_of_its_door_finds_is_shown_when_asked_for()
    {
        var directory = Directory.CreateTempSubdirectory("rf-pattern-").FullName;
        var (config, log) = (Path.Combine(directory, "ringfence.conf"), Path.Combine(directory, "ftp.log"));
        await File.WriteAllTextAsync(config, $"[door ftp]\nkind = pattern\nlog = {log}\npattern = ^FAIL <HOST>$\nignore = ^OK\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(log, "FAIL 198.51.100.7\nFAILED 198.51.100.7:40022\nOK 198.51.100.7\nFAILED 10:00:00 cafe.\n", TestContext.Current.CancellationToken);

        var (code, output, _) = await _console.RunAsync("parse", "--unmatched", "--door", "ftp", "--config", config, log);
        var (_, _, error) = await _console.RunAsync("parse", "--door", "ftp", "--config", config, log);
        Directory.Delete(directory, recursive: true);

        Assert.Equal((ExitCode.Fine, $"{log}:2: FAILED 198.51.100.7:40022\n"), (code, output));
        Assert.Contains("1 event, 0 not understood", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_figures_of_a_replay_are_one_JSON_document()
    {
        var log = Path.GetTempFileName();

        var (_, output, _) = await _console.RunAsync("replay", "--json", "--summary", log);
        File.Delete(log);

        Assert.Equal("{\"events\":0,\"bans\":0,\"subjects\":0,\"spared\":0,\"alerts\":0,\"throttles\":0,\"throttled\":0}\n", output);
    }

    [Fact]
    public async Task A_mistake_in_the_configuration_is_told_with_the_full_path()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "[bans]\nfirst_ban = 10\n", TestContext.Current.CancellationToken);

        var (exitCode, _, error) = await _console.RunAsync("guard", "--config", file);
        File.Delete(file);

        Assert.Equal(ExitCode.Mistake, exitCode);
        Assert.Contains($"{file}:2: first_ban is", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_that_is_no_such_thing_is_told_by_its_size_and_not_read()
    {
        var file = Path.GetTempFileName();
        await using (var log = File.OpenWrite(file))
        {
            log.SetLength(1L << 30);
        }

        var (exitCode, _, error) = await _console.RunAsync("guard", "--config", file);
        File.Delete(file);

        Assert.Equal((ExitCode.Mistake, $"ringfence: {file}: expected at most 4 MiB of configuration, all included files together\n"), (exitCode, error));
    }

    [Fact]
    public async Task A_verb_below_a_verb_is_named_whole_where_help_is_offered()
    {
        var (_, help, _) = await _console.RunAsync("notify", "test", "--help");
        var (exitCode, _, error) = await _console.RunAsync("notify", "test", "boss", "and", "him");

        Assert.Contains(" notify test [<name>] [options]\n", help, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Mistake, exitCode);
        Assert.EndsWith("Try: ringfence notify test --help\n", error, StringComparison.Ordinal);
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
