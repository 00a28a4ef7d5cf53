using System.Data.Common;
using System.Diagnostics;
using MySqlConnector;
using Npgsql;
using Ringfence.Core.Calls;
using Ringfence.Core.Configuration;
using Xunit;

namespace Ringfence.SystemTests.Calls;

/// <summary>A real MariaDB or PostgreSQL on a socket in a folder of its own, for one test: nobody listens on the network, and all of it goes in the end.</summary>
internal sealed class RealDatabase : IAsyncDisposable
{
    public const string User = "ringfence";
    public const string Password = "test-password";

    private readonly string _folder = Directory.CreateTempSubdirectory("ringfence-db-").FullName;
    private readonly CdrPlaceKind _kind;
    private Process? _server;

    private RealDatabase(CdrPlaceKind kind) => _kind = kind;

    public CdrPlace Place => new(_kind, _kind == CdrPlaceKind.MySql ? Path.Combine(_folder, "db.sock") : _folder, "", 0, "asteriskcdrdb");

    public CallSettings Settings => new() { Country = "DE", Cdr = [Place], CdrUser = User, CdrPassword = Password };

    /// <summary>With a database asteriskcdrdb and a user who may read there.</summary>
    public static async Task<RealDatabase> StartAsync(CdrPlaceKind kind)
    {
        Requires.Root();
        Requires.Tool(kind == CdrPlaceKind.MySql ? "mariadbd" : "postgres");
        var database = new RealDatabase(kind);
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

    public async Task AsOwnerAsync(string database, string sql)
    {
        await using DbConnection connection = _kind == CdrPlaceKind.MySql
            ? new MySqlConnection($"Server={Place.Path};Protocol=unix;User ID=root;Database={database};Pooling=false;CharSet=utf8mb4")
            : new NpgsqlConnection($"Host={_folder};Username=owner;Database={(database.Length > 0 ? database : "postgres")};Pooling=false");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

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
            ? ["/usr/sbin/mariadbd", "--no-defaults", $"--datadir={_folder}/data", $"--socket={Place.Path}", "--skip-networking", "--user=nobody", $"--pid-file={_folder}/pid", "--innodb-buffer-pool-size=16M", "--innodb-log-file-size=4M"]
            : ["/usr/bin/setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "postgres", "-D", $"{_folder}/data", "-k", _folder, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=16MB"]);
        for (var left = 600; ; left--)
        {
            try
            {
                await AsOwnerAsync("", "SELECT 1");
                return;
            }
            catch (Exception problem) when (left > 0 && !_server.HasExited && (problem is DbException or System.Net.Sockets.SocketException))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
            }
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

    private static async Task RunAsync(params string[] command)
    {
        var said = new System.Collections.Concurrent.ConcurrentQueue<string?>();
        using var process = Running.Start(command, said.Enqueue);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"{command[0]}: {string.Join('\n', said)}");
    }
}
