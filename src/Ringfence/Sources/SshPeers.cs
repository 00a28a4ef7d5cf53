using Ringfence.Core.Events;
using Ringfence.Core.Parsing;

namespace Ringfence.Sources;

/// <summary>The far ends of ssh sessions in which somebody is logged in: administrators, who must not be locked out.</summary>
/// <remarks>
/// A connection alone proves nothing: anybody may open one to port 22, and would so buy himself protection. An address counts if it has a connection now, and
/// either systemd-logind has a session from it, or the connection is older than sshd's LoginGraceTime, after which sshd cuts off who has not logged in.
/// Not utmp: Debian 13 has none any more.
/// </remarks>
internal sealed class SshPeers
{
    // sshd counts from the accept, we from the first look; and a kill takes its time.
    private static readonly TimeSpan GraceMargin = TimeSpan.FromSeconds(30);
    private const int MaxSessionFiles = 4096;

    private readonly TimeProvider _time;
    private readonly Func<List<TcpSocket>?> _ask;
    private readonly string _proc;
    private readonly string _sshd;
    private readonly string _sessions;
    private Dictionary<TcpSocket, long> _firstSeen = [];

    /// <param name="ask">The kernel's answer, null where it gives none; null: <see cref="TcpConnections.Ask"/>.</param>
    /// <param name="proc">Where tcp and tcp6 are, which are read where the kernel gives no answer.</param>
    /// <param name="sshd">Where sshd_config is.</param>
    /// <param name="sessions">Where systemd-logind keeps its sessions; it may be missing.</param>
    public SshPeers(TimeProvider time, Func<List<TcpSocket>?>? ask = null, string proc = "/proc/net", string sshd = "/etc/ssh", string sessions = "/run/systemd/sessions")
    {
        _time = time;
        _ask = ask ?? TcpConnections.Ask;
        _proc = proc;
        _sshd = sshd;
        _sessions = sessions;
    }

    /// <summary>Looks now. Call it every few seconds: a connection's age is counted from the first look that saw it.</summary>
    /// <returns>Addresses of logged-in peers, loopback left out; empty where nothing can be read.</returns>
    public IReadOnlySet<Address> Read()
    {
        var settings = SshdSettings.Read(_sshd);
        var connections = (_ask() ?? [.. ReadTable("tcp"), .. ReadTable("tcp6")])
            .Where(socket => socket.State == ProcNetTcp.Established && settings.Ports.Contains(socket.LocalPort))
            .Where(socket => !Network.Loopback.Any(loopback => loopback.Contains(socket.Remote)))
            .ToHashSet();
        var now = _time.GetTimestamp();
        _firstSeen = connections.ToDictionary(connection => connection, connection => _firstSeen.GetValueOrDefault(connection, now));

        var loggedIn = connections.Count == 0 ? [] : ReadSessions();
        return connections
            .Where(connection => loggedIn.Contains(connection.Remote)
                || (settings.LoginGraceTime is { } grace && _time.GetElapsedTime(_firstSeen[connection], now) > grace + GraceMargin))
            .Select(connection => connection.Remote)
            .ToHashSet();
    }

    private List<TcpSocket> ReadTable(string name)
    {
        try
        {
            return ProcNetTcp.Parse(File.ReadAllBytes(Path.Combine(_proc, name)), BitConverter.IsLittleEndian);
        }
        catch (Exception error) when (FileTrouble.Is(error))
        {
            // No IPv6, or a sandbox.
            return [];
        }
    }

    private HashSet<Address> ReadSessions()
    {
        var remotes = new HashSet<Address>();
        try
        {
            foreach (var file in Directory.EnumerateFiles(_sessions).Where(file => !file.EndsWith(".ref", StringComparison.Ordinal)).Take(MaxSessionFiles))
            {
                if (ParseSession(File.ReadLines(file)) is { } remote)
                {
                    remotes.Add(remote);
                }
            }
        }
        catch (Exception error) when (FileTrouble.Is(error))
        {
            // No systemd: the age of the connections has to do.
        }

        return remotes;
    }

    /// <summary>The far end of a session that sshd opened; null for any other, and where sshd put a name (UseDNS yes).</summary>
    /// <param name="lines">KEY=value, as systemd-logind writes them.</param>
    public static Address? ParseSession(IEnumerable<string> lines)
    {
        var values = lines.Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2).DistinctBy(pair => pair[0]).ToDictionary(pair => pair[0], pair => pair[1]);
        return values.GetValueOrDefault("SERVICE") == "sshd" && values.GetValueOrDefault("STATE") != "closing" && values.TryGetValue("REMOTE_HOST", out var host)
            ? Address.Parse(host)
            : null;
    }
}
