using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Daemon;
using Xunit;

namespace Ringfence.Tests.Daemon;

public sealed class SystemdTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rf-cli-");
    private readonly ManualTime _time = new();

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Ready_status_and_stopping_reach_the_socket(bool isAbstract)
    {
        using var receiver = Receiver(isAbstract, out var name);
        using var systemd = new Systemd(name, null, null, _time, NullLogger<Systemd>.Instance);

        systemd.Ready("watching 2 logs");
        systemd.Status("3 bans");
        systemd.Stopping();

        Assert.Equal("READY=1\nSTATUS=watching 2 logs", Receive(receiver));
        Assert.Equal("STATUS=3 bans", Receive(receiver));
        Assert.Equal("STOPPING=1", Receive(receiver));
    }

    [Fact]
    public void A_line_end_in_the_status_begins_no_second_assignment()
    {
        using var receiver = Receiver(isAbstract: false, out var name);
        using var systemd = new Systemd(name, null, null, _time, NullLogger<Systemd>.Instance);

        systemd.Status("x\nMAINPID=1");

        Assert.Equal(@"STATUS=x\nMAINPID=1", Receive(receiver));
    }

    [Fact]
    public async Task The_watchdog_is_fed_at_half_time_while_the_pipeline_turns_and_not_while_it_stands()
    {
        using var receiver = Receiver(isAbstract: false, out var name);
        using var systemd = new Systemd(name, "10000000", null, _time, NullLogger<Systemd>.Instance);
        using var stop = new CancellationTokenSource();
        var turns = 1L;
        var asked = System.Threading.Channels.Channel.CreateUnbounded<long>();
        var feeding = systemd.WatchdogAsync(
            () =>
            {
                asked.Writer.TryWrite(turns);
                return turns;
            },
            stop.Token);

        Assert.Equal(TimeSpan.FromSeconds(5), await _time.NextTimerAsync());
        await asked.Reader.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal("WATCHDOG=1", Receive(receiver));
        _time.Advance(TimeSpan.FromSeconds(5));
        await asked.Reader.ReadAsync(TestContext.Current.CancellationToken);
        turns = 2;
        _time.Advance(TimeSpan.FromSeconds(5));
        await asked.Reader.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal("WATCHDOG=1", Receive(receiver));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => feeding.EndAsync());

        // Three questions, two of them after a turn: nothing is left over.
        Assert.Equal(0, receiver.Available);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("vsock:2:1234")]
    [InlineData("@")]
    public async Task Without_a_socket_everything_does_nothing(string? name)
    {
        using var systemd = new Systemd(name, "1000000", null, _time, NullLogger<Systemd>.Instance);

        systemd.Ready("x");
        systemd.Stopping();
        await systemd.WatchdogAsync(() => throw new InvalidOperationException("nobody should ask"), TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("1000000", "1")]
    [InlineData("0", null)]
    [InlineData("-5", null)]
    [InlineData("soon", null)]
    [InlineData(null, null)]
    public void A_watchdog_that_is_not_for_this_process_is_none(string? microseconds, string? pid)
    {
        using var systemd = new Systemd("/nowhere", microseconds, pid, _time, NullLogger<Systemd>.Instance);

        Assert.Null(systemd.WatchdogInterval);
    }

    [Fact]
    public void A_systemd_that_does_not_listen_is_no_failure()
    {
        using var systemd = new Systemd(Path.Combine(_directory.FullName, "nobody"), null, null, _time, NullLogger<Systemd>.Instance);

        systemd.Status("x");
    }

    private static string Receive(Socket receiver)
    {
        var buffer = new byte[1024];
        return Encoding.UTF8.GetString(buffer, 0, receiver.Receive(buffer));
    }

    private Socket Receiver(bool isAbstract, out string name)
    {
        var unique = $"rf-cli-{Environment.ProcessId}-{Guid.NewGuid():n}";
        name = isAbstract ? $"@{unique}" : Path.Combine(_directory.FullName, unique);
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 10_000 };
        socket.Bind(new UnixDomainSocketEndPoint(isAbstract ? $"\0{unique}" : name));
        return socket;
    }
}
