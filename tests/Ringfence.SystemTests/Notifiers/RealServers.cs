using System.Diagnostics;
using Ringfence.SystemTests.Asterisk;
using Ringfence.Tests;

namespace Ringfence.SystemTests.Notifiers;

/// <summary>Exim and rsyslog of the distribution as lab/servers unpacks them, each run in a network namespace with a configuration and directories of its own.</summary>
internal sealed class RealServers : IAsyncDisposable
{
    // Exim looks up its own user before it reads a configuration, and refuses to run without it; the machine need not have one.
    private const int EximUser = 61_999;

    private readonly string _root;
    private readonly string _directory;
    private readonly List<Process> _processes = [];

    private RealServers(string root, string directory)
    {
        _root = root;
        _directory = directory;
    }

    private string Spool => Path.Combine(_directory, "spool");

    private string Libraries => string.Join(':', Directory.EnumerateDirectories(Path.Combine(_root, "usr/lib"), "*-linux-gnu"));

    public string SyslogFile => Path.Combine(_directory, "syslog");

    public string CaFile => Path.Combine(_directory, "ca.pem");

    /// <summary>Skips the test where they can't be had.</summary>
    /// <param name="directory">Theirs and the test's.</param>
    public static async Task<RealServers> GetAsync(string directory, CancellationToken stop)
    {
        Requires.Root();
        var got = await ToolRun.OfAsync([Repository.File("lab", "servers"), "install"], TimeSpan.FromMinutes(5), stop);
        if (got.ExitCode != 0)
        {
            Requires.Missing($"needs Exim and rsyslog: {got.Said}");
        }

        var servers = new RealServers(got.Output.Trim(), directory);
        await servers.PrepareAsync(stop);
        return servers;
    }

    /// <summary>Exim on 127.0.0.1: port 2525 with STARTTLS and a login, port 2465 with TLS from the first byte. It keeps what it takes in its queue, refuses
    /// nobody@ for good, and later@ until there is a file of that name in the directory.</summary>
    public async Task StartEximAsync(Netns pbx, CancellationToken stop)
    {
        var config = Path.Combine(_directory, "exim.conf");
        await File.WriteAllTextAsync(config, $$$$$"""
            exim_user = {{{{{EximUser}}}}}
            exim_group = {{{{{EximUser}}}}}
            keep_environment = LD_LIBRARY_PATH
            primary_hostname = mail.test
            daemon_smtp_ports = 2525 : 2465
            tls_on_connect_ports = 2465
            local_interfaces = 127.0.0.1
            spool_directory = {{{{{Spool}}}}}
            log_file_path = {{{{{_directory}}}}}/exim-%slog
            pid_file_path = {{{{{_directory}}}}}/exim.pid
            tls_advertise_hosts = *
            tls_certificate = {{{{{_directory}}}}}/server.pem
            tls_privatekey = {{{{{_directory}}}}}/server.key
            acl_smtp_rcpt = check
            acl_smtp_data = take
            queue_only
            begin acl
            check:
              deny local_parts = nobody
              defer local_parts = later
                    condition = ${if exists{{{{{{_directory}}}}}/later}{no}{yes}}
              accept
            take:
              accept
            begin authenticators
            plain:
              driver = plaintext
              public_name = PLAIN
              server_prompts = :
              server_advertise_condition = ${if def:tls_in_cipher}
              server_condition = ${if and{{eq{$auth2}{pbx}}{eq{$auth3}{test-password}}}}
              server_set_id = $auth2

            """, stop);
        Start(pbx, $"mount --bind {_directory}/passwd /etc/passwd; mount --bind {_directory}/group /etc/group; exec {_root}/usr/sbin/exim4 -C {config} -bdf");
        await AnswersAsync(pbx, 2525, stop);
    }

    /// <summary>Runs a program to its end where /usr/sbin/sendmail is Exim's, with the configuration of <see cref="StartEximAsync"/>; elsewhere it is what it was.</summary>
    public async Task<ToolRun> RunWithSendmailAsync(Netns pbx, IReadOnlyList<string> command, CancellationToken stop)
    {
        var programs = Path.Combine(_directory, "sbin");
        Directory.CreateDirectory(programs);
        var sendmail = Path.Combine(programs, "sendmail");
        Script.Write(sendmail, $"#!/bin/sh\nLD_LIBRARY_PATH={Libraries} exec {_root}/usr/sbin/exim4 -C {_directory}/exim.conf \"$@\"\n");
        var script = $"mount -t overlay overlay -o lowerdir={programs}:/usr/sbin /usr/sbin && mount --bind {_directory}/passwd /etc/passwd && mount --bind {_directory}/group /etc/group && exec \"$@\"";
        return await ToolRun.OfAsync([.. pbx.Prefix, "unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", .. command], TimeSpan.FromSeconds(60), stop);
    }

    /// <summary>What Exim took: each mail as it came, headers and body, with those that it is for in front.</summary>
    public IReadOnlyList<(string Recipients, string Headers, string Body)> Mails() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(Spool, "input"), "*-H").Order(StringComparer.Ordinal).Select(path =>
        {
            var envelope = File.ReadAllText(path);
            var split = envelope.IndexOf("\n\n", StringComparison.Ordinal);
            return (envelope[..split], envelope[split..], File.ReadAllText($"{path[..^1]}D"));
        }),
    ];

    /// <summary>rsyslog on 127.0.0.1: 2514 by UDP and TCP, 2614 by TLS; what it understood is in <see cref="SyslogFile"/>.</summary>
    public async Task StartRsyslogAsync(Netns pbx, CancellationToken stop)
    {
        var modules = Path.Combine(_root, "usr/lib", $"{(System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "aarch64" : "x86_64")}-linux-gnu", "rsyslog");
        var config = Path.Combine(_directory, "rsyslog.conf");
        await File.WriteAllTextAsync(config, $$"""
            global(workDirectory="{{_directory}}" defaultNetstreamDriverCAFile="{{CaFile}}" defaultNetstreamDriverCertFile="{{_directory}}/server.pem" defaultNetstreamDriverKeyFile="{{_directory}}/server.key")
            module(load="imudp")
            module(load="imptcp")
            module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")
            template(name="facts" type="string" string="%syslogpriority-text%|%hostname%|%app-name%|%msgid%|%structured-data%|%msg%\n")
            ruleset(name="all") { action(type="omfile" file="{{SyslogFile}}" template="facts" fileCreateMode="0644") }
            input(type="imudp" port="2514" ruleset="all")
            input(type="imptcp" port="2514" ruleset="all")
            input(type="imtcp" port="2614" ruleset="all")

            """, stop);
        Start(pbx, $"exec {_root}/usr/sbin/rsyslogd -n -f {config} -i {_directory}/rsyslog.pid -M {modules}");
        await AnswersAsync(pbx, 2514, stop);
        await AnswersAsync(pbx, 2614, stop);
    }

    public async ValueTask DisposeAsync() => await Running.EndAsync(_processes);

    /// <summary>Ends all of them; more can be started.</summary>
    public async Task StopAsync()
    {
        await DisposeAsync();
        _processes.Clear();
    }

    private async Task PrepareAsync(CancellationToken stop)
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "passwd"), $"{await File.ReadAllTextAsync("/etc/passwd", stop)}\nDebian-exim:x:{EximUser}:{EximUser}::/nonexistent:/usr/sbin/nologin\n", stop);
        await File.WriteAllTextAsync(Path.Combine(_directory, "group"), $"{await File.ReadAllTextAsync("/etc/group", stop)}\nDebian-exim:x:{EximUser}:\n", stop);
        Directory.CreateDirectory(Path.Combine(Spool, "input"));
        string[] days = ["-days", "2"];
        await OpensslAsync(stop, ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test authority", "-keyout", $"{_directory}/ca.key", "-out", CaFile, .. days]);
        await OpensslAsync(stop, "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", $"{_directory}/server.key", "-out", $"{_directory}/server.csr");
        await File.WriteAllTextAsync(Path.Combine(_directory, "names"), "subjectAltName=DNS:localhost\n", stop);
        await OpensslAsync(stop, ["x509", "-req", "-in", $"{_directory}/server.csr", "-CA", CaFile, "-CAkey", $"{_directory}/ca.key", "-CAcreateserial", "-extfile", $"{_directory}/names", "-out", $"{_directory}/server.pem", .. days]);
        File.SetUnixFileMode(_directory, (UnixFileMode)0b111_101_101);
        var owned = await ToolRun.OfAsync(["chown", "-R", $"{EximUser}:{EximUser}", _directory], TimeSpan.FromSeconds(30), stop);
        if (owned.ExitCode != 0)
        {
            throw new InvalidOperationException(owned.Said);
        }
    }

    private static async Task OpensslAsync(CancellationToken stop, params string[] arguments)
    {
        var run = await ToolRun.OfAsync(["openssl", .. arguments], TimeSpan.FromSeconds(60), stop);
        if (run.ExitCode != 0)
        {
            throw new InvalidOperationException(run.Said);
        }
    }

    // A mount namespace of its own beside the network's: what is bound over /etc/passwd is seen in it alone.
    private void Start(Netns pbx, string script)
    {
        _processes.Add(Running.Start([.. pbx.Prefix, "unshare", "--mount", "--propagation", "private", "sh", "-c", script], Log, ("LD_LIBRARY_PATH", Libraries)));
    }

    private void Log(string? line)
    {
        lock (_processes)
        {
            File.AppendAllText(Path.Combine(_directory, "said"), $"{line}\n");
        }
    }

    private async Task AnswersAsync(Netns pbx, int port, CancellationToken stop)
    {
        var answers = await Eventually.HoldsAsync(
            () => Task.FromResult(pbx.Run(() =>
            {
                using var socket = new System.Net.Sockets.TcpClient();
                try
                {
                    socket.Connect("127.0.0.1", port);
                    return true;
                }
                catch (System.Net.Sockets.SocketException)
                {
                    return false;
                }
            })),
            TimeSpan.FromSeconds(30),
            stop);
        if (!answers)
        {
            throw new InvalidOperationException($"nobody answers on port {port}: {(File.Exists(Path.Combine(_directory, "said")) ? await File.ReadAllTextAsync(Path.Combine(_directory, "said"), stop) : "")}");
        }
    }
}
