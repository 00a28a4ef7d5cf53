using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Ringfence.Core.Calls;
using Ringfence.Core.Configuration;
using Xunit;

namespace Ringfence.SystemTests.Calls;

/// <summary>A real MariaDB or PostgreSQL on a socket in a folder of its own, for one test: nobody listens on the network unless the test says so, and all of it goes in the end.</summary>
internal sealed class RealDatabase : IAsyncDisposable
{
    public const string User = "ringfence";
    public const string Password = "test-password";

    private readonly string _folder = Directory.CreateTempSubdirectory("ringfence-db-").FullName;
    private readonly CdrPlaceKind _kind;
    private Process? _server;

    private readonly string[] _arguments;

    private RealDatabase(CdrPlaceKind kind, string[] arguments)
    {
        _kind = kind;
        _arguments = arguments;
    }

    public CdrPlace Place => new(_kind, _kind == CdrPlaceKind.MySql ? Path.Combine(_folder, "db.sock") : _folder, "", 0, "asteriskcdrdb");

    public CallSettings Settings => new() { Country = "DE", Cdr = [Place], CdrUser = User, CdrPassword = Password };

    /// <summary>With a database asteriskcdrdb and a user who may read there.</summary>
    /// <param name="arguments">Of the server, behind ours.</param>
    public static async Task<RealDatabase> StartAsync(CdrPlaceKind kind, params string[] arguments)
    {
        Requires.Root();
        foreach (var tool in (string[])(kind == CdrPlaceKind.MySql ? ["mariadbd", "mariadb"] : ["postgres", "psql"]))
        {
            Requires.Tool(tool);
        }

        var database = new RealDatabase(kind, arguments);
        try
        {
            await database.PrepareAsync();
            await database.StartServerAsync();
            await database.AsOwnerAsync("", kind == CdrPlaceKind.MySql
                ? $"CREATE DATABASE asteriskcdrdb CHARACTER SET utf8mb4; CREATE USER '{User}'@'localhost' IDENTIFIED BY '{Password}'; GRANT SELECT ON asteriskcdrdb.* TO '{User}'@'localhost'"
                : "CREATE DATABASE asteriskcdrdb");
            if (kind == CdrPlaceKind.PostgreSql)
            {
                await database.AsOwnerAsync("asteriskcdrdb", $"CREATE ROLE {User} LOGIN PASSWORD '{Password}'; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {User}");
            }

            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>By the server's own client, which is not ours.</summary>
    public async Task AsOwnerAsync(string database, string sql)
    {
        var (isDone, said) = await TryAsync(database, sql);
        Assert.True(isDone, said);
    }

    /// <summary>SIGSTOP to the server and what it started: connections stay open, and nobody answers.</summary>
    public Task HangAsync() => SignalAsync("STOP");

    /// <summary>SIGCONT.</summary>
    public Task GoOnAsync() => SignalAsync("CONT");

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        await Running.EndAsync([_server!]);
        _server = null;
        File.Delete(Path.Combine(_folder, "db.sock"));
    }

    public async Task StartServerAsync()
    {
        _server = Running.Start(_kind == CdrPlaceKind.MySql
            ? ["/usr/sbin/mariadbd", "--no-defaults", $"--datadir={_folder}/data", $"--socket={Place.Path}", "--skip-networking", "--user=nobody", $"--pid-file={_folder}/pid", "--innodb-buffer-pool-size=16M", "--innodb-log-file-size=4M", .. _arguments]
            : ["/usr/bin/setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "postgres", "-D", $"{_folder}/data", "-k", _folder, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=16MB", .. _arguments]);
        for (var left = 600; ; left--)
        {
            var (isUp, said) = await TryAsync("", "SELECT 1");
            if (isUp)
            {
                return;
            }

            Assert.True(left > 0 && !_server.HasExited, said);
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await Running.EndAsync([_server]);
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task PrepareAsync()
    {
        // As root neither of them runs.
        await RunAsync("chown", "nobody:nogroup", _folder);
        await (_kind == CdrPlaceKind.MySql
            ? RunAsync("mariadb-install-db", "--no-defaults", $"--datadir={_folder}/data", "--user=nobody", "--auth-root-authentication-method=normal", "--skip-test-db")
            : RunAsync("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", Initdb(), "-D", $"{_folder}/data", "-U", "owner", "--auth-local=trust", "--no-sync", "--encoding=UTF8", "--locale=C"));
        if (_kind == CdrPlaceKind.PostgreSql)
        {
            await File.WriteAllTextAsync($"{_folder}/data/pg_hba.conf", $"local all owner trust\nlocal all {User} scram-sha-256\n", TestContext.Current.CancellationToken);
        }
    }

    // Beside the program that postgres is a link to.
    private static string Initdb()
    {
        var paths = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(static folder => Path.Combine(folder, "postgres")).Where(File.Exists);
        return paths.Select(static path => Path.Combine(Path.GetDirectoryName(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path)!, "initdb")).First();
    }

    private async Task<(bool IsDone, string Said)> TryAsync(string database, string sql)
    {
        var said = new ConcurrentQueue<string?>();
        using var client = _kind == CdrPlaceKind.MySql
            ? Running.Start(["mariadb", "--no-defaults", $"--socket={Place.Path}", "--user=root", "--default-character-set=utf8mb4", $"--database={database}"], said.Enqueue)
            : Running.Start(["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", $"--host={_folder}", "--username=owner", $"--dbname={(database.Length > 0 ? database : "postgres")}"], said.Enqueue, ("PGCLIENTENCODING", "UTF8"));
        try
        {
            // Not as an argument: thousands of rows are longer than one may be.
            await client.StandardInput.WriteAsync($"{sql};\n".AsMemory(), TestContext.Current.CancellationToken);
            client.StandardInput.Close();
        }
        catch (IOException)
        {
            // It went before it read: it says why.
        }

        await client.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (client.ExitCode == 0, string.Join('\n', said));
    }

    // What it started is stopped by number: PostgreSQL's processes are in groups of their own.
    private async Task SignalAsync(string signal)
    {
        var server = _server!.Id.ToString(CultureInfo.InvariantCulture);
        var children = await File.ReadAllTextAsync($"/proc/{server}/task/{server}/children", TestContext.Current.CancellationToken);
        await RunAsync(["kill", $"-{signal}", server, .. children.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
    }

    private static async Task RunAsync(params string[] command)
    {
        var said = new ConcurrentQueue<string?>();
        using var process = Running.Start(command, said.Enqueue);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{command[0]}: {string.Join('\n', said)}");
    }
}
