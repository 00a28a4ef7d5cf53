using System.Text.Json;
using Ringfence.Commands;
using Ringfence.Core.Configuration;
using Ringfence.Core.Decisions;
using Ringfence.Core.Events;
using Ringfence.Core.Pbx;
using Ringfence.Sources;
using Ringfence.Tests.Configuration;
using Xunit;

namespace Ringfence.Tests.Commands;

public sealed class InitCommandTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 2, 0, 0, TimeSpan.Zero);
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-config-").FullName;

    private string Output => Path.Combine(_directory, "etc", "ringfence.conf");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Init_writes_a_configuration_that_reads_without_a_mistake()
    {
        var (code, output, error) = await RunAsync("--output", Output);

        Assert.Equal((0, ""), (code, error));
        Assert.Empty(ConfigReader.Parse("r", File.ReadAllText(Output)).Mistakes);
        Assert.Contains($"Wrote {Output}\n", output, StringComparison.Ordinal);
        Assert.Contains("trusts 203.0.113.10  (trunk itsp in pjsip.conf:3)", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Init_ends_with_how_to_go_on_and_says_which_of_it_bans()
    {
        var (_, output, _) = await RunAsync("--output", Output);

        Assert.EndsWith(
            $"Next: ringfence guard --observe --config {Output} (bans nobody); then ringfence guard --config {Output}. The service reads /etc/ringfence/ringfence.conf\n",
            output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manager_s_user_is_added_when_asked_for_once_and_Ringfence_knows_its_secret()
    {
        var file = Path.Combine(_directory, "manager.conf");
        const string Before = "[general]\nenabled = yes ; f\u00fcr das B\u00fcro";
        AtomicFile.WriteAllText(file, Before);
        MachineSurvey Look() => FirstConfigTests.Survey("/etc/asterisk") with { Manager = ManagerAccount.Read(_directory, new ConfigDirectory()) };

        var first = await RunAsync(["--output", Output, "--write-ami"], null, Look());
        var written = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        var again = await RunAsync(["--output", Output, "--write-ami", "--force"], null, Look());

        Assert.Equal((ExitCode.Fine, ExitCode.Fine), (first.Code, again.Code));
        Assert.StartsWith(Before + "\n\n", written, StringComparison.Ordinal);
        Assert.Equal(written, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.Equal(Before, await File.ReadAllTextAsync(Directory.GetFiles(_directory, "manager.conf.2*").Single(), TestContext.Current.CancellationToken));
        var ami = ConfigReader.Parse("r", await File.ReadAllTextAsync(Output, TestContext.Current.CancellationToken)).Config!.Ami;
        Assert.Equal(("ringfence", Look().Manager!.Secret), (ami.User, ami.Secret));
        Assert.Equal(32, ami.Secret.Length);
        Assert.DoesNotContain(ami.Secret, first.Output + first.Error, StringComparison.Ordinal);
        Assert.Contains($"Added the user ringfence to {file}; the old file is beside it. Asterisk reads it with: asterisk -rx \"manager reload\"\n", first.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manager_s_user_is_added_to_a_configuration_that_is_there_and_the_rest_of_it_stays()
    {
        AtomicFile.WriteAllText(Path.Combine(_directory, "manager.conf"), "[general]\nenabled = yes\nport = 5039\n");
        MachineSurvey Look() => FirstConfigTests.Survey("/etc/asterisk") with { Manager = ManagerAccount.Read(_directory, new ConfigDirectory()) };
        await RunAsync(["--output", Output], null, Look());
        await File.AppendAllTextAsync(Output, "[bans]\nfirst_ban = 2h\n", TestContext.Current.CancellationToken);

        var (code, output, _) = await RunAsync(["--output", Output, "--write-ami"], null, Look());
        var refused = await RunAsync(["--output", Output], null, Look());

        Assert.Equal((ExitCode.Fine, ExitCode.Mistake), (code, refused.Code));
        var config = ConfigReader.Parse("r", await File.ReadAllTextAsync(Output, TestContext.Current.CancellationToken)).Config!;
        Assert.Equal(("ringfence", Look().Manager!.Secret, 5039, TimeSpan.FromHours(2)), (config.Ami.User, config.Ami.Secret, config.Ami.Manager.Port, config.Bans.FirstBan));
        Assert.Contains($"Set [ami] in {Output} and left the rest of it as it was", output, StringComparison.Ordinal);
        Assert.DoesNotContain("--write-ami", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Registered_phones_are_spared_in_the_rehearsal_or_it_says_that_nobody_could_be_asked()
    {
        var phone = Address.Parse("198.51.100.20")!.Value;
        var log = Path.Combine(_directory, "security_json");
        await File.WriteAllTextAsync(log, "", TestContext.Current.CancellationToken);
        var survey = FirstConfigTests.Survey("/etc/asterisk") with { Phones = [(phone, "registered contact of 1001")] };

        var (_, known, _) = await RunAsync(["--output", Output], log, survey);
        var (_, unknown, _) = await RunAsync(["--output", Output, "--force"], log, survey with { Phones = null });

        Assert.Contains("spared as registered contact of 1001", known, StringComparison.Ordinal);
        Assert.DoesNotContain("stand in no log", known, StringComparison.Ordinal);
        Assert.Contains("Registered phones stand in no log: guard asks Asterisk for them, and would spare them.\n", unknown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unasked_no_file_of_Asterisk_s_is_touched_and_what_to_write_stands_in_the_configuration()
    {
        var file = Path.Combine(_directory, "manager.conf");
        AtomicFile.WriteAllText(file, "[general]\nenabled = yes\n");
        var survey = FirstConfigTests.Survey("/etc/asterisk") with { Manager = ManagerAccount.Read(_directory, new ConfigDirectory()) };

        await RunAsync(["--output", Output], null, survey);

        Assert.Equal("[general]\nenabled = yes\n", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        var text = await File.ReadAllTextAsync(Output, TestContext.Current.CancellationToken);
        Assert.Null(ConfigReader.Parse("r", text).Config!.Ami.User);
        Assert.Contains(";   read = security,call\n", text, StringComparison.Ordinal);
        Assert.Equal("ringfence", ConfigReader.Parse("r", text.Replace("\n;user", "\nuser", StringComparison.Ordinal)).Config!.Ami.User);
    }

    [Theory]
    [InlineData("--from-fail2ban", "/nope")]
    [InlineData("--write-hep")]
    public async Task What_is_refused_is_refused_before_a_file_of_Asterisk_s_is_touched(params string[] refused)
    {
        var file = Path.Combine(_directory, "manager.conf");
        AtomicFile.WriteAllText(file, "[general]\nenabled = yes\n");
        var survey = FirstConfigTests.Survey("/etc/asterisk") with { Manager = ManagerAccount.Read(_directory, new ConfigDirectory()) };

        var (code, _, _) = await RunAsync(["--output", Output, "--write-ami", .. refused], null, survey);

        Assert.NotEqual(ExitCode.Fine, code);
        Assert.Equal("[general]\nenabled = yes\n", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.Equal([file], Directory.GetFileSystemEntries(_directory));
    }

    [Fact]
    public async Task A_ringfence_conf_that_would_not_stay_as_it_is_keeps_the_manager_s_user_from_being_added()
    {
        var file = Path.Combine(_directory, "manager.conf");
        AtomicFile.WriteAllText(file, "[general]\nenabled = yes\n");
        var mine = Path.Combine(_directory, "ringfence.conf");
        byte[] latin1 = [.. "; f"u8, 0xFC, .. "r das B"u8, 0xFC, .. "ro\n"u8];
        await File.WriteAllBytesAsync(mine, latin1, TestContext.Current.CancellationToken);
        var survey = FirstConfigTests.Survey("/etc/asterisk") with { Manager = ManagerAccount.Read(_directory, new ConfigDirectory()) };

        var (code, _, error) = await RunAsync(["--output", mine, "--write-ami"], null, survey);

        Assert.Equal(ExitCode.Mistake, code);
        Assert.Contains("is not UTF-8", error, StringComparison.Ordinal);
        Assert.Equal("[general]\nenabled = yes\n", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.Equal(latin1, await File.ReadAllBytesAsync(mine, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_dry_run_says_where_the_manager_s_user_would_be_added_and_shows_no_secret()
    {
        var file = Path.Combine(_directory, "manager.conf");
        AtomicFile.WriteAllText(file, "[general]\nenabled = yes\n");
        var survey = FirstConfigTests.Survey("/etc/asterisk") with { Manager = ManagerAccount.Read(_directory, new ConfigDirectory()) };

        var (code, output, _) = await RunAsync(["--output", Output, "--write-ami", "--dry-run"], null, survey);

        Assert.Equal(ExitCode.Fine, code);
        Assert.Contains($"Would add the user ringfence to {file}\n", output, StringComparison.Ordinal);
        Assert.Contains("secret = (as in manager.conf)\n", output, StringComparison.Ordinal);
        Assert.Equal([file], Directory.GetFileSystemEntries(_directory));
    }

    [Fact]
    public async Task A_manager_s_user_needs_a_manager_conf()
    {
        var (code, _, error) = await RunAsync("--output", Output, "--write-ami");

        Assert.Equal((ExitCode.Mistake, false), (code, File.Exists(Output)));
        Assert.Contains("--write-ami: there is no /etc/asterisk/manager.conf", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_Asterisk_nothing_is_written_unless_a_place_is_named()
    {
        var none = FirstConfigTests.Survey("/etc/asterisk") with { HasAsterisk = false };

        var refused = await RunAsync([], null, none);
        var named = await RunAsync(["--output", Output], null, none);

        Assert.Equal(ExitCode.WorldFailed, refused.Code);
        Assert.StartsWith("ringfence: no Asterisk found: /etc/asterisk holds no configuration", refused.Error, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Fine, true), (named.Code, File.Exists(Output)));
        Assert.Contains("no configuration in /etc/asterisk\n", named.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_existing_file_is_replaced_only_by_force_and_then_kept_beside()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Output)!);
        using (var old = new StreamWriter(Output))
        {
            old.Write("; mine\n");
        }

        var refused = await RunAsync("--output", Output);
        var kept = File.ReadAllText(Output);
        var forced = await RunAsync("--output", Output, "--force");

        Assert.Equal((ExitCode.Mistake, "; mine\n"), (refused.Code, kept));
        Assert.Contains("--force", refused.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Fine, forced.Code);
        Assert.Equal("; mine\n", File.ReadAllText(Output + ".20261121T020000Z"));
        Assert.Equal(ExitCode.Fine, (await RunAsync("--output", Output, "--force")).Code);
        Assert.Equal("; mine\n", File.ReadAllText(Output + ".20261121T020000Z"));
        Assert.NotEqual("; mine\n", File.ReadAllText(Output));
    }

    [Fact]
    public async Task A_dry_run_shows_and_writes_nothing()
    {
        var (code, output, _) = await RunAsync("--output", Output, "--dry-run");

        Assert.Equal(0, code);
        Assert.False(File.Exists(Output));
        Assert.Contains("  [trust]\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_logs_are_rehearsed_with_the_trust_that_was_found()
    {
        var log = Path.Combine(_directory, "security_json");
        await File.WriteAllBytesAsync(log, [], TestContext.Current.CancellationToken);

        var (code, output, _) = await RunAsync(["--output", Output, "--json"], log);

        using var report = JsonDocument.Parse(output);
        var rehearsal = report.RootElement.GetProperty("rehearsal");
        Assert.Equal(0, code);
        Assert.Equal(2, rehearsal.GetProperty("bans").GetInt32());
        Assert.Equal("198.51.100.9", rehearsal.GetProperty("banned")[0].GetProperty("subject").GetString());
        Assert.Equal("trunk itsp in pjsip.conf:3", rehearsal.GetProperty("spared")[0].GetProperty("trust").GetString());
        Assert.Equal("security_json", report.RootElement.GetProperty("logs")[0].GetProperty("rank").GetString());
        Assert.True(report.RootElement.GetProperty("written").GetBoolean());
    }

    [Fact]
    public async Task A_directory_that_does_not_exist_is_a_mistake()
    {
        var (code, _, error) = await RunAsync("--asterisk", Path.Combine(_directory, "nope"), "--output", Output);

        Assert.Equal(ExitCode.Mistake, code);
        Assert.Contains("nope: expected a directory", error, StringComparison.Ordinal);
    }

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] args) => RunAsync(args, null);

    internal static async Task<(int Code, string Output, string Error)> RunAsync(string[] args, string? log, MachineSurvey? survey = null)
    {
        survey ??= FirstConfigTests.Survey("/etc/asterisk");
        survey = log is null ? survey : survey with { Logs = survey.Logs with { Watch = [survey.Logs.Watch[0] with { Path = log }] } };
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var surroundings = new Surroundings
        {
            Output = output,
            Error = error,
            Clock = new StoppedClock(),
            IsTerminal = false,
            IsErrorTerminal = false,
            IsColoured = false,
            Width = 80,
            ReadConfig = _ => RingfenceConfig.Default,
            OpenJournal = _ => null,
        };
        var code = await CommandLine.RunAsync(
            ["init", .. args], [("init", () => InitCommand.Build(Rehearsed, (_, _, _) => Task.FromResult(survey)))], surroundings, TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }

    // One attacker, banned twice, and one trunk that the list of trust must know.
    private static List<Decision> Rehearsed(RingfenceConfig config, IReadOnlyList<string> logs, TrustList trust, Surroundings surroundings, CancellationToken stop)
    {
        var attacker = Network.Parse("198.51.100.9")!.Value;
        var trunk = Network.Parse("203.0.113.10")!.Value;
        var phone = Network.Parse("198.51.100.20")!.Value;
        return
        [
            new Ban(0, Now.AddHours(-3), attacker, "RF2001", "5 wrong passwords in 1 min", Now, 1),
            new Ban(0, Now.AddHours(-1), attacker, "RF2001", "5 wrong passwords in 1 min", Now, 2),
            new Spare(0, Now, trunk, "RF2001", "5 wrong passwords in 1 min", trust.Find(trunk)!),
            .. trust.Find(phone) is { } contact ? (Decision[])[new Spare(0, Now, phone, "RF2001", "5 wrong passwords in 1 min", contact)] : [],
        ];
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
