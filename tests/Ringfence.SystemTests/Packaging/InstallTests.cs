using System.Diagnostics;
using System.Runtime.CompilerServices;
using Ringfence.Api;
using Ringfence.Core.Pbx;
using Xunit;

namespace Ringfence.SystemTests.Packaging;

/// <summary>packaging/install into a directory of its own: as a package is made, without systemd and without touching the machine.</summary>
public sealed class InstallTests : IDisposable
{
    private static readonly string[] Installed =
    [
        "usr/bin/ringfence",
        "usr/lib/systemd/system/ringfence.service",
        "usr/lib/sysusers.d/ringfence.conf",
        "usr/lib/tmpfiles.d/ringfence.conf",
        "usr/lib/systemd/system/ringfence-firewall.service",
    ];

    private readonly string _root = Directory.CreateTempSubdirectory("rf-install-").FullName;

    private string Program => Path.Combine(_root, "published");

    private string Target => Path.Combine(_root, "target with a space");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task What_is_installed_twice_is_there_once_and_runs()
    {
        await InstallAsync("echo first\n");
        var (exitCode, output) = await InstallAsync("echo second\n");

        Assert.Equal(0, exitCode);
        Assert.Contains("ringfence init, then ringfence guard --observe (bans nobody)", output, StringComparison.Ordinal);
        Assert.Equal(Installed.Order(StringComparer.Ordinal), Files());
        Assert.Equal((0, "second\n"), await RunAsync(Path.Combine(Target, Installed[0])));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, File.GetUnixFileMode(Path.Combine(Target, Installed[1])));
        Assert.True(Directory.Exists(Path.Combine(Target, "etc/ringfence")));
    }

    [Fact]
    public async Task The_unit_starts_the_file_that_was_installed()
    {
        await InstallAsync("echo\n");

        var unit = await File.ReadAllLinesAsync(Path.Combine(Target, Installed[1]), TestContext.Current.CancellationToken);
        Assert.Contains($"ExecStart=/{Installed[0]} guard", unit);
        var atBoot = await File.ReadAllLinesAsync(Path.Combine(Target, Installed[^1]), TestContext.Current.CancellationToken);
        Assert.Contains($"ExecStart=/{Installed[0]} firewall load", atBoot);
        Assert.Contains("Before=network-pre.target shutdown.target", atBoot);
    }

    [Fact]
    public async Task Removing_keeps_what_is_the_administrators_and_twice_is_as_good_as_once()
    {
        await InstallAsync("echo\n");
        await WriteAsync(Path.Combine(Target, "etc/ringfence/ringfence.conf"), "; mine\n");
        await WriteAsync(Path.Combine(Target, "var/lib/ringfence/ringfence.db"), "");

        var first = await RunAsync("sh", Install, "--remove");
        var second = await RunAsync("sh", Install, "--remove");

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.Equal(["etc/ringfence/ringfence.conf", "var/lib/ringfence/ringfence.db"], Files());

        var purge = await RunAsync("sh", Install, "--purge");
        Assert.Equal(0, purge.ExitCode);
        Assert.Empty(Files());
    }

    [Theory]
    [InlineData("target with a space/run/ringfence/ringfence.sock", "elsewhere.db")]
    [InlineData("elsewhere.sock", "target with a space/var/lib/ringfence/ringfence.db")]
    public async Task Nothing_is_removed_while_a_guard_runs_that_was_started_by_hand(string socket, string journal)
    {
        await InstallAsync("echo\n");
        var before = Files();
        using (OneGuard.Take(Path.Combine(_root, socket), Path.Combine(_root, journal)))
        {
            var (exitCode, _, error) = await RunAllAsync("sh", Install, "--remove");

            Assert.Equal(3, exitCode);
            Assert.Equal($"install: a guard runs (process {Environment.ProcessId}) that systemd did not start: end it first (kill {Environment.ProcessId}); nothing was removed\n", error);
            Assert.All(before, file => Assert.True(File.Exists(Path.Combine(Target, file))));
        }

        Assert.Equal(0, (await RunAsync("sh", Install, "--purge")).ExitCode);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task What_stays_in_the_configuration_of_Asterisk_is_named_with_the_command_that_undoes_it()
    {
        await InstallAsync("echo\n");
        var (hep, manager) = (Path.Combine(Target, "etc/asterisk/hep.conf"), Path.Combine(Target, "etc/asterisk/manager.conf"));
        await WriteAsync(hep, HepConf.Text("secret"));
        var mine = "[general]\nenabled = yes\n";
        await WriteAsync(manager, $"{mine}\n; Written by `ringfence init`: may hear.\n{string.Join('\n', ManagerAccount.Section("hush", System.Net.IPAddress.Loopback))}\n");

        var (exitCode, output) = await RunAsync("sh", Install, "--remove");
        var undo = output.Split('\n').Where(line => line.StartsWith("  ", StringComparison.Ordinal)).Select(line => line[..line.IndexOf("; asterisk -rx", StringComparison.Ordinal)]).ToList();

        Assert.Equal(0, exitCode);
        Assert.Contains($"{hep} stays", output, StringComparison.Ordinal);
        Assert.Equal(2, undo.Count);
        Assert.Equal($"  rm {hep}", undo[0]);
        Assert.Equal(0, (await RunAsync("sh", "-c", undo[1].Replace(manager, $"'{manager}'", StringComparison.Ordinal))).ExitCode);
        Assert.Equal(mine, (await File.ReadAllTextAsync(manager, TestContext.Current.CancellationToken)).TrimEnd('\n') + "\n");
    }

    [Theory]
    [InlineData("\nwrite =", "")]
    [InlineData("write =", "write=system\nallowmultiplelogin = no")]
    [InlineData("[ringfence]", "[ringfence](common)")]
    public async Task The_command_that_undoes_the_manager_s_user_takes_nothing_else_whatever_was_edited(string written, string edited)
    {
        await InstallAsync("echo\n");
        var manager = Path.Combine(Target, "etc/asterisk/manager.conf");
        const string Theirs = "\n; the wallboard\n#include wallboard.conf\n[wallboard]\nsecret = theirs\nwrite = \n";
        var section = string.Join('\n', ManagerAccount.Section("hush", System.Net.IPAddress.Loopback)).Replace(written, edited, StringComparison.Ordinal);
        await WriteAsync(manager, $"[general]\nenabled = yes\n; Written by `ringfence init`: may hear.\n{section}\n{Theirs}");

        var (_, output) = await RunAsync("sh", Install, "--remove");
        var undo = output.Split('\n').Single(line => line.StartsWith("  sed", StringComparison.Ordinal));
        await RunAsync("sh", "-c", undo[..undo.IndexOf("; asterisk -rx", StringComparison.Ordinal)].Replace(manager, $"'{manager}'", StringComparison.Ordinal));

        Assert.Equal($"[general]\nenabled = yes\n{Theirs}", await File.ReadAllTextAsync(manager, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_file_that_was_never_published_is_a_mistake_and_installs_nothing()
    {
        var (exitCode, _) = await RunAsync("sh", Install, Program);

        Assert.Equal(2, exitCode);
        Assert.False(Directory.Exists(Target));
    }

    private static string Install => Packaged();

    private static string Packaged([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../packaging/install"));

    private string[] Files() => [.. Directory.GetFiles(Target, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Target, file)).Order(StringComparer.Ordinal)];

    private async Task<(int ExitCode, string Output)> InstallAsync(string script)
    {
        await WriteAsync(Program, "#!/bin/sh\n" + script);
        return await RunAsync("sh", Install, Program);
    }

    private static async Task WriteAsync(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
    }

    private async Task<(int ExitCode, string Output)> RunAsync(string program, params string[] arguments)
    {
        var (exitCode, output, _) = await RunAllAsync(program, arguments);
        return (exitCode, output);
    }

    private async Task<(int ExitCode, string Output, string Error)> RunAllAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment["DESTDIR"] = Target;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await errors);
    }
}
