using Ringfence.Core.Configuration;
using Ringfence.Core.Pbx;
using Ringfence.Sources;
using Ringfence.Tests.Configuration;
using Xunit;

namespace Ringfence.Tests.Commands;

public sealed class InitHepTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-hep-").FullName;

    public InitHepTests()
    {
        Write("asterisk.conf", $"[directories]\nastmoddir => {_directory}\n");
        Write("modules.conf", "[modules]\nautoload = no\n");
        Write("res_hep_pjsip.so", "");
    }

    private string Output => At("ringfence.conf");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Both_ends_get_one_password_of_their_own_and_the_modules_are_loaded()
    {
        var (code, output, error) = await RunAsync("--write-hep");

        Assert.Equal((0, ""), (code, error));
        var hep = Read();
        var reading = ConfigReader.Parse("r", File.ReadAllText(Output));
        Assert.Empty(reading.Mistakes);
        var config = reading.Config!;
        Assert.Equal((HepState.Own, 24), (hep.State, hep.Password.Length));
        Assert.Equal(hep.Password, System.Text.Encoding.UTF8.GetString(config.Hep.Password));
        Assert.Equal(hep.CaptureAddress, config.Hep.Listen!.ToString());
        Assert.Empty(hep.Unloaded);
        Assert.Contains("Restart Asterisk when it holds no call", output, StringComparison.Ordinal);
        Assert.Equal("[modules]\nautoload = no\n", File.ReadAllText(Assert.Single(Directory.GetFiles(_directory, "modules.conf.2*"))));
    }

    [Fact]
    public async Task A_second_time_nothing_of_Asterisk_changes_and_the_password_stays()
    {
        await RunAsync("--write-hep");
        var before = File.ReadAllText(At("hep.conf"));

        var (code, output, _) = await RunAsync("--write-hep", "--force");

        Assert.Equal(0, code);
        Assert.Equal(before, File.ReadAllText(At("hep.conf")));
        Assert.Contains("Asterisk tells Ringfence of every SIP message already.", output, StringComparison.Ordinal);
        Assert.Contains($"password = {Read().Password}\n", File.ReadAllText(Output), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Into_a_configuration_that_is_there_only_its_section_is_written()
    {
        await RunAsync();
        var mine = File.ReadAllText(Output).Replace(";preset = office", "preset = strict ; mine", StringComparison.Ordinal) + "\n[bans]\nfirst_ban = 2h\n";
        File.WriteAllText(Output, mine);

        var dry = await RunAsync("--write-hep", "--dry-run");
        var (code, output, error) = await RunAsync("--write-hep");

        Assert.Equal((0, 0, ""), (dry.Code, code, error));
        Assert.Contains($"Would set [hep] in {Output}", dry.Output, StringComparison.Ordinal);
        Assert.StartsWith(mine.TrimEnd('\n'), File.ReadAllText(Output), StringComparison.Ordinal);
        var config = ConfigReader.Parse("r", File.ReadAllText(Output)).Config!;
        Assert.Equal((Read().Password, TimeSpan.FromHours(2)), (System.Text.Encoding.UTF8.GetString(config.Hep.Password), config.Bans.FirstBan));
        Assert.Equal(mine, File.ReadAllText(Assert.Single(Directory.GetFiles(_directory, "ringfence.conf.2*"))));
        Assert.Contains($"Set [hep] in {Output} and left the rest of it as it was", output, StringComparison.Ordinal);
        Assert.DoesNotContain("init --write-hep", output, StringComparison.Ordinal);
        Assert.DoesNotContain(Read().Password, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_is_told_to_do_what_he_is_doing()
    {
        var (_, output, _) = await RunAsync("--write-hep");

        Assert.DoesNotContain("init --write-hep", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_shows_the_files_without_a_password_and_writes_none()
    {
        var (code, output, _) = await RunAsync("--write-hep", "--dry-run");

        Assert.Equal(0, code);
        Assert.False(File.Exists(At("hep.conf")) || File.Exists(Output));
        Assert.Contains("  capture_address = 127.0.0.1:9060\n  capture_password = (a new one)\n", output, StringComparison.Ordinal);
        Assert.Contains("  load = res_hep_pjsip.so\n", output, StringComparison.Ordinal);
        Assert.Contains("  password = (as in hep.conf)\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Somebody_elses_collector_is_left_alone_and_nothing_is_written()
    {
        const string Theirs = "[general]\nenabled = yes\ncapture_address = 192.0.2.5:9060\n";
        Write("hep.conf", Theirs);

        var (code, _, error) = await RunAsync("--write-hep");

        Assert.Equal(ExitCode.Mistake, code);
        Assert.StartsWith("ringfence: hep.conf:3: capture_address is \"192.0.2.5:9060\": HEP can have only one", error, StringComparison.Ordinal);
        Assert.Equal(Theirs, File.ReadAllText(At("hep.conf")));
        Assert.False(File.Exists(Output));
    }

    [Fact]
    public async Task A_hep_conf_that_is_off_is_kept_beside()
    {
        Write("hep.conf", "[general]\nenabled = no\n");

        await RunAsync("--write-hep");

        Assert.Equal("[general]\nenabled = no\n", File.ReadAllText(Assert.Single(Directory.GetFiles(_directory, "hep.conf.2*"))));
    }

    [Fact]
    public async Task Without_being_asked_init_advises_and_writes_nothing_of_Asterisks()
    {
        var (_, output, _) = await RunAsync();

        Assert.Contains("ringfence init --write-hep writes hep.conf", output, StringComparison.Ordinal);
        Assert.False(File.Exists(At("hep.conf")));
        Assert.DoesNotContain("[hep]", File.ReadAllText(Output), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_Asterisk_has_no_hep_the_wire_is_offered()
    {
        File.Delete(At("res_hep_pjsip.so"));

        var (_, output, _) = await RunAsync();
        var (code, _, error) = await RunAsync("--write-hep", "--force");

        Assert.Contains("take the semicolon from interface in [wire]", output, StringComparison.Ordinal);
        Assert.Contains("[wire]\n", File.ReadAllText(Output), StringComparison.Ordinal);
        Assert.Equal(ExitCode.WorldFailed, code);
        Assert.Contains("no res_hep_pjsip.so", error, StringComparison.Ordinal);
    }

    private Task<(int Code, string Output, string Error)> RunAsync(params string[] args) =>
        InitCommandTests.RunAsync(["--output", Output, "--asterisk", _directory, .. args], null, FirstConfigTests.Survey(_directory) with { Hep = Read() });

    private HepConf Read() => HepConf.Read(_directory, new ConfigDirectory());

    private string At(string name) => Path.Combine(_directory, name);

    private void Write(string name, string text)
    {
        using var file = new StreamWriter(At(name));
        file.Write(text);
    }
}
