using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Ringfence.Core.Events;
using Ringfence.Enforcement;
using Ringfence.SystemTests.Asterisk;

namespace Ringfence.SystemTests.Doors;

/// <summary>A machine with doors: a network namespace, a neighbour with many addresses, what runs in it, and a guard.</summary>
/// <remarks>Each process has a mount namespace of its own, so that what a test binds over /etc, /run or /dev is seen there alone.</remarks>
internal sealed class Machine : IAsyncDisposable
{
    public const string Own = "198.51.100.1";

    private readonly List<Process> _processes = [];
    private readonly StringBuilder _said = new();
    private readonly Netns _world;
    private Process? _guard;

    public Machine(string purpose)
    {
        Requires.Root();
        Requires.Tool("nft");
        Here = Netns.Create(purpose);
        _world = Netns.Create(purpose);
        Here.Connect(_world, [$"{Own}/24"], Enumerable.Range(7, 20).Select(last => $"{Attacker(last)}/24"));
        File.WriteAllText(In("notice"), "");
        Directory.CreateDirectory(In("sessions"));
    }

    public Netns Here { get; }

    /// <summary>The neighbour's namespace.</summary>
    public string WorldName => _world.Name;

    public string Root { get; } = Directory.CreateTempSubdirectory("rf-doors-").FullName;

    /// <summary>What all processes wrote.</summary>
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

    /// <param name="last">7 to 26.</param>
    public static string Attacker(int last) => $"198.51.100.{last}";

    public string In(string name) => Path.Combine(Root, name);

    /// <summary>Runs a shell script until the end of the test.</summary>
    public Process Run(string script, params (string Name, string Value)[] environment)
    {
        var process = Running.Start([.. Here.Prefix, "unshare", "--mount", "--propagation", "private", "sh", "-ec", script], Append, environment);
        _processes.Add(process);
        return process;
    }

    /// <summary>Runs a command in the neighbour's namespace, which ends within a minute and a half.</summary>
    public Task<ToolRun> AttackAsync(IReadOnlyList<string> command, CancellationToken stop) => ToolRun.OfAsync([.. _world.Prefix, .. command], TimeSpan.FromSeconds(90), stop);

    public void Configure(params string[] doors) => File.WriteAllLines(In("ringfence.conf"),
    [
        "[general]", $"log = {In("notice")}", $"asterisk_dir = {Root}", $"socket = {In("ringfence.sock")}",
        "[trust]", "contacts = no", "[journal]", $"path = {In("state/ringfence.db")}", .. doors,
    ]);

    /// <summary>Starts the guard, with what it left behind, and waits until it reads; systemd-logind's sessions are those of <c>In("sessions")</c>.</summary>
    public async Task StartGuardAsync(CancellationToken stop)
    {
        _guard = Run($"mount -t tmpfs tmpfs /run; mkdir -p /run/systemd/sessions; mount --bind {In("sessions")} /run/systemd/sessions; exec {RingfenceProgram.Path} guard --config {In("ringfence.conf")} --enforce");
        await UntilAsync(
            async () =>
            {
                var status = await AskAsync(stop, "status", "--json");
                return _guard.HasExited || status.Output.Contains("\"alive\":true", StringComparison.Ordinal);
            },
            stop);
        if (_guard.HasExited)
        {
            throw new InvalidOperationException($"the guard did not start: {Said}");
        }
    }

    public async Task KillGuardAsync(CancellationToken stop)
    {
        _guard!.Kill();
        await _guard.WaitForExitAsync(stop);
    }

    /// <summary>Runs another verb against it.</summary>
    public Task<ToolRun> AskAsync(CancellationToken stop, params string[] arguments)
        => ToolRun.OfAsync([.. Here.Prefix, RingfenceProgram.Path, .. arguments, "--config", In("ringfence.conf")], TimeSpan.FromSeconds(20), stop);

    public async Task<JsonElement> JsonAsync(CancellationToken stop, params string[] arguments)
    {
        var run = await AskAsync(stop, [.. arguments, "--json"]);
        using var json = JsonDocument.Parse(run.Output);
        return json.RootElement.Clone();
    }

    /// <summary>What the kernel bans.</summary>
    public IReadOnlySet<string> Banned() => Here.Run(() =>
    {
        using var kernel = new KernelTable(NetlinkSocket.Open());
        return StandingBans.Read(kernel, TimeProvider.System.GetUtcNow()).Select(ban => ban.Subject.ToString()).ToHashSet();
    });

    /// <summary>Whether the kernel bans an address.</summary>
    public Task<bool> IsBannedAsync(string address) => Task.FromResult(Banned().Contains(Subject(address)));

    /// <summary>Waits until the kernel bans an address.</summary>
    public Task BannedAsync(string address, CancellationToken stop) => UntilAsync(() => IsBannedAsync(address), stop);

    /// <summary>Waits until what the guard says of an address has this in it.</summary>
    public Task WhyHasAsync(string address, string text, CancellationToken stop)
        => UntilAsync(async () => (await AskAsync(stop, "why", address, "--json")).Output.Contains(text, StringComparison.Ordinal), stop);

    /// <summary>Waits until all that is written was read.</summary>
    public Task ReadAsync(CancellationToken stop) => UntilAsync(
        async () => (await JsonAsync(stop, "status")).GetProperty("sources").EnumerateArray().All(source => source.GetProperty("lag_bytes").GetInt64() == 0), stop);

    public async Task UntilAsync(Func<Task<bool>> holds, CancellationToken stop)
    {
        if (!await Eventually.HoldsAsync(holds, TimeSpan.FromSeconds(40), stop))
        {
            throw new InvalidOperationException($"not within 40 s: {Said}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Running.EndAsync(_processes);

        _world.Dispose();
        Here.Dispose();
        Directory.Delete(Root, recursive: true);
    }

    private static string Subject(string address) => Address.Parse(address)!.Value.Subject.ToString();

    private void Append(string? line)
    {
        lock (_said)
        {
            _said.AppendLine(line);
        }
    }
}
