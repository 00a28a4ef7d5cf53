using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Calls;
using Ringfence.Core.Configuration;
using Ringfence.Core.Fraud;
using Ringfence.Core.Notices;
using Ringfence.Core.Numbers;
using Ringfence.Daemon;
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
    public async Task Calls_of_a_database_that_goes_away_and_comes_back_are_told_once_each(int kind)
    {
        await using var real = await RealDatabase.StartAsync((CdrPlaceKind)kind);
        await real.AsOwnerAsync("asteriskcdrdb", Table(kind, "cdr"));
        var clock = new Ringfence.Tests.ManualTime(new DateTimeOffset(2026, 11, 20, 11, 0, 0, TimeSpan.Zero));
        var rules = real.Settings.Rules!;
        var site = new CallSite(real.Settings.Policy(Berlin, NumberList.Empty, "DE"), rules, new Tariff(null, "DE"), static _ => null, "EUR");
        var stops = Directory.CreateTempSubdirectory("ringfence-stops-");
        var desk = new CallDesk(site, enforces: true, new StopFile(Path.Combine(stops.FullName, "stops.json"), clock, NullLogger.Instance), new Nobody(), clock, NullLogger.Instance) { HasManager = false };
        var follower = new CallFollower(CallSources.Open(real.Settings, Berlin, clock), real.Settings, Berlin, new CallReading(rules, site.Tariff), desk, clock, NullLogger.Instance);

        // All begin at noon in Berlin and end after the guard began.
        await AddAsync(real, "cdr", (1, "2026-11-20 12:00:00", 60));
        await follower.ReadAsync(Stop);
        Assert.Equal((1L, null), (desk.Records[0].Calls, desk.Records[0].Problem));

        await real.AsOwnerAsync("asteriskcdrdb", kind == MySql ? "FLUSH TABLES" : "CHECKPOINT");
        await real.KillAsync();
        clock.Advance(TimeSpan.FromSeconds(10));
        await follower.ReadAsync(Stop);
        Assert.Equal(("none", 1L), (desk.Status().Source, desk.Records[0].Calls));
        Assert.StartsWith(real.Place.ToString(), desk.Records[0].Problem, StringComparison.Ordinal);

        await real.StartServerAsync();
        await AddAsync(real, "cdr", (2, "2026-11-20 12:00:30", 60));
        await follower.ReadAsync(Stop);
        Assert.Equal(1L, desk.Records[0].Calls);
        clock.Advance(CallFollower.Retry.After(1));
        await follower.ReadAsync(Stop);
        clock.Advance(TimeSpan.FromSeconds(10));
        await follower.ReadAsync(Stop);
        Assert.Equal(("records", 2L, null), (desk.Status().Source, desk.Records[0].Calls, desk.Records[0].Problem));
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

        Assert.EndsWith("there is no table cdr: set cdr_table in [calls]", await MistakeAsync(real.Settings), StringComparison.Ordinal);
        Assert.Contains("has no columns of calls: found name; expected calldate", await MistakeAsync(real.Settings with { CdrTable = "other" }), StringComparison.Ordinal);
        Assert.Contains("check cdr_user and cdr_password in [calls]", await MistakeAsync(real.Settings with { CdrPassword = "wrong-password" }), StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-password", await MistakeAsync(real.Settings with { CdrPassword = "wrong-password" }), StringComparison.Ordinal);

        async Task<string> MistakeAsync(CallSettings settings)
        {
            await using var database = new CdrDatabase(real.Place, settings, Berlin);
            return (await Assert.ThrowsAsync<CdrDatabaseException>(() => database.ReadNewAsync(From, static _ => { }, Stop))).Message;
        }
    }

    private sealed class Nobody : ICallTeller
    {
        public void Tell(Notice notice, string line)
        {
        }
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // FreePBX's columns, and its index on calldate.
    private static string Table(int kind, string name) =>
        $"CREATE TABLE {name} (calldate {(kind == MySql ? "datetime" : "timestamp")} NOT NULL, clid varchar(80), src varchar(80), dst varchar(80), dcontext varchar(80), channel varchar(80), dstchannel varchar(80), lastapp varchar(80), lastdata varchar(80), "
        + "duration int, billsec int, disposition varchar(45), amaflags int, accountcode varchar(20), uniqueid varchar(32), userfield varchar(255), did varchar(50), recordingfile varchar(255), linkedid varchar(32), sequence int)"
        + (kind == MySql ? " DEFAULT CHARSET = utf8mb4" : "") + $"; CREATE INDEX calldate ON {name} (calldate)";

    private static Task AddAsync(RealDatabase database, string table, params (int Id, string Start, int Talk)[] calls) =>
        database.AsOwnerAsync("asteriskcdrdb", $"INSERT INTO {table} (calldate, src, dst, dcontext, channel, dstchannel, lastapp, lastdata, duration, billsec, disposition, accountcode, uniqueid, did, recordingfile) VALUES "
            + string.Join(", ", calls.Select(static call => $"('{call.Start}', '201', '0023276123456', 'from-internal', 'PJSIP/201-0000001a', 'PJSIP/trunk-0000001b', 'Dial', 'PJSIP/0023276123456@trunk,300', {call.Talk + 5}, {call.Talk}, 'ANSWERED', '', '{call.Id}', '049301234', 'out.wav')")));
}
