using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Calls;
using Ringfence.Core.Calls;
using Ringfence.Core.Configuration;
using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;
using Ringfence.Databases;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.SystemTests.Calls;

/// <summary>CDRs in a real MariaDB and a real PostgreSQL.</summary>
public sealed class CdrDatabaseTests
{
    private const int MySql = (int)CdrPlaceKind.MySql;
    private const int PostgreSql = (int)CdrPlaceKind.PostgreSql;

    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
    private static readonly DateTimeOffset From = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    private static async Task<int> ReadAsync(CdrDatabase database, Action<CallRecord> take)
    {
        var count = 0;
        await database.ReadNewAsync(From, call =>
        {
            count++;
            take(call);
        }, Stop);
        return count;
    }

    [Theory]
    [InlineData(MySql)]
    [InlineData(PostgreSql)]
    public async Task What_a_real_database_holds_is_read_once_and_what_is_written_late_is_not_lost(int kind)
    {
        await using var real = await RealDatabase.StartAsync((CdrPlaceKind)kind);
        await real.AsOwnerAsync("asteriskcdrdb", Table(kind, "cdr"));
        await AddAsync(real, "cdr", (1, "2026-11-20 10:00:00", 60), (2, "2026-11-20 10:00:00", 60), (3, "2026-11-20 11:00:00", 60), (4, "2026-10-01 10:00:00", 60));
        await using var database = new CdrDatabase(real.Place, real.Settings, Berlin);
        List<CallRecord> calls = [];

        Assert.Equal(3, await ReadAsync(database, calls.Add));
        Assert.Equal(new DateTimeOffset(2026, 11, 20, 9, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds(), calls[0].Start);
        Assert.Equal(("201", "0023276123456", "trunk", 60, "049301234"), (calls[0].Source, calls[0].Sent, calls[0].Trunk, calls[0].Billed, calls[0].Did));

        // A long call is written behind later ones; a row is copied.
        await AddAsync(real, "cdr", (5, "2026-11-20 09:30:00", 7200), (3, "2026-11-20 11:00:00", 60), (6, "2026-11-20 12:00:00", 60));
        Assert.Equal(2, await ReadAsync(database, calls.Add));
        Assert.Equal(0, await ReadAsync(database, calls.Add));
        Assert.Equal(["1", "2", "3", "5", "6"], calls.Select(static call => call.Id).Order());
    }

    [Theory]
    [InlineData(MySql)]
    [InlineData(PostgreSql)]
    public async Task A_database_that_goes_away_is_told_of_and_read_on_when_it_comes_back(int kind)
    {
        await using var real = await RealDatabase.StartAsync((CdrPlaceKind)kind);
        await real.AsOwnerAsync("asteriskcdrdb", Table(kind, "cdr"));
        await AddAsync(real, "cdr", (1, "2026-11-20 10:00:00", 60));
        await using var database = new CdrDatabase(real.Place, real.Settings, Berlin);
        List<CallRecord> calls = [];
        Assert.Equal(1, await ReadAsync(database, calls.Add));

        await real.AsOwnerAsync("asteriskcdrdb", kind == MySql ? "FLUSH TABLES" : "CHECKPOINT");
        await real.KillAsync();
        var problem = await Assert.ThrowsAsync<CdrDatabaseException>(() => database.ReadNewAsync(From, calls.Add, Stop));
        Assert.StartsWith(real.Place.ToString(), problem.Message, StringComparison.Ordinal);

        await real.StartServerAsync();
        await AddAsync(real, "cdr", (2, "2026-11-20 10:05:00", 60));
        Assert.Equal(1, await ReadAsync(database, calls.Add));
        Assert.Equal(["1", "2"], calls.Select(static call => call.Id));
    }

    [Theory]
    [InlineData(MySql)]
    [InlineData(PostgreSql)]
    public async Task Of_a_table_that_grows_only_what_ended_lately_is_asked_for_and_each_half_hour_all(int kind)
    {
        await using var real = await RealDatabase.StartAsync((CdrPlaceKind)kind);
        await real.AsOwnerAsync("asteriskcdrdb", Table(kind, "cdr"));
        await AddAsync(real, "cdr", (1, "2026-11-20 12:00:00", 60));
        var clock = new Ringfence.Tests.ManualTime(new DateTimeOffset(2026, 11, 20, 11, 30, 0, TimeSpan.Zero));
        await using var database = new CdrDatabase(real.Place, real.Settings, Berlin, clock);
        List<CallRecord> calls = [];
        Assert.Equal(1, await ReadAsync(database, calls.Add));

        // A day's call that ends now is told now; what somebody writes into the past is found too, later.
        await AddAsync(real, "cdr", (2, "2026-11-19 12:31:00", 86_400), (3, "2026-11-20 09:00:00", 60));
        Assert.Equal(1, await ReadAsync(database, calls.Add));
        clock.Advance(TimeSpan.FromMinutes(31));
        Assert.Equal(1, await ReadAsync(database, calls.Add));
        Assert.Equal(["1", "2", "3"], calls.Select(static call => call.Id));
    }

    [Theory]
    [InlineData(MySql)]
    [InlineData(PostgreSql)]
    public async Task A_row_of_a_clock_that_was_wrong_hides_no_other_and_what_is_old_is_forgotten(int kind)
    {
        await using var real = await RealDatabase.StartAsync((CdrPlaceKind)kind);
        await real.AsOwnerAsync("asteriskcdrdb", Table(kind, "cdr"));
        await AddAsync(real, "cdr", (1, "2026-11-20 12:00:00", 60), (2, "2037-01-01 00:00:00", 60));
        var clock = new Ringfence.Tests.ManualTime(new DateTimeOffset(2026, 11, 20, 11, 30, 0, TimeSpan.Zero));
        await using var database = new CdrDatabase(real.Place, real.Settings, Berlin, clock);
        List<CallRecord> calls = [];
        Assert.Equal(2, await ReadAsync(database, calls.Add));

        await AddAsync(real, "cdr", (3, "2026-11-20 12:20:00", 600));
        Assert.Equal(1, await ReadAsync(database, calls.Add));

        clock.Advance(TimeSpan.FromDays(3));
        await AddAsync(real, "cdr", (4, "2026-11-23 12:20:00", 600));
        Assert.Equal(1, await ReadAsync(database, calls.Add));
        Assert.Equal(2, database.Remembered);
        Assert.Equal(0, await ReadAsync(database, calls.Add));
    }

    [Theory]
    [InlineData(MySql)]
    [InlineData(PostgreSql)]
    public async Task When_the_clock_goes_back_in_autumn_what_ends_then_is_read_at_once(int kind)
    {
        await using var real = await RealDatabase.StartAsync((CdrPlaceKind)kind);
        await real.AsOwnerAsync("asteriskcdrdb", Table(kind, "cdr"));
        await AddAsync(real, "cdr", (1, "2026-10-25 02:58:00", 60));

        // Three o'clock of summer time in Berlin, and eight minutes past two of winter time.
        var clock = new Ringfence.Tests.ManualTime(new DateTimeOffset(2026, 10, 25, 0, 59, 30, TimeSpan.Zero));
        await using var database = new CdrDatabase(real.Place, real.Settings, Berlin, clock);
        List<CallRecord> calls = [];
        await database.ReadNewAsync(clock.Now.AddDays(-1), calls.Add, Stop);
        clock.Advance(TimeSpan.FromMinutes(8.5));
        await AddAsync(real, "cdr", (2, "2026-10-25 02:07:00", 30));

        await database.ReadNewAsync(clock.Now.AddDays(-1), calls.Add, Stop);

        Assert.Equal(["1", "2"], calls.Select(static call => call.Id));
    }

    [Theory]
    [InlineData(MySql)]
    [InlineData(PostgreSql)]
    public async Task Calls_of_a_database_that_goes_away_and_comes_back_are_told_once_each(int kind)
    {
        await using var real = await RealDatabase.StartAsync((CdrPlaceKind)kind);
        await real.AsOwnerAsync("asteriskcdrdb", Table(kind, "cdr"));
        var clock = new Ringfence.Tests.ManualTime(new DateTimeOffset(2026, 11, 20, 11, 0, 0, TimeSpan.Zero));
        var rules = real.Settings.Rules!;
        var site = new CallSite(real.Settings.Policy(Berlin, NumberList.Empty, "DE"), rules, new Tariff(null, "DE"), static _ => null, "EUR");
        var stops = Directory.CreateTempSubdirectory("ringfence-stops-");
        var desk = new CallDesk(site, enforces: true, new StopFile(Path.Combine(stops.FullName, "stops.json"), clock, NullLogger.Instance), static (_, _) => { }, clock, NullLogger.Instance) { Sight = { HasManager = false } };
        var follower = new CallFollower(CallSources.Open(real.Settings, Berlin, clock), real.Settings, Berlin, new CallReading(rules, site.Tariff), desk, clock, NullLogger.Instance);

        // All begin at noon in Berlin and end after the guard began.
        await AddAsync(real, "cdr", (1, "2026-11-20 12:00:00", 60));
        await follower.ReadAsync(Stop);
        Assert.Equal((1L, null), (desk.Sight.Records[0].Calls, desk.Sight.Records[0].Problem));

        await real.AsOwnerAsync("asteriskcdrdb", kind == MySql ? "FLUSH TABLES" : "CHECKPOINT");
        await real.KillAsync();
        clock.Advance(TimeSpan.FromSeconds(10));
        await follower.ReadAsync(Stop);
        Assert.Equal(("none", 1L), (desk.Status().Source, desk.Sight.Records[0].Calls));
        Assert.StartsWith(real.Place.ToString(), desk.Sight.Records[0].Problem, StringComparison.Ordinal);

        await real.StartServerAsync();
        await AddAsync(real, "cdr", (2, "2026-11-20 12:00:30", 60));
        await follower.ReadAsync(Stop);
        Assert.Equal(1L, desk.Sight.Records[0].Calls);
        clock.Advance(CallFollower.Retry.After(1));
        await follower.ReadAsync(Stop);
        clock.Advance(TimeSpan.FromSeconds(10));
        await follower.ReadAsync(Stop);
        Assert.Equal(("records", 2L, null), (desk.Status().Source, desk.Sight.Records[0].Calls, desk.Sight.Records[0].Problem));
        stops.Delete(recursive: true);
    }

    [Theory]
    [InlineData(MySql)]
    [InlineData(PostgreSql)]
    public async Task More_rows_than_a_batch_in_one_second_are_all_read(int kind)
    {
        await using var real = await RealDatabase.StartAsync((CdrPlaceKind)kind);
        await real.AsOwnerAsync("asteriskcdrdb", Table(kind, "cdr"));
        await AddAsync(real, "cdr", [.. Enumerable.Range(0, 4500).Select(static at => (at, "2026-11-20 10:00:00", 60)), .. Enumerable.Range(4500, 2500).Select(static at => (at, "2026-11-20 10:00:01", 60))]);
        await using var database = new CdrDatabase(real.Place, real.Settings, Berlin);
        var ids = new HashSet<string>();

        Assert.Equal(7000, await ReadAsync(database, call => ids.Add(call.Id)));
        Assert.Equal(7000, ids.Count);
    }

    [Theory]
    [InlineData(MySql, "calldate = '0000-00-00 00:00:00'")]
    [InlineData(MySql, "accountcode = NULL, did = NULL, dstchannel = ''")]
    [InlineData(PostgreSql, "accountcode = NULL, did = NULL, dstchannel = NULL")]
    public async Task Nulls_and_dates_of_zeros_cost_no_other_row(int kind, string set)
    {
        await using var real = await RealDatabase.StartAsync((CdrPlaceKind)kind);
        await real.AsOwnerAsync("asteriskcdrdb", Table(kind, "cdr"));
        await AddAsync(real, "cdr", (1, "2026-11-20 10:00:00", 60), (2, "2026-11-20 10:00:00", 60));
        await real.AsOwnerAsync("asteriskcdrdb", $"{(kind == MySql ? "SET sql_mode = ''; " : "")}UPDATE cdr SET {set} WHERE uniqueid = '1'");
        await using var database = new CdrDatabase(real.Place, real.Settings, Berlin);
        List<CallRecord> calls = [];

        await database.ReadNewAsync(From, calls.Add, Stop);

        Assert.Contains("2", calls.Select(static call => call.Id));
        Assert.Equal(0, database.Unread);
    }

    [Theory]
    [InlineData(MySql)]
    [InlineData(PostgreSql)]
    public async Task What_a_caller_writes_into_his_name_and_number_stays_text(int kind)
    {
        await using var real = await RealDatabase.StartAsync((CdrPlaceKind)kind);
        await real.AsOwnerAsync("asteriskcdrdb", Table(kind, "cdr"));
        await AddAsync(real, "cdr", (1, "2026-11-20 10:00:00", 60));
        const string Hostile = "\"');,\nDROP TABLE cdr;-- ü𝄞";
        await real.AsOwnerAsync("asteriskcdrdb", $"UPDATE cdr SET src = '{Hostile.Replace("'", "''", StringComparison.Ordinal)}'");
        await using var database = new CdrDatabase(real.Place, real.Settings, Berlin);
        List<CallRecord> calls = [];

        await database.ReadNewAsync(From, calls.Add, Stop);
        await database.ReadNewAsync(From, calls.Add, Stop);

        Assert.Equal(Hostile, Assert.Single(calls).Caller);
    }

    [Fact]
    public async Task A_latin1_table_of_MariaDB_is_read_as_its_letters_and_by_its_index()
    {
        await using var real = await RealDatabase.StartAsync(CdrPlaceKind.MySql);
        await real.AsOwnerAsync("asteriskcdrdb", Table(MySql, "cdr").Replace("utf8mb4", "latin1", StringComparison.Ordinal));
        await AddAsync(real, "cdr", (1, "2026-11-20 10:00:00", 60));
        await real.AsOwnerAsync("asteriskcdrdb", "UPDATE cdr SET accountcode = 'Büro'");
        await using var database = new CdrDatabase(real.Place, real.Settings, Berlin);
        List<CallRecord> calls = [];

        await database.ReadNewAsync(From, calls.Add, Stop);

        Assert.Equal("Büro", Assert.Single(calls).AccountCode);
    }

    [Theory]
    [InlineData("timestamp", "2026-11-20 10:00:00", "2026-11-20T09:00:00Z")]
    [InlineData("timestamp with time zone", "2026-11-20 10:00:00+05", "2026-11-20T05:00:00Z")]
    public async Task Times_of_PostgreSQL_with_and_without_a_zone_are_those_that_are_meant(string type, string written, string meant)
    {
        await using var real = await RealDatabase.StartAsync(CdrPlaceKind.PostgreSql);
        await real.AsOwnerAsync("asteriskcdrdb", Table(PostgreSql, "cdr").Replace("calldate timestamp", $"calldate {type}", StringComparison.Ordinal));
        await AddAsync(real, "cdr", (1, written, 60));
        await using var database = new CdrDatabase(real.Place, real.Settings, Berlin);
        List<CallRecord> calls = [];

        await database.ReadNewAsync(From, calls.Add, Stop);

        Assert.Equal(DateTimeOffset.Parse(meant, CultureInfo.InvariantCulture).ToUnixTimeSeconds(), Assert.Single(calls).Start);
    }

    [Theory]
    [InlineData(MySql)]
    [InlineData(PostgreSql)]
    public async Task What_is_wrong_is_said_with_its_cure_and_never_with_the_password(int kind)
    {
        await using var real = await RealDatabase.StartAsync((CdrPlaceKind)kind);
        await real.AsOwnerAsync("asteriskcdrdb", "CREATE TABLE other (name varchar(20))");
        if (kind == PostgreSql)
        {
            await real.AsOwnerAsync("asteriskcdrdb", $"GRANT SELECT ON other TO {RealDatabase.User}");
        }

        if (kind == PostgreSql)
        {
            await real.AsOwnerAsync("asteriskcdrdb", $"CREATE TABLE hidden (name varchar(20)); REVOKE ALL ON hidden FROM {RealDatabase.User}");
        }

        var hidden = kind == MySql ? "mysql.global_priv" : "hidden";
        Assert.EndsWith($"the user ringfence may not read {hidden}: GRANT SELECT on it", await MistakeAsync(real.Settings with { CdrTable = hidden }), StringComparison.Ordinal);
        Assert.EndsWith("there is no table cdr: set cdr_table in [calls]", await MistakeAsync(real.Settings), StringComparison.Ordinal);
        Assert.Contains("has no columns of calls: found name; expected calldate", await MistakeAsync(real.Settings with { CdrTable = "other" }), StringComparison.Ordinal);
        Assert.Contains("check cdr_user and cdr_password in [calls]", await MistakeAsync(real.Settings with { CdrPassword = "wrong-password" }), StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-password", await MistakeAsync(real.Settings with { CdrPassword = "wrong-password" }), StringComparison.Ordinal);

        // MariaDB tells whether there is a database only to who may know.
        Assert.EndsWith(kind == MySql ? "and that it may read cdr" : "there is no database nosuch", await MistakeAsync(real.Settings, "nosuch"), StringComparison.Ordinal);

        async Task<string> MistakeAsync(CallSettings settings, string name = "asteriskcdrdb")
        {
            await using var database = new CdrDatabase(real.Place with { Database = name }, settings, Berlin);
            return (await Assert.ThrowsAsync<CdrDatabaseException>(() => database.ReadNewAsync(From, static _ => { }, Stop))).Message;
        }
    }

    [Theory]
    [InlineData(MySql)]
    [InlineData(PostgreSql)]
    public async Task A_server_that_hangs_ends_the_round_in_time_and_the_next_ones_go_on(int kind)
    {
        await using var real = await RealDatabase.StartAsync((CdrPlaceKind)kind);
        await real.AsOwnerAsync("asteriskcdrdb", Table(kind, "cdr"));
        await AddAsync(real, "cdr", (1, "2026-11-20 10:00:00", 60));
        await using var database = new CdrDatabase(real.Place, real.Settings, Berlin, limits: new DatabaseLimits(TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(1)));
        List<CallRecord> calls = [];
        Assert.Equal(1, await ReadAsync(database, calls.Add));

        await real.HangAsync();
        try
        {
            // First the answer of a connection that is open, then a new connection's greeting.
            Assert.Equal($"{real.Place}: no answer within 1 s (it is tried again)", await HangingAsync());
            Assert.Equal($"{real.Place}: no answer within 1.5 s (it is tried again)", await HangingAsync());
        }
        finally
        {
            await real.GoOnAsync();
        }

        await AddAsync(real, "cdr", (2, "2026-11-20 10:05:00", 60));
        Assert.Equal(1, await ReadAsync(database, calls.Add));
        Assert.Equal(["1", "2"], calls.Select(static call => call.Id));

        async Task<string> HangingAsync()
        {
            var began = TimeProvider.System.GetTimestamp();
            var problem = await Assert.ThrowsAsync<CdrDatabaseException>(() => database.ReadNewAsync(From, calls.Add, Stop));
            Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(20));
            return problem.Message;
        }
    }

    [Theory]
    [InlineData(MySql)]
    [InlineData(PostgreSql)]
    public async Task A_round_of_a_server_that_hangs_can_be_stopped_and_begun_again(int kind)
    {
        await using var real = await RealDatabase.StartAsync((CdrPlaceKind)kind);
        await real.AsOwnerAsync("asteriskcdrdb", Table(kind, "cdr"));
        await AddAsync(real, "cdr", (1, "2026-11-20 10:00:00", 60));
        await using var database = new CdrDatabase(real.Place, real.Settings, Berlin, limits: new DatabaseLimits(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10)));
        List<CallRecord> calls = [];
        Assert.Equal(1, await ReadAsync(database, calls.Add));

        await real.HangAsync();
        try
        {
            // Twice: in an answer, and in a greeting.
            for (var round = 0; round < 2; round++)
            {
                using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Stop);
                var reading = database.ReadNewAsync(From, calls.Add, stopping.Token);
                Assert.False(reading.IsCompleted);
                await stopping.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, Stop));
            }
        }
        finally
        {
            await real.GoOnAsync();
        }

        await AddAsync(real, "cdr", (2, "2026-11-20 10:05:00", 60));
        Assert.Equal(1, await ReadAsync(database, calls.Add));
    }

    [Fact]
    public async Task A_query_that_nobody_waits_for_any_more_is_ended_by_PostgreSQL_itself() => await EndsAsync(CdrPlaceKind.PostgreSql, "SELECT pg_sleep(20)", "57014");

    // Not SLEEP: that one MariaDB ends by itself when its connection is gone. Nor BENCHMARK: that one, when it is ended, may have an answer all the same. 10,000 million rows.
    [Fact]
    public async Task A_query_that_nobody_waits_for_any_more_is_ended_by_MariaDB_itself() => await EndsAsync(CdrPlaceKind.MySql, "SELECT MAX(a.id + b.id + c.id + d.id) FROM information_schema.collations a, information_schema.collations b, information_schema.collations c, information_schema.collations d", "1969");

    [Theory]
    [InlineData(MySql)]
    [InlineData(PostgreSql)]
    public async Task Cells_come_as_they_are_however_long_and_NULL_is_none(int kind)
    {
        await using var real = await RealDatabase.StartAsync((CdrPlaceKind)kind);
        await real.AsOwnerAsync("asteriskcdrdb", $"CREATE TABLE cells (small smallint, number int, big bigint, name text, sum numeric(10,2), at timestamp{(kind == PostgreSql ? ", zoned timestamptz, took interval" : " NULL, tiny tinyint, middle mediumint")})");
        await real.AsOwnerAsync("asteriskcdrdb", $"{(kind == PostgreSql ? $"GRANT SELECT ON cells TO {RealDatabase.User}; " : "ALTER TABLE cells MODIFY name mediumtext; ")}INSERT INTO cells (small, number, name) VALUES (-1, NULL, ''), (2, 3, REPEAT('ü', 100000))");
        using var connection = await OpenAsync(real);

        using var rows = await connection.QueryAsync("SELECT * FROM cells ORDER BY small", [], Stop);

        Assert.Equal(["small", "number", "big", "name", "sum", "at", .. kind == PostgreSql ? (string[])["zoned", "took"] : ["tiny", "middle"]], rows.Columns.Select(static column => column.Name));
        Assert.Equal(["small", "number", "big", .. kind == PostgreSql ? (string[])[] : ["tiny", "middle"]], rows.Columns.Where(static column => column.IsInteger).Select(static column => column.Name));
        Assert.Equal(kind == PostgreSql ? ["zoned"] : [], rows.Columns.Where(static column => column.HasZone).Select(static column => column.Name));
        var cells = new string?[rows.Columns.Count];
        Assert.True(rows.Read(cells));
        Assert.Equal((string?[])["-1", null, null, "", null, null, null, null], (IEnumerable<string?>)cells);
        Assert.True(rows.Read(cells));
        Assert.Equal((string?[])["2", "3", null, new string('ü', 100_000), null, null, null, null], (IEnumerable<string?>)cells);
        Assert.False(rows.Read(cells));
    }

    [Theory]
    [InlineData(MySql)]
    [InlineData(PostgreSql)]
    public async Task Bytes_that_are_no_text_cost_no_row(int kind)
    {
        await using var real = await RealDatabase.StartAsync((CdrPlaceKind)kind);
        var name = "asteriskcdrdb";
        if (kind == PostgreSql)
        {
            // A database that takes bytes of any kind.
            name = "anybytes";
            await real.AsOwnerAsync("", "CREATE DATABASE anybytes ENCODING 'SQL_ASCII' TEMPLATE template0");
        }

        await real.AsOwnerAsync(name, Table(kind, "cdr") + (kind == MySql ? "; ALTER TABLE cdr MODIFY src varbinary(80)" : $"; GRANT SELECT ON cdr TO {RealDatabase.User}"));
        await real.AsOwnerAsync(name, Insert("cdr", (1, "2026-11-20 10:00:00", 60), (2, "2026-11-20 11:00:00", 60)) + $"; UPDATE cdr SET src = {(kind == MySql ? "x'42fc726f'" : "E'B\\xfcro'")} WHERE uniqueid = '1'");
        await using var database = new CdrDatabase(real.Place with { Database = name }, real.Settings, Berlin);
        List<CallRecord> calls = [];

        Assert.Equal(2, await ReadAsync(database, calls.Add));
        Assert.Equal("201", calls[1].Caller);
        Assert.DoesNotContain("ü", calls[0].Caller, StringComparison.Ordinal);
        Assert.Equal(0, await ReadAsync(database, calls.Add));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task MariaDB_on_the_network_is_asked_by_TLS_where_it_has_it_and_without_where_not(bool hasTls)
    {
        var folder = Directory.CreateTempSubdirectory("ringfence-tls-");
        File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_101_101);
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=whoever", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        await File.WriteAllTextAsync($"{folder}/key.pem", key.ExportRSAPrivateKeyPem(), Stop);
        await File.WriteAllTextAsync($"{folder}/certificate.pem", certificate.ExportCertificatePem(), Stop);
        var port = FreePort();
        await using var real = await RealDatabase.StartAsync(CdrPlaceKind.MySql, ["--skip-networking=0", "--bind-address=127.0.0.1", $"--port={port}", .. hasTls ? (string[])[$"--ssl-key={folder}/key.pem", $"--ssl-cert={folder}/certificate.pem"] : ["--skip-ssl"]]);
        await real.AsOwnerAsync("asteriskcdrdb", $"CREATE USER 'far'@'%' IDENTIFIED BY 'far-password' {(hasTls ? "REQUIRE SSL" : "")}; GRANT SELECT ON asteriskcdrdb.* TO 'far'@'%'; " + Table(MySql, "cdr"));
        await AddAsync(real, "cdr", (1, "2026-11-20 10:00:00", 60));

        // "localhost" too is the network here, and no socket that a library looks for.
        foreach (var host in (string[])["127.0.0.1", "localhost"])
        {
            await using var database = new CdrDatabase(real.Place with { Path = "", Host = host, Port = port }, real.Settings with { CdrUser = "far", CdrPassword = "far-password" }, Berlin);
            Assert.Equal(1, await ReadAsync(database, static _ => { }));
        }

        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(MySql)]
    [InlineData(PostgreSql)]
    public async Task Nothing_can_be_written_by_whoever_may(int kind)
    {
        await using var real = await RealDatabase.StartAsync((CdrPlaceKind)kind);
        await real.AsOwnerAsync("asteriskcdrdb", $"CREATE TABLE other (name varchar(20)); GRANT ALL ON {(kind == MySql ? "asteriskcdrdb.*" : "other")} TO {(kind == MySql ? $"'{RealDatabase.User}'@'localhost'" : RealDatabase.User)}");
        using var connection = await OpenAsync(real);

        var problem = await Assert.ThrowsAsync<DatabaseException>(() => connection.QueryAsync("INSERT INTO other VALUES ('x')", [], Stop));

        Assert.Contains(kind == MySql ? "1792" : "25006", problem.Message, StringComparison.Ordinal);
    }

    private static async Task EndsAsync(CdrPlaceKind kind, string sql, string number)
    {
        await using var real = await RealDatabase.StartAsync(kind);
        using var connection = await OpenAsync(real, new DatabaseLimits(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1)));
        using var other = await OpenAsync(real);
        var asking = connection.QueryAsync(sql, [], Stop);
        var processes = kind == CdrPlaceKind.MySql ? "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT MAX%'" : "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%'";
        await CountsAsync(other, processes, "1");

        // Which of both limits is reached first is the server's and our scheduler's matter.
        var problem = await Assert.ThrowsAsync<DatabaseException>(() => asking);
        Assert.True(problem.Message.Contains(number, StringComparison.Ordinal) || problem.Message == "no answer within 1 s", problem.Message);
        await CountsAsync(other, processes, "0");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    // Within ten seconds: what is left alone lasts longer.
    private static async Task CountsAsync(DatabaseConnection connection, string sql, string expected)
    {
        var cells = new string?[1];
        for (var left = 200; ; left--)
        {
            using var rows = await connection.QueryAsync(sql, [], Stop);
            Assert.True(rows.Read(cells));
            if (cells[0] == expected)
            {
                return;
            }

            Assert.True(left > 0, $"{sql}: {cells[0]}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Stop);
        }
    }

    private static Task<DatabaseConnection> OpenAsync(RealDatabase real, DatabaseLimits? limits = null) =>
        DatabaseConnection.OpenAsync(new DatabaseServer(real.Place.Kind == CdrPlaceKind.MySql, real.Place.Path, 0, real.Place.Database, RealDatabase.User, RealDatabase.Password), limits ?? DatabaseLimits.Usual, Stop);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // FreePBX's columns, and its index on calldate.
    private static string Table(int kind, string name) =>
        $"CREATE TABLE {name} (calldate {(kind == MySql ? "datetime" : "timestamp")} NOT NULL, clid varchar(80), src varchar(80), dst varchar(80), dcontext varchar(80), channel varchar(80), dstchannel varchar(80), lastapp varchar(80), lastdata varchar(80), "
        + "duration int, billsec int, disposition varchar(45), amaflags int, accountcode varchar(20), uniqueid varchar(32), userfield varchar(255), did varchar(50), recordingfile varchar(255), linkedid varchar(32), sequence int)"
        + (kind == MySql ? " DEFAULT CHARSET = utf8mb4" : "") + $"; CREATE INDEX calldate ON {name} (calldate)";

    private static Task AddAsync(RealDatabase database, string table, params (int Id, string Start, int Talk)[] calls) =>
        database.AsOwnerAsync("asteriskcdrdb", Insert(table, calls));

    private static string Insert(string table, params (int Id, string Start, int Talk)[] calls) =>
        $"INSERT INTO {table} (calldate, src, dst, dcontext, channel, dstchannel, lastapp, lastdata, duration, billsec, disposition, accountcode, uniqueid, did, recordingfile) VALUES "
        + string.Join(", ", calls.Select(static call => $"('{call.Start}', '201', '0023276123456', 'from-internal', 'PJSIP/201-0000001a', 'PJSIP/trunk-0000001b', 'Dial', 'PJSIP/0023276123456@trunk,300', {call.Talk + 5}, {call.Talk}, 'ANSWERED', '', '{call.Id}', '049301234', 'out.wav')"));
}
