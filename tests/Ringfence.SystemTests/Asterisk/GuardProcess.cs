using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Ringfence.Core.Events;
using Ringfence.Tests;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>A real `ringfence guard --enforce` beside the real Asterisk, in the PBX's namespace, with a journal and a socket of its own.</summary>
internal sealed class GuardProcess : IAsyncDisposable
{
    /// <summary>Lines of a configuration for tests that count what a source tells: the guard's own request, some seconds after its start, is not among it.</summary>
    public static readonly IReadOnlyList<string> NoCanary = ["[general](+)", "canary = 0"];

    /// <summary>Lines of a configuration for what the lab's Asterisk tells over HEP.</summary>
    public static readonly IReadOnlyList<string> Hep = ["[hep]", "listen = 127.0.0.1:9060", "password = lab-capture-password"];

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly AsteriskLab _lab;
    private readonly DirectoryInfo _directory = System.IO.Directory.CreateTempSubdirectory("rf-guard-");
    private readonly StringBuilder _said = new();
    private Process? _process;

    private GuardProcess(AsteriskLab lab) => _lab = lab;

    public string ConfigPath => Path.Combine(_directory.FullName, "ringfence.conf");

    private string SocketPath => Path.Combine(_directory.FullName, "ringfence.sock");

    /// <summary>What it wrote to standard output and standard error.</summary>
    public string Said
    {
        get
        {
            lock (_said)
            {
                return _said.ToString();
            }
        }
    }

    /// <summary>Starts a guard that knows of nothing yet: fresh logs, an empty journal, an empty firewall.</summary>
    /// <param name="logs">The logs that it watches; as an administrator would set it up if empty: security_json and notice.</param>
    public static Task<GuardProcess> StartAsync(AsteriskLab lab, CancellationToken stop, params string[] logs) => StartAsync(lab, [], stop, logs);

    /// <param name="settings">Lines of the configuration beside those of every test.</param>
    /// <inheritdoc cref="StartAsync(AsteriskLab, CancellationToken, string[])" path="/param"/>
    public static async Task<GuardProcess> StartAsync(AsteriskLab lab, IReadOnlyList<string> settings, CancellationToken stop, params string[] logs)
    {
        var guard = new GuardProcess(lab);
        await lab.CliAsync("logger rotate", stop);
        await guard.FlushFirewallAsync(stop);
        var watched = logs.Length > 0 ? logs : ["security_json", "notice"];
        var lines = new List<string> { "[general]" };
        lines.AddRange(watched.Select(log => $"log = {lab.Log(log)}"));
        lines.AddRange(
        [
            $"asterisk_dir = {Path.Combine(lab.Directory, "etc")}",
            $"socket = {guard.SocketPath}",
            "[bans]",
            "first_ban = 10m",
            "[journal]",
            $"path = {Path.Combine(guard._directory.FullName, "ringfence.db")}",
            .. settings,
        ]);
        await File.WriteAllLinesAsync(guard.ConfigPath, lines, stop);
        await guard.StartAgainAsync(stop);
        return guard;
    }

    /// <summary>Starts a guard with a configuration that somebody wrote, beside which it gets what a laboratory has elsewhere: its logs, its socket, its journal.</summary>
    public static async Task<GuardProcess> StartWrittenAsync(AsteriskLab lab, string configuration, CancellationToken stop)
    {
        var guard = new GuardProcess(lab);
        await guard.FlushFirewallAsync(stop);
        await File.WriteAllTextAsync(
            guard.ConfigPath,
            $"{configuration}\n[general](+)\nlog = {lab.Log("security_json")}\nsocket = {guard.SocketPath}\n[journal]\npath = {Path.Combine(guard._directory.FullName, "ringfence.db")}\n",
            stop);
        await guard.StartAgainAsync(stop);
        return guard;
    }

    /// <summary>Starts it, with whatever journal it left behind, and waits until it answers.</summary>
    public async Task StartAgainAsync(CancellationToken stop)
    {
        // It asks Asterisk's console for the registered phones.
        _process = Running.Start(
            ["ip", "netns", "exec", _lab.Namespace("pbx"), RingfenceProgram.Path, "guard", "--config", ConfigPath, "--enforce"],
            Append,
            ("PATH", $"{Path.Combine(_lab.Directory, "bin")}:{Environment.GetEnvironmentVariable("PATH")}"));
        var ready = await Eventually.HoldsAsync(
            () => Task.FromResult(_process.HasExited || Answers()), StartLimit, stop);
        if (!ready || _process.HasExited || !await Eventually.HoldsAsync(() => IsListeningAsync(stop), StartLimit, stop))
        {
            throw new InvalidOperationException($"the guard did not start: {Said}");
        }
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync(CancellationToken stop)
    {
        _process!.Kill();
        await _process.WaitForExitAsync(stop);
    }

    /// <summary>SIGTERM, as systemd stops it.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync(CancellationToken stop)
    {
        await ToolRun.OfAsync(["kill", "-TERM", $"{_process!.Id}"], TimeSpan.FromSeconds(30), stop);
        await _process.WaitForExitAsync(stop).WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, stop);
        return _process.ExitCode;
    }

    /// <param name="signal">"STOP": it stands still.</param>
    public Task SignalAsync(string signal, CancellationToken stop) => ToolRun.OfAsync(["kill", $"-{signal}", $"{_process!.Id}"], TimeSpan.FromSeconds(30), stop);

    /// <summary>Runs another verb against it.</summary>
    public Task<ToolRun> AskAsync(CancellationToken stop, params string[] arguments)
        => ToolRun.OfAsync([RingfenceProgram.Path, .. arguments, "--config", ConfigPath], TimeSpan.FromSeconds(30), stop);

    public async Task<JsonDocument> AskJsonAsync(CancellationToken stop, params string[] arguments)
    {
        var run = await AskAsync(stop, [.. arguments, "--json"]);
        return run.ExitCode == 0 || (run.ExitCode == 1 && arguments[0] == "status")
            ? JsonDocument.Parse(run.Output)
            : throw new InvalidOperationException($"ringfence {string.Join(' ', arguments)}: {run.Said}");
    }

    /// <summary>What the guard says is banned.</summary>
    public async Task<IReadOnlySet<Network>> BansAsync(CancellationToken stop)
    {
        using var bans = await AskJsonAsync(stop, "bans");
        return bans.RootElement.GetProperty("bans").EnumerateArray().Select(ban => Subject(ban.GetProperty("subject").GetString()!)).ToHashSet();
    }

    /// <summary>What the kernel has: each address and network in a set of bans of our table.</summary>
    public async Task<IReadOnlySet<Network>> KernelBansAsync(CancellationToken stop)
    {
        var run = await NftAsync(stop, "-j", "list", "table", "inet", "ringfence");
        if (run.ExitCode is null)
        {
            throw new TimeoutException($"nft list did not end: {run.Said}");
        }

        if (run.ExitCode != 0)
        {
            return new HashSet<Network>();
        }

        using var table = JsonDocument.Parse(run.Output);
        return table.RootElement.GetProperty("nftables").EnumerateArray()
            .Where(part => part.TryGetProperty("set", out var set) && set.GetProperty("name").GetString()!.StartsWith("banned", StringComparison.Ordinal) && set.TryGetProperty("elem", out _))
            .SelectMany(part => Addresses(part.GetProperty("set").GetProperty("elem")))
            .Select(Subject)
            .ToHashSet();
    }

    /// <summary>Whether the kernel bans this address.</summary>
    public async Task<bool> HasBannedAsync(string address, CancellationToken stop) => (await KernelBansAsync(stop)).Contains(Subject(address));

    /// <summary>What every careless script does: all rules of the namespace are gone.</summary>
    public Task FlushFirewallAsync(CancellationToken stop) => NftAsync(stop, "flush", "ruleset");

    /// <summary>Waits until the guard has read every watched log to its end.</summary>
    public async Task<bool> HasReadAllAsync(CancellationToken stop) => await Eventually.HoldsAsync(
        async () =>
        {
            using var status = await AskJsonAsync(stop, "status");
            return status.RootElement.GetProperty("sources").EnumerateArray().All(source => source.GetProperty("lag_bytes").GetInt64() == 0);
        },
        TimeSpan.FromSeconds(60),
        stop);

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None).EndAsync();
        }

        _process?.Dispose();
        await FlushFirewallAsync(CancellationToken.None);
        _directory.Delete(recursive: true);
    }

    private Task<ToolRun> NftAsync(CancellationToken stop, params string[] arguments)
        => _lab.RunAsync("pbx", ["nft", .. arguments], TimeSpan.FromSeconds(30), stop);

    // Its parts start side by side: a log that is opened after the attack's lines were written is read from behind them.
    private async Task<bool> IsListeningAsync(CancellationToken stop)
    {
        using var status = await AskJsonAsync(stop, "status");
        var sources = status.RootElement.GetProperty("sources").EnumerateArray().Select(static source => (Name: source.GetProperty("name").GetString()!, IsAlive: source.GetProperty("alive").GetBoolean())).ToList();
        if (sources.Exists(static source => !source.IsAlive && File.Exists(source.Name)))
        {
            return false;
        }

        // Of the network the kernel tells: its tables end with what is bound, a datagram socket by its port in hex and a packet socket by every protocol.
        var tables = (await _lab.RunAsync("pbx", ["cat", "/proc/net/udp", "/proc/net/packet"], TimeSpan.FromSeconds(30), stop)).Output;
        return sources.TrueForAll(source =>
            (!source.Name.StartsWith("hep ", StringComparison.Ordinal) || tables.Contains($":{int.Parse(source.Name.Split(':')[^1], CultureInfo.InvariantCulture):X4} ", StringComparison.Ordinal))
            && (!source.Name.StartsWith("wire ", StringComparison.Ordinal) || tables.Split('\n').Any(static line => line.Contains(" 0003 ", StringComparison.Ordinal))));
    }

    private bool Answers()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(SocketPath));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Append(string? line)
    {
        lock (_said)
        {
            _said.AppendLine(line);
        }
    }

    private static Network Subject(string text) => (Address.Parse(text.Split('/')[0])
        ?? throw new InvalidOperationException($"\"{text}\" is no address")).Subject;

    // nft writes "192.0.2.7", {"elem": {"val": "192.0.2.7", "timeout": ..}}, or {"prefix": {"addr": "192.0.2.0", "len": 24}} within either.
    private static IEnumerable<string> Addresses(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => Address.Parse(element.GetString()!) is null ? [] : [element.GetString()!],
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Addresses),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => Addresses(member.Value)),
        _ => [],
    };
}
