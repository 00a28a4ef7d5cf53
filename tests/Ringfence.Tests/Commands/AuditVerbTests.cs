using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using Ringfence.Core.Configuration;
using Ringfence.Core.Pbx;
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
    [InlineData("23", "Not looked at: the options of Asterisk 23 are not known here (those of 16 to 22 are)")]
    [InlineData("13", "Not looked at: the options of Asterisk 13 are not known here")]
    public async Task What_an_old_or_unknown_version_means_is_told(string version, string expected)
    {
        Write("pjsip.conf", "[1001]\ntype=endpoint\n");

        Assert.Contains(expected, (await RunAsync("audit", _directory, "--asterisk", version)).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("17")]
    [InlineData("19")]
    public async Task A_version_between_two_that_are_known_takes_the_options_of_either(string version)
    {
        Write("pjsip.conf", "[global]\ntype=global\nallow_guest=no\n");

        var output = (await RunAsync("audit", _directory, "--asterisk", version)).Output;

        Assert.Contains("RF1100", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Not looked at", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("terminal", "Not looked at: the options of Asterisk 23", "1 more finding is allowed by comments")]
    [InlineData("json", "\"not_asked\":[\"RF1100\"", "\"allowed\":[{")]
    [InlineData("sarif", "Not looked at: the options of Asterisk 23", "1 more finding is allowed by comments")]
    [InlineData("html", "Not looked at: the options of Asterisk 23", "1 more finding is allowed by comments")]
    [InlineData("markdown", "Not looked at: the options of Asterisk 23", "1 more finding is allowed by comments")]
    [InlineData("junit", "<skipped message=\"Not looked at: the options of Asterisk 23", "allowed by pjsip.conf:1: lobby")]
    [InlineData("patch", null, "# 1 more finding is allowed by comments")]
    public async Task Every_form_says_what_was_not_looked_at_and_what_is_allowed(string format, string? notAsked, string allowed)
    {
        Write("pjsip.conf", "[anonymous] ; ringfence: allow RF1001 (lobby)\ntype=endpoint\ncontext=default\ndisallow=all\nallow=ulaw\n");

        var output = (await RunAsync("audit", _directory, "--format", format, "--asterisk", "23")).Output;

        Assert.Contains(notAsked ?? "", output, StringComparison.Ordinal);
        Assert.Contains(allowed, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_that_allows_itself_everything_is_heard_only_where_nobody_says_otherwise()
    {
        Write("pjsip.conf", "[anonymous] ; ringfence: allow RF1001 (lobby)\ntype=endpoint\n");

        Assert.DoesNotContain(await FindingsAsync("audit", _directory, "--json"), static found => found.Rule == "RF1001");
        Assert.Contains(await FindingsAsync("audit", _directory, "--json", "--ignore-allowances"), static found => found.Rule == "RF1001");
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

    [Fact]
    public async Task An_archive_that_was_collected_is_audited_as_the_machine_itself()
    {
        var pbx = Path.Combine(_directory, "pbx");
        var archive = Path.Combine(_directory, "pbx7.tar.gz");
        Write("pbx/pjsip.conf", $"[anonymous]\ntype=endpoint\n#include more/*.conf\n#include {_directory}/elsewhere.conf\n#include {pbx}/more/../last.conf\n");
        Write("pbx/more/a.conf", "[1001]\ntype=auth\nusername=1001\npassword=1001\n");
        Write("pbx/last.conf", "[1002]\ntype=endpoint\nacl=missing\n");
        Write("pbx/unread.bin", "x");
        Write("elsewhere.conf", "[1003]\ntype=endpoint\nacl=missing\n");
        File.CreateSymbolicLink(Path.Combine(pbx, "acl.conf"), Path.Combine(_directory, "acl-of-all.conf"));
        Write("acl-of-all.conf", "[office]\npermit=192.0.2.0/24\n");

        var (exitCode, output, _) = await RunOnAsync(pbx, "audit", "collect", archive);
        var (_, live, _) = await RunOnAsync(pbx, "audit", "--json");
        var (_, copied, notes) = await RunOnAsync("/nowhere", "audit", archive, "--json");

        Assert.Equal(0, exitCode);
        Assert.Contains("passwords", output, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(archive));
        Assert.Equal(Findings(live), Findings(copied));
        Assert.Contains("elsewhere.conf", Findings(copied), StringComparison.Ordinal);
        Assert.DoesNotContain("not read", notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_can_not_be_collected_whole_is_not_written_and_nothing_is_overwritten()
    {
        Write("pbx/pjsip.conf", "[1001]\ntype=endpoint\n");
        Write("old.tar.gz", "somebody's");
        Directory.CreateDirectory(Path.Combine(_directory, "empty"));

        var (overOld, _, _) = await RunOnAsync(Path.Combine(_directory, "pbx"), "audit", "collect", Path.Combine(_directory, "old.tar.gz"));
        var (ofNothing, _, _) = await RunOnAsync(Path.Combine(_directory, "empty"), "audit", "collect", Path.Combine(_directory, "new.tar.gz"));
        var (wrongName, _, _) = await RunOnAsync(Path.Combine(_directory, "pbx"), "audit", "collect", Path.Combine(_directory, "new.zip"));
        var (nowhere, _, _) = await RunOnAsync(Path.Combine(_directory, "pbx"), "audit", "collect", Path.Combine(_directory, "none", "new.tar.gz"));

        Assert.Equal([3, 2, 2, 3], [overOld, ofNothing, wrongName, nowhere]);
        Assert.Equal("somebody's", File.ReadAllText(Path.Combine(_directory, "old.tar.gz")));
        Assert.Equal(["old.tar.gz"], Directory.EnumerateFiles(_directory, "*.gz*").Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("etc/asterisk/")]
    [InlineData("")]
    public async Task The_directory_that_asterisk_conf_names_is_the_one_that_counts(string at)
    {
        Write($"{at}asterisk.conf", "[directories]\nastetcdir => /opt/pbx/etc\n[options]\nrunuser=root\n");
        Write($"{at}pjsip.conf", "[1001]\ntype=endpoint\nacl=missing\n#include /opt/pbx/etc/more.conf\n");
        Write(at.Length == 0 ? "more.conf" : "opt/pbx/etc/pjsip.conf", "[anonymous]\ntype=endpoint\n");

        var found = await FindingsAsync("audit", _directory, "--json");

        Assert.Contains(("RF1001", at.Length == 0 ? "more.conf" : "pjsip.conf"), found);
        Assert.Equal(at.Length == 0, found.Contains(("RF1002", "pjsip.conf")));
        Assert.Contains(found, static finding => finding.File == "asterisk.conf");
    }

    [Fact]
    public async Task Links_in_an_archive_lead_inside_of_it_and_what_they_miss_is_told()
    {
        var archive = Path.Combine(_directory, "pbx.tar");
        await using (var tar = new TarWriter(File.Create(archive)))
        {
            async Task Add(PaxTarEntry entry, string? content = null)
            {
                if (content is not null)
                {
                    entry.DataStream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(content));
                }

                await tar.WriteEntryAsync(entry, TestContext.Current.CancellationToken);
            }

            await Add(new PaxTarEntry(TarEntryType.SymbolicLink, "pbx7/etc/asterisk/pjsip.conf") { LinkName = "/var/www/admin/pjsip.conf" });
            await Add(new PaxTarEntry(TarEntryType.RegularFile, "pbx7/var/www/admin/pjsip.conf"), "#include /etc/asterisk/d/*.conf\n#include e/x.conf\n#include rtp.conf\n");
            await Add(new PaxTarEntry(TarEntryType.SymbolicLink, "pbx7/etc/asterisk/d") { LinkName = "../d-real" });
            await Add(new PaxTarEntry(TarEntryType.RegularFile, "pbx7/etc/d-real/a.conf"), "[anonymous]\ntype=endpoint\n");
            await Add(new PaxTarEntry(TarEntryType.HardLink, "pbx7/etc/asterisk/e/x.conf") { LinkName = "pbx7/etc/d-real/a.conf" });
            await Add(new PaxTarEntry(TarEntryType.SymbolicLink, "pbx7/etc/asterisk/manager.conf") { LinkName = "/etc/shadow" });
            await Add(new PaxTarEntry(TarEntryType.SymbolicLink, "pbx7/etc/asterisk/loop.conf") { LinkName = "loop.conf" });
            await Add(new PaxTarEntry(TarEntryType.RegularFile, "pbx7/etc/asterisk/rtp.conf"), new string(' ', (16 << 20) + 1));
        }

        var (_, output, error) = await RunAsync("audit", archive, "--json");

        Assert.Contains("\"file\":\"d/a.conf\"", output, StringComparison.Ordinal);
        Assert.Contains("\"file\":\"e/x.conf\"", output, StringComparison.Ordinal);
        Assert.DoesNotContain("no such file", output, StringComparison.Ordinal);
        Assert.Contains("not read: /pbx7/etc/asterisk/manager.conf is a link to /etc/shadow, which is not in the archive", error, StringComparison.Ordinal);
        Assert.Contains("rtp.conf is larger than 16 MiB", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_too_large_and_one_that_a_link_leads_away_from_are_told()
    {
        Write("pjsip.conf", "[1001]\ntype=endpoint\n#include big.conf\n");
        Write("big.conf", new string(' ', (16 << 20) + 1));
        File.CreateSymbolicLink(Path.Combine(_directory, "manager.conf"), "/etc/passwd");

        var (_, output, error) = await RunAsync("audit", _directory, "--json");

        Assert.DoesNotContain("no such file", output, StringComparison.Ordinal);
        Assert.Contains("big.conf is larger than 16 MiB", error, StringComparison.Ordinal);
        Assert.Contains("manager.conf is a link that leads out of the copy", error, StringComparison.Ordinal);
    }

    private static string Findings(string report)
    {
        using var parsed = JsonDocument.Parse(report);
        // Another Asterisk of this machine may start or end between two looks.
        return string.Join('\n', parsed.RootElement.GetProperty("findings").EnumerateArray().Where(static finding => HostFact.All.All(fact => fact.Name != finding.GetProperty("file").GetString())).Select(static finding => finding.GetRawText()))
            + parsed.RootElement.GetProperty("files_read").GetRawText();
    }

    private Task<(int ExitCode, string Output, string Error)> RunOnAsync(string asterisk, params string[] args) =>
        new Console { Config = RingfenceConfig.Default with { AsteriskDirectory = asterisk, Journal = new JournalSettings { Path = Path.Combine(_directory, Path.GetRandomFileName(), "ringfence.db") } } }.RunAsync(args);

    [Fact]
    public async Task What_a_call_comes_to_stands_in_json_as_on_the_terminal_with_what_it_assumes()
    {
        Write("extensions.conf", "[phones]\nexten => 1,1,GotoIf($[\"${DB(x/y)}\" = \"7354711\"]?open)\n same => n,Dial(PJSIP/9@b)\n same => n,Hangup()\n same => n(open),Dial(PJSIP/8@c)\nexten => 2,1,GotoIf(${DB(x/y)}?1,1)\n same => n,Goto(3,1)\nexten => 3,1,Dial(PJSIP/7@a)\n");

        using var report = JsonDocument.Parse((await RunAsync("audit", "dialplan", _directory, "--from", "phones", "--dial", "2", "--json")).Output);
        var terminal = (await RunAsync("audit", "dialplan", _directory, "--from", "phones", "--dial", "2")).Output;

        var exits = report.RootElement.GetProperty("exits").EnumerateArray().ToList();
        Assert.Equal([1, 2, 2], exits.Select(static exit => exit.GetProperty("if").GetArrayLength()));
        Assert.Equal("extensions.conf:2", exits[1].GetProperty("if").EnumerateArray().Select(static one => one.GetProperty("place").GetString()).Order().First());
        Assert.Equal(exits.Select(static exit => exit.GetProperty("resource").GetString()), terminal.Split('\n').Where(static line => line.Contains(" is called", StringComparison.Ordinal)).Select(static line => line.Split('/', ' ')[2]));
        Assert.DoesNotContain("7354711", terminal + report.RootElement.GetRawText(), StringComparison.Ordinal);
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
