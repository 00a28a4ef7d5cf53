using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using Ringfence.Core.Configuration;
using Xunit;

namespace Ringfence.Tests.Commands;

public sealed class AuditVerbTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-audit-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_finding_is_told_with_its_line_and_cure_and_the_exit_code_says_so()
    {
        Write("pjsip.conf", "[anonymous]\ntype=endpoint\ncontext=from-internal\n");

        var (exitCode, output, _) = await RunAsync("audit", _directory);

        Assert.Equal(1, exitCode);
        Assert.Contains("HIGH  RF1001 anonymous-calls", output, StringComparison.Ordinal);
        Assert.Contains("pjsip.conf:1: endpoint anonymous:", output, StringComparison.Ordinal);
        Assert.Contains("        [anonymous]", output, StringComparison.Ordinal);
        Assert.Contains("remove the endpoint", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("never", 0)]
    [InlineData("critical", 0)]
    [InlineData("high", 1)]
    [InlineData("info", 1)]
    public async Task The_exit_code_is_1_from_the_severity_on_that_was_asked_for(string failOn, int expected)
    {
        Write("acl.conf", "");
        Write("pjsip.conf", "[anonymous]\ntype=endpoint\ncontext=nowhere\ndisallow=all\nallow=ulaw\n");

        Assert.Equal(expected, (await RunAsync("audit", _directory, "--fail-on", failOn)).ExitCode);
    }

    [Fact]
    public async Task A_copy_of_a_machines_tree_is_read_by_the_names_that_the_machine_has()
    {
        Write("etc/asterisk/pjsip.conf", "#include /etc/asterisk/extra/more.conf\n#include /opt/pbx/rest.conf\n");
        Write("etc/asterisk/extra/more.conf", "[anonymous]\ntype=endpoint\n");
        Write("opt/pbx/rest.conf", "[1001]\ntype=endpoint\nacl=missing\n");

        var found = await FindingsAsync("audit", _directory, "--json");

        Assert.Contains(("RF1001", "extra/more.conf"), found);
        Assert.Contains(("RF1002", "/opt/pbx/rest.conf"), found);
    }

    [Fact]
    public async Task A_copy_leads_nowhere_outside_of_itself()
    {
        var outside = Directory.CreateTempSubdirectory("rf-audit-outside-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(outside, "x.conf"), "[anonymous]\ntype=endpoint\n");
            Write("pjsip.conf", $"#tryinclude {outside}/x.conf\n#tryinclude ../{Path.GetFileName(outside)}/x.conf\n");

            Assert.DoesNotContain(await FindingsAsync("audit", _directory, "--json"), found => found.Rule == "RF1001");
        }
        finally
        {
            Directory.Delete(outside, recursive: true);
        }
    }

    [Theory]
    [InlineData("etc/asterisk/", false)]
    [InlineData("pbx7/etc/asterisk/", true)]
    [InlineData("./", true)]
    [InlineData("asterisk/", false)]
    public async Task An_archive_is_read_wherever_in_it_the_files_lie(string prefix, bool isCompressed)
    {
        var archive = Path.Combine(_directory, isCompressed ? "pbx.tar.gz" : "pbx.tar");
        await using (var file = File.Create(archive))
        await using (var packed = isCompressed ? new GZipStream(file, CompressionLevel.Fastest) : (Stream)file)
        await using (var tar = new TarWriter(packed))
        {
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, $"{prefix}pjsip.conf") { DataStream = new MemoryStream("[anonymous]\ntype=endpoint\n"u8.ToArray()) }, TestContext.Current.CancellationToken);
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, $"{prefix}manager.conf") { LinkName = "/etc/shadow" }, TestContext.Current.CancellationToken);
        }

        Assert.Contains(("RF1001", "pjsip.conf"), await FindingsAsync("audit", archive, "--json"));
    }

    [Theory]
    [InlineData("nowhere", "no such directory or archive")]
    [InlineData("empty", "no Asterisk configuration that you can read is here")]
    [InlineData("text.txt", "is no whole tar archive")]
    public async Task What_is_no_pbx_is_refused_with_what_was_expected(string name, string expected)
    {
        Directory.CreateDirectory(Path.Combine(_directory, "empty"));
        Write("text.txt", "hello\n");

        var (exitCode, output, error) = await RunAsync("audit", Path.Combine(_directory, name));

        Assert.True(exitCode is 2 or 3);
        Assert.Equal("", output);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cut_archive_is_told_and_not_half_read()
    {
        var archive = Path.Combine(_directory, "pbx.tar.gz");
        await using (var packed = new GZipStream(File.Create(archive), CompressionLevel.Fastest))
        await using (var tar = new TarWriter(packed))
        {
            var content = new byte[200_000];
            new Random(1).NextBytes(content);
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "etc/asterisk/pjsip.conf") { DataStream = new MemoryStream(content) }, TestContext.Current.CancellationToken);
        }

        File.WriteAllBytes(archive, File.ReadAllBytes(archive)[..100_000]);

        var (exitCode, output, error) = await RunAsync("audit", archive);

        Assert.Equal((3, ""), (exitCode, output));
        Assert.Contains(archive, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Diff_shows_what_is_new_since_the_last_time_and_what_is_gone()
    {
        Write("pjsip.conf", "[anonymous]\ntype=endpoint\n");
        await RunAsync("audit", _directory);
        Write("pjsip.conf", "[1001]\ntype=endpoint\nacl=missing\n");

        var (_, output, _) = await RunAsync("audit", _directory, "--diff");
        var again = await FindingsAsync("audit", _directory, "--diff", "--json");

        Assert.Contains("RF1002", output, StringComparison.Ordinal);
        Assert.Contains("GONE  RF1001 pjsip.conf: endpoint anonymous", output, StringComparison.Ordinal);
        Assert.Empty(again);
    }

    [Fact]
    public async Task The_first_diff_shows_everything()
    {
        Write("pjsip.conf", "[anonymous]\ntype=endpoint\n");

        Assert.Contains("RF1001", (await RunAsync("audit", _directory, "--diff")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nothing_can_be_kept_it_tells_all_the_same()
    {
        Write("pjsip.conf", "[anonymous]\ntype=endpoint\n");
        Write("audits", "a file where a directory is to be");

        var (exitCode, output, error) = await RunAsync("audit", _directory);

        Assert.Equal(1, exitCode);
        Assert.Contains("RF1001", output, StringComparison.Ordinal);
        Assert.Contains("not kept", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_is_in_no_form_of_the_report()
    {
        const string Password = "1001";
        Write("pjsip.conf", $"[desk]\ntype=auth\nusername={Password}\npassword={Password}\n");

        foreach (var format in (string[])["terminal", "json", "sarif", "html", "markdown", "junit", "patch"])
        {
            var (_, output, _) = await RunAsync("audit", _directory, "--format", format, "--all");

            Assert.DoesNotContain("password=1001", output.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.True(format == "patch" || output.Contains("RF1200", StringComparison.Ordinal), format);
        }
    }

    [Fact]
    public async Task Two_forms_of_one_report_are_a_mistake()
    {
        Write("pjsip.conf", "[1001]\ntype=endpoint\n");

        var (exitCode, output, error) = await RunAsync("audit", _directory, "--json", "--format", "html");

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains("--json and --format html", error, StringComparison.Ordinal);
        Assert.NotEqual(2, (await RunAsync("audit", _directory, "--json", "--format", "json")).ExitCode);
    }

    [Theory]
    [InlineData("16", "RF1612")]
    [InlineData("23", "the options of Asterisk 16 to 22 are known")]
    public async Task What_an_old_or_unknown_version_means_is_told(string version, string expected)
    {
        Write("pjsip.conf", "[1001]\ntype=endpoint\n");

        Assert.Contains(expected, (await RunAsync("audit", _directory, "--asterisk", version)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_patch_is_one_that_patch_applies()
    {
        Write("pjsip.conf", "[t]\ntype=transport\nprotocol=tls\nbind=0.0.0.0:5061\nmethod=tlsv1_2\n");
        var (_, output, _) = await RunAsync("audit", _directory, "--format", "patch");
        Assert.Contains("+method = sslv23\n", output, StringComparison.Ordinal);
        using var patch = Process.Start(new ProcessStartInfo("patch", ["-d", _directory, "-p1", "--dry-run", "--silent"]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        await patch.StandardInput.WriteAsync(output);
        patch.StandardInput.Close();
        await patch.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, patch.ExitCode);
    }

    private void Write(string name, string text)
    {
        var path = Path.Combine(_directory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private async Task<List<(string Rule, string File)>> FindingsAsync(params string[] args)
    {
        var (_, output, error) = await RunAsync(args);
        Assert.True(output.Length > 0, error);
        using var report = JsonDocument.Parse(output);
        return [.. report.RootElement.GetProperty("findings").EnumerateArray().Select(found => (found.GetProperty("rule").GetString()!, found.GetProperty("file").GetString()!))];
    }

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args) =>
        new Console { Config = RingfenceConfig.Default with { Journal = new JournalSettings { Path = Path.Combine(_directory, "ringfence.db") } } }.RunAsync(args);
}
