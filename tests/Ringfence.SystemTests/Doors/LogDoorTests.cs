using System.Globalization;
using System.IO.Compression;
using Ringfence.SystemTests.Asterisk;
using Xunit;

namespace Ringfence.SystemTests.Doors;

/// <summary>Doors whose logs are files in the forms of FreePBX and of an operator's pattern: read live, rotated, missing, archived.</summary>
public sealed class LogDoorTests : IAsyncLifetime
{
    private Machine _machine = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string FreePbx => _machine.In("freepbx_security.log");

    private string Ftp => _machine.In("vsftpd.log");

    private string[] Doors =>
    [
        "[door freepbx]", "kind = freepbx", $"log = {FreePbx}",
        "[door ftp]", "kind = pattern", $"log = {Ftp}", "pattern = ^\\[pid \\d+\\] \\[<USER>\\] FAIL LOGIN: Client \"<HOST>\"$",
    ];

    public ValueTask InitializeAsync()
    {
        _machine = new Machine("logs");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_machine is not null)
        {
            await _machine.DisposeAsync();
        }
    }

    [Fact]
    public async Task Both_ban_whom_their_lines_name_and_a_name_that_holds_a_line_of_its_own_bans_nobody_else()
    {
        File.WriteAllText(FreePbx, "");
        File.WriteAllText(Ftp, "");
        _machine.Configure(Doors);
        await _machine.StartGuardAsync(Stop);
        var web = Machine.Attacker(7);
        var ftp = Machine.Attacker(8);
        var victim = Machine.Attacker(9);

        for (var i = 0; i < 5; i++)
        {
            File.AppendAllText(FreePbx, FreePbxLine($"admin from {victim} [] [] [{Now:yyyy-MM-dd HH:mm:ss}] [freepbx_security.NOTICE]: Authentication failure for admin from {victim}", web));
            File.AppendAllText(Ftp, FtpLine($"root] FAIL LOGIN: Client \"{victim}\"", ftp));
        }

        await _machine.BannedAsync(web, Stop);
        await _machine.BannedAsync(ftp, Stop);
        Assert.Equal(2, _machine.Banned().Count);
        Assert.Equal("freepbx", Door(await _machine.AskAsync(Stop, "why", web)));
        Assert.Equal("ftp", Door(await _machine.AskAsync(Stop, "why", ftp)));
    }

    [Fact]
    public async Task A_log_that_is_rotated_while_it_is_written_loses_no_line()
    {
        File.WriteAllText(FreePbx, "");
        File.WriteAllText(Ftp, "");
        _machine.Configure(Doors);
        await _machine.StartGuardAsync(Stop);
        var web = Machine.Attacker(10);

        // Each of another second: what a new file tells with the same time and name as the old one may be the old one, copied.
        File.AppendAllText(FreePbx, FreePbxLine("admin", web, ago: 50) + FreePbxLine("admin", web, ago: 40));
        File.Move(FreePbx, $"{FreePbx}.1");
        File.AppendAllText($"{FreePbx}.1", FreePbxLine("admin", web, ago: 30));
        File.WriteAllText(FreePbx, FreePbxLine("admin", web, ago: 20));
        await _machine.ReadAsync(Stop);
        Assert.Empty(_machine.Banned());
        File.AppendAllText(FreePbx, FreePbxLine("admin", web));

        await _machine.BannedAsync(web, Stop);
    }

    [Fact]
    public async Task A_log_that_is_not_there_is_a_problem_that_status_names_until_it_comes()
    {
        File.WriteAllText(Ftp, "");
        _machine.Configure(Doors);
        await _machine.StartGuardAsync(Stop);

        await _machine.UntilAsync(async () => Problem(await _machine.AskAsync(Stop, "status", "--json"), FreePbx).Contains("no such file", StringComparison.OrdinalIgnoreCase)
            || Problem(await _machine.AskAsync(Stop, "status", "--json"), FreePbx).Contains("does not exist", StringComparison.OrdinalIgnoreCase), Stop);
        var web = Machine.Attacker(11);
        File.WriteAllText(FreePbx, string.Concat(Enumerable.Range(0, 5).Select(_ => FreePbxLine("admin", web))));

        await _machine.BannedAsync(web, Stop);
        await _machine.UntilAsync(async () => Problem(await _machine.AskAsync(Stop, "status", "--json"), FreePbx).Length == 0, Stop);
    }

    [Fact]
    public async Task Replay_reads_a_doors_archives()
    {
        _machine.Configure(Doors);
        var web = Machine.Attacker(12);
        var archive = $"{FreePbx}-20261120.gz";
        await using (var file = new GZipStream(File.Create(archive), CompressionLevel.Fastest))
        {
            for (var i = 0; i < 5; i++)
            {
                await file.WriteAsync(System.Text.Encoding.UTF8.GetBytes(FreePbxLine("admin", web)), Stop);
            }
        }

        File.Copy(archive, _machine.In("elsewhere.gz"));

        var named = await _machine.AskAsync(Stop, "replay", _machine.In("elsewhere.gz"), "--door", "freepbx");
        var known = await _machine.AskAsync(Stop, "replay", archive);

        Assert.Contains(web, named.Output, StringComparison.Ordinal);
        Assert.Contains(web, known.Output, StringComparison.Ordinal);
    }

    private static DateTime Now => TimeProvider.System.GetLocalNow().DateTime;

    private static string FreePbxLine(string user, string source, int ago = 0) =>
        string.Create(CultureInfo.InvariantCulture, $"[{Now.AddSeconds(-ago):yyyy-MM-dd HH:mm:ss}] [freepbx_security.NOTICE]: Authentication failure for {user} from {source} [] []\n");

    private static string FtpLine(string user, string source) =>
        string.Create(CultureInfo.InvariantCulture, $"{Now:ddd MMM dd HH:mm:ss yyyy} [pid 311] [{user}] FAIL LOGIN: Client \"{source}\"\n");

    private static string Door(ToolRun why) => why.Output.Contains("(freepbx)", StringComparison.Ordinal) ? "freepbx" : why.Output.Contains("(ftp)", StringComparison.Ordinal) ? "ftp" : why.Said;

    private static string Problem(ToolRun status, string log)
    {
        using var json = System.Text.Json.JsonDocument.Parse(status.Output);
        return json.RootElement.GetProperty("sources").EnumerateArray().Where(source => source.GetProperty("name").GetString() == log)
            .Select(static source => source.TryGetProperty("problem", out var problem) ? problem.GetString() ?? "" : "").FirstOrDefault("no such source");
    }
}
