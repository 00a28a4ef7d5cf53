using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Api;
using Ringfence.Daemon;
using Ringfence.Enforcement;
using Ringfence.Notifiers;
using Ringfence.Tests.Api;
using Xunit;

namespace Ringfence.Tests.Daemon;

public sealed class ServiceStatusTests : IDisposable
{
    private static readonly SourceReport Log = new("/log", Alive: true, FakeDaemon.Now, null, 0, 0, 0, 0, null);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rf-cli-");
    private readonly Socket _receiver = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 10_000 };
    private readonly CancellationTokenSource _stop = new();
    private readonly ManualTime _time = new();
    private readonly FakeDaemon _daemon = new() { Status = StatusOf(bans: 12, Log) };
    private readonly Systemd _systemd;
    private bool _isReady;

    public ServiceStatusTests()
    {
        var path = Path.Combine(_directory.FullName, "notify");
        _receiver.Bind(new UnixDomainSocketEndPoint(path));
        _systemd = new Systemd(path, null, null, _time, NullLogger<Systemd>.Instance);
    }

    public void Dispose()
    {
        _systemd.Dispose();
        _receiver.Dispose();
        _stop.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Systemd_hears_that_the_guard_is_ready_when_it_is_and_not_before()
    {
        var running = RunAsync();
        await _time.NextTimerAsync();
        Assert.Equal(0, _receiver.Available);

        _isReady = true;
        _time.Advance(ServiceStatus.LookEvery);

        Assert.Equal("READY=1\nSTATUS=enforcing: 12 bans in force, 1 log", Receive());
        await EndAsync(running);
    }

    [Fact]
    public async Task A_guard_whose_api_can_not_be_had_is_ready_before_systemd_loses_patience()
    {
        var running = RunAsync();
        await _time.NextTimerAsync();

        _time.Advance(ServiceStatus.Patience);

        Assert.StartsWith("READY=1\n", Receive(), StringComparison.Ordinal);
        await EndAsync(running);
    }

    [Fact]
    public async Task The_status_line_changes_with_the_guard_and_is_said_once()
    {
        _isReady = true;
        var running = RunAsync();
        Receive();
        Assert.Equal(ServiceStatus.TellEvery, await _time.NextTimerAsync());

        _time.Advance(ServiceStatus.TellEvery);
        Assert.False(_receiver.Poll(TimeSpan.FromMilliseconds(100), SelectMode.SelectRead));

        _daemon.Status = StatusOf(bans: 13, Log, Log with { Alive = false, Problem = "gone" });
        _time.Advance(ServiceStatus.TellEvery);

        Assert.Equal("STATUS=enforcing: 13 bans in force, 2 logs (1 blind), 1 problem: see ringfence status", Receive());
        await EndAsync(running);
    }

    [Fact]
    public void A_guard_that_only_observes_says_so_and_every_problem_counts()
    {
        var status = StatusOf(bans: 1) with
        {
            Firewall = new FirewallStatus("observe", 0, 0, 0, "no nft"),
            Parts = [new PartReport("trust", "running", FakeDaemon.Now, 0, null, "Asterisk can't be asked")],
            Canary = new CanaryReport("127.0.0.1:5060", "x", null, null, null, "the PBX does not answer"),
            Notifiers = [new NotifierStatus("boss", "mail", 3, null, FakeDaemon.Now, 0, 0, "Connection refused")],
        };

        Assert.Equal("observing, banning nobody: 1 ban in force, no log is known, 5 problems: see ringfence status", ServiceStatus.Line(status));
    }

    private static StatusReport StatusOf(int bans, params SourceReport[] sources) => new()
    {
        From = "daemon",
        Version = "1.2.3",
        Now = FakeDaemon.Now,
        Bans = bans,
        Sources = sources,
        Firewall = new FirewallStatus("nftables", bans, 0, 0, null),
    };

    private Task RunAsync() => new ServiceStatus(_daemon, _systemd, () => _isReady, _time).RunAsync(_stop.Token);

    private async Task EndAsync(Task running)
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.EndAsync());
    }

    private string Receive()
    {
        var buffer = new byte[1024];
        return Encoding.UTF8.GetString(buffer, 0, _receiver.Receive(buffer));
    }
}
