using Ringfence.SystemTests.Asterisk;

namespace Ringfence.SystemTests.Doors;

/// <summary>Kamailio as Debian builds it, logging through rsyslog.</summary>
internal static class RealKamailio
{
    /// <summary>Skips the test where it can't be had; waits until it answers to SIP.</summary>
    /// <param name="config">Its configuration; null: the one that Debian installs, with the flood protection that its comments offer turned on.</param>
    /// <returns>Its log.</returns>
    public static async Task<string> StartAsync(Machine machine, string? config, CancellationToken stop)
    {
        var root = "";
        foreach (var what in (string[])["kamailio", "sshd"])
        {
            var got = await ToolRun.OfAsync([Repository.File("lab", "servers"), "install", what], TimeSpan.FromMinutes(5), stop);
            if (got.ExitCode != 0)
            {
                Requires.Missing($"needs Kamailio and rsyslog: {got.Said}");
            }

            root = got.Output.Trim();
        }

        var libraries = Directory.EnumerateDirectories(Path.Combine(root, "usr/lib"), "*-linux-gnu").First();
        var log = machine.In("kamailio.log");
        Directory.CreateDirectory(machine.In("dev"));
        await File.WriteAllTextAsync(machine.In("rsyslog.conf"), $"""
            global(workDirectory="{machine.Root}")
            module(load="imuxsock" SysSock.Use="off")
            input(type="imuxsock" Socket="{machine.In("dev/log")}")
            *.* action(type="omfile" file="{log}" fileCreateMode="0644")

            """, stop);
        machine.Run($"exec {root}/usr/sbin/rsyslogd -n -f {machine.In("rsyslog.conf")} -i {machine.In("rsyslog.pid")} -M {libraries}/rsyslog", ("LD_LIBRARY_PATH", libraries));
        await machine.UntilAsync(() => Task.FromResult(File.Exists(machine.In("dev/log"))), stop);
        var file = machine.In("kamailio.cfg");
        await File.WriteAllTextAsync(file, config ?? await File.ReadAllTextAsync(Path.Combine(root, "etc/kamailio/kamailio.cfg"), stop), stop);
        await ToolRun.OfAsync(
            [
                "openssl", "req", "-new", "-x509", "-days", "2", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=pbx.example.com",
                "-keyout", machine.In("pbx.key"), "-out", machine.In("pbx.crt"),
            ],
            TimeSpan.FromSeconds(20),
            stop);
        machine.Run($"""
            for file in null zero random urandom tty; do touch {machine.In("dev")}/$file; mount --bind /dev/$file {machine.In("dev")}/$file; done
            mkdir -p {machine.In("dev")}/shm
            mount -t tmpfs tmpfs {machine.In("dev")}/shm
            mount --rbind {machine.In("dev")} /dev
            mount -t tmpfs tmpfs /run
            mkdir /run/kamailio
            exec {root}/usr/sbin/kamailio -DD -m 32 -M 4 -L {libraries}/kamailio/modules/ -f {file}{(config is null ? " -A WITH_ANTIFLOOD" : "")}
            """, ("LD_LIBRARY_PATH", $"{libraries}:{libraries}/kamailio"));
        await machine.UntilAsync(async () => (await machine.AttackAsync(["python3", "-c", Ping], stop)).ExitCode == 0, stop);
        return log;
    }

    /// <summary>A configuration that asks for passwords, and tells of every message over HEP as the documentation of its module siptrace has it.</summary>
    public static string Asking(Machine machine, string capture, string password) => $$"""
        #!KAMAILIO
        children=2
        enable_tls=yes
        listen=udp:{{Machine.Own}}:5060
        listen=tcp:{{Machine.Own}}:5060
        listen=tls:{{Machine.Own}}:5061
        loadmodule "tls.so"
        modparam("tls", "tls_method", "TLSv1.2+")
        modparam("tls", "certificate", "{{machine.In("pbx.crt")}}")
        modparam("tls", "private_key", "{{machine.In("pbx.key")}}")
        loadmodule "tm.so"
        loadmodule "sl.so"
        loadmodule "pv.so"
        loadmodule "textops.so"
        loadmodule "auth.so"
        loadmodule "siptrace.so"
        modparam("siptrace", "duplicate_uri", "sip:{{capture}}")
        modparam("siptrace", "hep_mode_on", 1)
        modparam("siptrace", "hep_version", 3)
        modparam("siptrace", "auth_key", "{{password}}")
        modparam("siptrace", "trace_to_database", 0)
        modparam("siptrace", "trace_on", 1)
        modparam("siptrace", "trace_mode", 1)
        request_route {
          if (is_method("REGISTER")) {
            if (!pv_auth_check("$fd", "right-password", "0", "0")) { auth_challenge("$fd", "0"); exit; }
            sl_send_reply("200", "OK");
            exit;
          }
          sl_send_reply("404", "Not here");
        }

        """;

    private const string Ping = """
        import socket
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("198.51.100.26", 0)); s.connect(("198.51.100.1", 5060)); s.settimeout(0.5)
        s.send(b"OPTIONS sip:198.51.100.1 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.26:%d;branch=z9hG4bKp\r\nMax-Forwards: 1\r\nFrom: <sip:p@x>;tag=p\r\nTo: <sip:p@x>\r\nCall-ID: p\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n" % s.getsockname()[1])
        s.recv(4096)
        """;
}
