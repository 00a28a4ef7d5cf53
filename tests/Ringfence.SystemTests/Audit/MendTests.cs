using System.Net;
using System.Net.Sockets;
using System.Text;
using Ringfence.Core.Audit;
using Ringfence.Core.Pbx;
using Ringfence.Sources;
using Ringfence.SystemTests.Asterisk;
using Xunit;

namespace Ringfence.SystemTests.Audit;

/// <summary>What the rules of the manager interface, the web server, the logs and RTP find, a real Asterisk does; and after the mend it does not.</summary>
public sealed class MendTests : IClassFixture<AsteriskLab>
{
    private readonly AsteriskLab _lab;

    public MendTests(AsteriskLab lab)
    {
        lab.Require();
        _lab = lab;
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Etc => Path.Combine(_lab.Directory, "etc");

    [Theory]
    [InlineData("RF1401", "127.0.0.1", "permit = 203.0.113.9/255.255.255.255")]
    [InlineData("RF1402", "::1", "deny = 0.0.0.0/0.0.0.0\npermit = 203.0.113.9/255.255.255.255")]
    public async Task A_manager_user_who_could_log_in_from_elsewhere_can_not_after_the_mend(string rule, string to, string lines)
    {
        var text = $"[general]\nenabled = yes\n[audited]\nsecret = Aud1ted-Very-Long-Secret\nread = system\n{lines}\n";
        await WriteAsync("manager.conf", text, "manager reload");
        Assert.Contains("Success", Login(to), StringComparison.Ordinal);

        await MendAsync(rule, "manager.conf", "manager reload");

        Assert.Contains("Error", Login(to), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manager_user_with_a_permit_behind_the_mend_still_logs_in()
    {
        await WriteAsync("manager.conf", "[general]\nenabled = yes\n[audited]\nsecret = Aud1ted-Very-Long-Secret\nread = system\npermit = 127.0.0.1\n", "manager reload");

        await MendAsync("RF1401", "manager.conf", "manager reload");

        Assert.Contains("Success", Login("127.0.0.1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interface_that_listens_for_nobody_is_gone_from_the_network_after_the_mend()
    {
        await WriteAsync("manager.conf", "[general]\nenabled = yes\nbindaddr = 0.0.0.0\n[audited]\nsecret = Aud1ted-Very-Long-Secret\ndeny = 0.0.0.0/0\npermit = 127.0.0.1\n", "manager reload");
        Assert.Contains("Error", Login(AsteriskLab.World), StringComparison.Ordinal);

        await MendAsync("RF1411", "manager.conf", "manager reload");

        Assert.Equal("refused", Login(AsteriskLab.World));
        Assert.Contains("Success", Login("127.0.0.1"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RF1455", "http.conf", "[general]\nenabled = yes\nbindaddr = 0.0.0.0\nservername = x\nenable_status = yes\n", "module reload http", "http show status", "/httpstatus", null)]
    [InlineData("RF1454", "http.conf", "[general]\nenabled = yes\nbindaddr = 0.0.0.0\nservername = x\nenablestatic = yes\n", "module reload http", "http show status", "/static", null)]
    [InlineData("RF1456", "http.conf", "[general]\nenabled = yes\nbindaddr = 0.0.0.0\n", "module reload http", "http show status", "Server: Asterisk/22", "Server: Asterisk\n")]
    [InlineData("RF1556", "rtp.conf", "[general]\nstrictrtp = no\n", "module reload res_rtp_asterisk.so", "rtp show settings", "Strict RTP:      No", "Strict RTP:      Yes")]
    [InlineData("RF1501", "logger.conf", "[general]\n[logfiles]\nmessages => notice,warning,error\n", "logger reload", "logger show channels", "messages", "security.json")]
    [InlineData("RF1504", "logger.conf", "[general]\n[logfiles]\nsecurity.json => [json]security\n", "logger reload", "logger show channels", "security.json", "/notice")]
    [InlineData("RF1506", "cdr.conf", "[general]\nenable = no\n[csv]\nloguniqueid = yes\n", "module reload cdr", "cdr show status", "Disabled", "Enabled")]
    [InlineData("RF1510", "cel.conf", "[general]\nevents = ALL\n", "module reload cel", "cel show status", "Disabled", "Enabled")]
    public async Task Asterisk_says_the_same_of_itself_before_and_after(string rule, string file, string text, string reload, string show, string before, string? after)
    {
        await WriteAsync(file, text, reload);
        Assert.Contains(before, await _lab.CliAsync(show, Stop), StringComparison.Ordinal);

        await MendAsync(rule, file, reload);

        var said = await _lab.CliAsync(show, Stop);
        if (after is null)
        {
            Assert.DoesNotContain(before, said, StringComparison.Ordinal);
        }
        else
        {
            Assert.Contains(after, said, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("RF1506", "cdr.conf", "[general]\nenable = no\n", "cdr", "cdr_csv", "csv")]
    [InlineData("RF1506", "cdr.conf", "[general]\nenable = no\n[csv]\n", "cdr", "cdr_csv", "csv")]
    [InlineData("RF1507", "cdr.conf", "[general]\nenable = yes\n", "cdr", "cdr_csv", "csv")]
    [InlineData("RF1510", "cel.conf", "[general]\nenable = no\n", "cel", "cel_custom", "CEL Custom CSV Logging")]
    public async Task Call_records_that_are_turned_on_have_a_backend(string rule, string file, string text, string kind, string module, string backend)
    {
        // What other mends of this Asterisk wrote there was not loaded by it.
        File.Copy(Repository.File("lab", "conf", "modules.conf"), Path.Combine(Etc, "modules.conf"), overwrite: true);
        File.Delete(Path.Combine(Etc, "cel_custom.conf"));
        await _lab.CliAsync($"module unload {module}.so", Stop);
        await WriteAsync(file, text, $"module reload {kind}");
        Assert.DoesNotContain(backend, await _lab.CliAsync($"{kind} show status", Stop), StringComparison.Ordinal);

        var loaded = await File.ReadAllLinesAsync(Path.Combine(Etc, "modules.conf"), Stop);

        await MendAsync(rule, file, $"module reload {kind}");

        foreach (var line in (await File.ReadAllLinesAsync(Path.Combine(Etc, "modules.conf"), Stop)).Except(loaded).Append($"load = {module}.so"))
        {
            await _lab.CliAsync("module " + line.Replace(" =", "", StringComparison.Ordinal), Stop);
        }

        var said = await _lab.CliAsync($"{kind} show status", Stop);
        Assert.Contains("Enabled", said, StringComparison.Ordinal);
        Assert.Contains(backend, said, StringComparison.Ordinal);
        Assert.Contains($"load = {module}.so", await File.ReadAllTextAsync(Path.Combine(Etc, "modules.conf"), Stop), StringComparison.Ordinal);
    }

    private async Task WriteAsync(string file, string text, string reload)
    {
        await File.WriteAllTextAsync(Path.Combine(Etc, file), text, Stop);
        await _lab.CliAsync(reload, Stop);
    }

    private async Task MendAsync(string rule, string file, string reload)
    {
        var pbx = AuditedPbx.OfCopy(Etc, AsteriskVersion.Assumed);
        var edits = AuditRules.All.Single(one => one.Id == rule).Check(pbx).Where(fault => fault.Place.File == file).SelectMany(static fault => fault.Mend?.Edits ?? []).ToList();
        Assert.NotEmpty(edits);

        foreach (var edited in edits.GroupBy(static edit => edit.File))
        {
            var path = Path.Combine(Etc, edited.Key);
            await File.WriteAllBytesAsync(path, EditedFile.Apply(File.Exists(path) ? await File.ReadAllBytesAsync(path, Stop) : null, [.. edited]), Stop);
        }

        await _lab.CliAsync(reload, Stop);
        Assert.DoesNotContain(AuditRules.All.Single(one => one.Id == rule).Check(AuditedPbx.OfCopy(Etc, AsteriskVersion.Assumed)), fault => fault.Place.File == file);
    }

    private string Login(string to) => Netns.RunIn(_lab.Namespace("pbx"), () =>
    {
        try
        {
            using var socket = new Socket(IPAddress.Parse(to).AddressFamily, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 5_000 };
            socket.Connect(IPAddress.Parse(to), 5038);
            socket.Send("Action: Login\r\nUsername: audited\r\nSecret: Aud1ted-Very-Long-Secret\r\nEvents: off\r\n\r\n"u8);
            var said = new StringBuilder();
            var buffer = new byte[4_096];
            while (!said.ToString().Contains("Response:", StringComparison.Ordinal) && socket.Receive(buffer) is > 0 and var length)
            {
                said.Append(Encoding.UTF8.GetString(buffer, 0, length));
            }

            return said.ToString();
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return "refused";
        }
    });
}
