using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Ringfence.Output;

namespace Ringfence.Daemon;

/// <summary>Tells systemd how the daemon fares, over the datagram socket of NOTIFY_SOCKET.</summary>
/// <remarks>sd_notify(3), sd_watchdog_enabled(3). A message that can't be sent is lost and not an error: the daemon's work goes on.</remarks>
internal sealed partial class Systemd : IDisposable
{
    private readonly Socket? _socket;
    private readonly UnixDomainSocketEndPoint? _to;
    private readonly TimeProvider _clock;
    private readonly ILogger<Systemd> _log;

    /// <param name="notifySocket">Value of NOTIFY_SOCKET: a path, or @ and an abstract name; null or empty: not under systemd, so everything here does nothing.</param>
    /// <param name="watchdogMicroseconds">Value of WATCHDOG_USEC; null: no watchdog.</param>
    /// <param name="watchdogPid">Value of WATCHDOG_PID: the process that the watchdog is meant for; null: this one.</param>
    public Systemd(string? notifySocket, string? watchdogMicroseconds, string? watchdogPid, TimeProvider clock, ILogger<Systemd> log)
    {
        _clock = clock;
        _log = log;
        // sd_notify(3): anything else (a vsock address on a virtual machine's host) is for others.
        if (notifySocket is ['/' or '@', _, ..])
        {
            _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = 1000 };
            // Abstract names begin with a zero byte in sockaddr_un and with @ in the variable.
            _to = new UnixDomainSocketEndPoint(notifySocket[0] == '@' ? '\0' + notifySocket[1..] : notifySocket);
        }

        var isForUs = watchdogPid is null || string.Equals(watchdogPid, Environment.ProcessId.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        if (isForUs && long.TryParse(watchdogMicroseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0)
        {
            WatchdogInterval = TimeSpan.FromMicroseconds(microseconds) / 2;
        }
    }

    public static Systemd OfProcess(TimeProvider clock, ILogger<Systemd> log) => new(
        Environment.GetEnvironmentVariable("NOTIFY_SOCKET"),
        Environment.GetEnvironmentVariable("WATCHDOG_USEC"),
        Environment.GetEnvironmentVariable("WATCHDOG_PID"),
        clock,
        log);

    /// <summary>Somebody is told.</summary>
    public bool IsHeard => _socket is not null;

    /// <summary>Half of what systemd allows, as sd_watchdog_enabled(3) recommends; null: no watchdog.</summary>
    public TimeSpan? WatchdogInterval { get; }

    public void Ready(string status) => Send($"READY=1\nSTATUS={OneLine(status)}");

    /// <summary>The line that <c>systemctl status</c> shows.</summary>
    public void Status(string status) => Send($"STATUS={OneLine(status)}");

    public void Stopping() => Send("STOPPING=1");

    /// <summary>A part for <see cref="Supervisor"/>: feeds the watchdog while the pipeline moves; when it stands still, systemd restarts the daemon.</summary>
    /// <param name="turns">A count that grows with each turn of the pipeline's loop, also of an idle one; read from another thread.</param>
    public async Task WatchdogAsync(Func<long> turns, CancellationToken stop)
    {
        if (_socket is null || WatchdogInterval is not { } interval)
        {
            return;
        }

        using var timer = new PeriodicTimer(interval, _clock);
        var last = -1L;
        do
        {
            var now = turns();
            if (now != last)
            {
                Send("WATCHDOG=1");
            }
            else
            {
                LogStandsStill(interval.TotalSeconds);
            }

            last = now;
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    public void Dispose() => _socket?.Dispose();

    private void Send(string message)
    {
        if (_socket is null || _to is null)
        {
            return;
        }

        try
        {
            _socket.SendTo(Encoding.UTF8.GetBytes(message), _to);
        }
        catch (SocketException e)
        {
            LogNotSent(e.Message);
        }
    }

    // A line end would begin another assignment.
    private static string OneLine(string status) => Terminal.Safe(status);

    [LoggerMessage(2010, LogLevel.Warning, "systemd can't be told: {Problem}")]
    private partial void LogNotSent(string problem);

    [LoggerMessage(2011, LogLevel.Error, "The pipeline has not moved for {Seconds} s; the watchdog is not fed")]
    private partial void LogStandsStill(double seconds);
}
