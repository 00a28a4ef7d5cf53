using Ringfence.SystemTests.Asterisk;
using Ringfence.Tests;

namespace Ringfence.SystemTests.Doors;

/// <summary>OpenSSH's server as Debian builds it, logging through rsyslog into a file in Debian's own form, and a user who may log in.</summary>
internal sealed class RealSshd
{
    public const string User = "keeper";
    public const string Password = "right-password";

    private readonly Machine _machine;
    private readonly string _root;

    private RealSshd(Machine machine, string root) => (_machine, _root) = (machine, root);

    public string Log => _machine.In("auth.log");

    private string Libraries => string.Join(':', Directory.EnumerateDirectories(Path.Combine(_root, "usr/lib"), "*-linux-gnu"));

    /// <summary>Skips the test where it can't be had.</summary>
    public static async Task<RealSshd> StartAsync(Machine machine, CancellationToken stop)
    {
        Requires.Tool("ssh");
        Requires.Tool("openssl");
        var got = await ToolRun.OfAsync([Repository.File("lab", "servers"), "install", "sshd"], TimeSpan.FromMinutes(5), stop);
        if (got.ExitCode != 0)
        {
            Requires.Missing($"needs OpenSSH's server: {got.Said}");
        }

        var server = new RealSshd(machine, got.Output.Trim());
        await server.PrepareAsync(stop);
        await server.StartRsyslogAsync(stop);
        await server.StartSshdAsync(stop);
        return server;
    }

    /// <summary>Tries to log in by a real ssh client.</summary>
    /// <param name="times">How often the password is tried in one connection.</param>
    /// <param name="isBanned">Whether silence is what is expected, and not waited for long.</param>
    /// <returns>Whether it was let in.</returns>
    public async Task<bool> LogInAsync(string source, string user, string password, CancellationToken stop, int times = 1, string command = "true", bool isBanned = false)
    {
        // The client asks this program for passwords when it has no terminal.
        var run = await _machine.AttackAsync(
        [
            "env", $"SSH_ASKPASS={_machine.In("askpass")}", "SSH_ASKPASS_REQUIRE=force", $"ASKED_PASSWORD={password}", "setsid", "--wait",
            "ssh", "-F", "none", "-b", source, "-o", "UserKnownHostsFile=/dev/null", "-o", "StrictHostKeyChecking=no", "-o", $"ConnectTimeout={(isBanned ? 3 : 20)}",
            "-o", $"NumberOfPasswordPrompts={times}", "-o", "PreferredAuthentications=password", "-o", "PubkeyAuthentication=no", "-l", user, Machine.Own, command,
        ], stop);
        return run.ExitCode == 0;
    }

    private async Task PrepareAsync(CancellationToken stop)
    {
        Directory.CreateDirectory(_machine.In("dev"));
        await RunAsync(stop, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", _machine.In("host_key"));
        var hash = (await RunAsync(stop, "openssl", "passwd", "-6", Password)).Output.Trim();
        await File.WriteAllTextAsync(_machine.In("passwd"), $"{await File.ReadAllTextAsync("/etc/passwd", stop)}\nsshd:x:61998:61998::/run/sshd:/usr/sbin/nologin\n{User}:x:0:0::/tmp:/bin/sh\n", stop);
        await File.WriteAllTextAsync(_machine.In("shadow"), $"{User}:{hash}:19000:0:99999:7:::\n", stop);
        await File.WriteAllTextAsync(_machine.In("sshd_config"), $"HostKey {_machine.In("host_key")}\nPermitRootLogin yes\nUsePAM no\nPidFile none\nMaxStartups 100\n", stop);
        Script.Write(_machine.In("askpass"), "#!/bin/sh\necho \"$ASKED_PASSWORD\"\n");
    }

    // Without a template a file gets the dates of Debian 12: RSYSLOG_FileFormat.
    private async Task StartRsyslogAsync(CancellationToken stop)
    {
        await File.WriteAllTextAsync(_machine.In("rsyslog.conf"), $"""
            global(workDirectory="{_machine.Root}")
            module(load="imuxsock" SysSock.Use="off")
            input(type="imuxsock" Socket="{_machine.In("dev/log")}")
            auth,authpriv.* action(type="omfile" file="{Log}" fileCreateMode="0644")

            """, stop);
        _machine.Run(
            $"exec {_root}/usr/sbin/rsyslogd -n -f {_machine.In("rsyslog.conf")} -i {_machine.In("rsyslog.pid")} -M {Directory.EnumerateDirectories(Path.Combine(_root, "usr/lib"), "*-linux-gnu").First()}/rsyslog",
            ("LD_LIBRARY_PATH", Libraries));
        await _machine.UntilAsync(() => Task.FromResult(File.Exists(_machine.In("dev/log"))), stop);
    }

    private async Task StartSshdAsync(CancellationToken stop)
    {
        _machine.Run($"""
            mount --bind {_machine.In("passwd")} /etc/passwd
            mount --bind {_machine.In("shadow")} /etc/shadow
            mount -t tmpfs tmpfs /run
            mkdir /run/sshd
            for file in null zero random urandom tty ptmx; do touch {_machine.In("dev")}/$file; mount --bind /dev/$file {_machine.In("dev")}/$file; done
            mount --rbind {_machine.In("dev")} /dev
            exec {_root}/usr/sbin/sshd -D -f {_machine.In("sshd_config")}
            """, ("LD_LIBRARY_PATH", Libraries));
        await _machine.UntilAsync(async () => File.Exists(Log) && (await File.ReadAllTextAsync(Log, stop)).Contains("listening on 0.0.0.0", StringComparison.Ordinal), stop);
    }

    private static async Task<ToolRun> RunAsync(CancellationToken stop, params string[] command)
    {
        var run = await ToolRun.OfAsync(command, TimeSpan.FromSeconds(30), stop);
        return run.ExitCode == 0 ? run : throw new InvalidOperationException(run.Said);
    }
}
