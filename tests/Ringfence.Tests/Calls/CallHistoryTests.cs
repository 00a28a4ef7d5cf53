using System.IO.Compression;
using System.Text;
using Ringfence.Core.Calls;
using Ringfence.Core.Configuration;
using Ringfence.Core.Numbers;
using Ringfence.Sources;
using Ringfence.Sqlite;
using Xunit;

namespace Ringfence.Tests.Calls;

public sealed class CallHistoryTests : IDisposable
{
    private static readonly DateTimeOffset From = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly string _directory = Directory.CreateTempSubdirectory("ringfence-history-").FullName;
    private readonly List<PastEvent> _taken = [];

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_csv_file_is_read_with_what_was_rotated_away_from_it_also_compressed_in_the_order_of_the_calls()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "Master.csv"), Csv("3", "2026-11-21 00:00:00") + Csv("4", "2026-11-21 01:00:00"), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_directory, "Master.csv.1"), Csv("2", "2026-11-20 00:00:00"), TestContext.Current.CancellationToken);
        await using (var gzip = new GZipStream(File.Create(Path.Combine(_directory, "Master.csv.2.gz")), CompressionLevel.Fastest))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(Csv("0", "2026-10-01 00:00:00") + Csv("1", "2026-11-19 00:00:00") + "\"broken\n"), TestContext.Current.CancellationToken);
        }

        File.SetLastWriteTimeUtc(Path.Combine(_directory, "Master.csv.2.gz"), new DateTime(2026, 11, 19, 1, 0, 0, DateTimeKind.Utc));
        File.SetLastWriteTimeUtc(Path.Combine(_directory, "Master.csv.1"), new DateTime(2026, 11, 20, 1, 0, 0, DateTimeKind.Utc));

        var problems = await ReadAsync("Master.csv");

        Assert.Equal(["1", "2", "3", "4"], _taken.Select(static one => one.Call.Id));
        Assert.Equal($"{Path.Combine(_directory, "Master.csv.2.gz")}: 1 records could not be read, the first at line 3: a quote that nobody closes, or text behind one", Assert.Single(problems));
    }

    [Fact]
    public async Task A_database_of_SQLite_is_read_by_what_it_is_and_what_is_added_later_is_read_once()
    {
        var path = Path.Combine(_directory, "master.db");
        Sql(path, "CREATE TABLE cdr (AcctId INTEGER PRIMARY KEY, calldate TEXT, clid TEXT, dcontext TEXT, channel TEXT, dstchannel TEXT, lastapp TEXT, lastdata TEXT, duration REAL, billsec REAL, disposition TEXT, accountcode TEXT, uniqueid TEXT, mood TEXT)");
        Insert(path, "1", "2026-11-20 00:00:00");
        Insert(path, "2", "2026-11-20 00:00:05");
        Sql(path, "INSERT INTO cdr (calldate) VALUES ('0000-00-00 00:00:00')");

        var problems = await ReadAsync("master.db");

        Assert.Equal(["1", "2"], _taken.Select(static one => one.Call.Id));
        Assert.Contains("1 records could not be read, the first at line 3: no time", Assert.Single(problems), StringComparison.Ordinal);

        var database = new SqliteCdrs(path, "cdr", TimeZoneInfo.Utc);
        List<string> ids = [];
        Assert.Equal(2, database.ReadNew(From, call => ids.Add(call.Id), TestContext.Current.CancellationToken));
        Insert(path, "3", "2026-11-19 00:00:05");
        Assert.Equal(1, database.ReadNew(From, call => ids.Add(call.Id), TestContext.Current.CancellationToken));
        Assert.Equal(["1", "2", "3"], ids);
    }

    [Fact]
    public async Task What_can_not_be_read_is_said_and_the_rest_is_read()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "Master.csv"), Csv("1", "2026-11-21 00:00:00"), TestContext.Current.CancellationToken);
        Sql(Path.Combine(_directory, "master.db"), "CREATE TABLE other (name TEXT)");

        var problems = await ReadAsync("missing.csv", "master.db", "Master.csv");

        Assert.Equal("1", Assert.Single(_taken).Call.Id);
        Assert.Equal([$"{Path.Combine(_directory, "missing.csv")}: there is no such file", $"{Path.Combine(_directory, "master.db")}: there is no table cdr: set cdr_table in [calls]"], problems);
    }

    private async Task<IReadOnlyList<string>> ReadAsync(params string[] names)
    {
        var settings = new CallSettings { Country = "DE", Cdr = [.. names.Select(name => CdrPlace.Parse(Path.Combine(_directory, name))!)] };
        return await CallHistory.ReadAsync(settings, TimeZoneInfo.Utc, From, new CallReading(settings.Rules!, new Tariff(null, "DE")), _taken.Add, TestContext.Current.CancellationToken);
    }

    private static string Csv(string id, string start) =>
        $"\"\",\"201\",\"0023276123456\",\"from-internal\",\"\"\"201\"\" <201>\",\"PJSIP/201-0000001a\",\"PJSIP/trunk-0000001b\",\"Dial\",\"PJSIP/0023276123456@trunk,300\",\"{start}\",\"{start}\",\"{start}\",65,60,\"ANSWERED\",\"DOCUMENTATION\",\"{id}\",\"\"\n";

    private static void Insert(string path, string id, string start) =>
        Sql(path, $"INSERT INTO cdr (calldate, channel, dstchannel, lastapp, lastdata, duration, billsec, disposition, uniqueid) VALUES ('{start}', 'PJSIP/201-0000001a', 'PJSIP/trunk-0000001b', 'Dial', 'PJSIP/0023276123456@trunk,300', '65', '60', 'ANSWERED', '{id}')");

    private static void Sql(string path, string sql)
    {
        if (!File.Exists(path))
        {
            File.WriteAllBytes(path, []);
        }

        using var database = Database.Open(path, readOnly: false);
        database.Execute(sql);
    }
}
