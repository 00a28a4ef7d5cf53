using System.Globalization;
using System.Text.Json;
using Ringfence.Bench.Fraud;
using Ringfence.Core.Calls;
using Ringfence.Core.Configuration;
using Ringfence.Core.Fraud;
using Ringfence.Core.Numbers;
using Xunit;

namespace Ringfence.Tests.Fraud;

/// <summary>The generator's calls through a file and the program come to what they come to in memory.</summary>
public sealed class CdrFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-cdr-file-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_backtest_of_the_file_saves_and_stops_what_the_engine_does_in_memory(bool hasGate)
    {
        var (book, day) = (new PhoneBook(), new DateOnly(2026, 2, 2));
        var site = SiteYear.Make(book, 502, day, 30);
        var made = CdrFile.Of(book, site, AttackShapes.Draw(book, site, 502, day.AddDays(16), 7, 1));
        var (cdrs, ids, config) = (Path.Combine(_directory, "Master.csv"), Path.Combine(_directory, "fraud.txt"), Path.Combine(_directory, "ringfence.conf"));
        await using (var to = new StreamWriter(cdrs))
        {
            made.Write(to);
        }

        await File.WriteAllLinesAsync(ids, made.Fraud, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(config, "[calls]\ncountry = DE\n", TestContext.Current.CancellationToken);

        var (_, output, _) = await new Commands.Console().RunAsync(["calls", "backtest", cdrs, "--fraud", ids, "--timezone", "Etc/GMT-1", "--json", "--config", config, .. hasGate ? [] : (string[])["--no-gate"]]);

        var test = new Backtest(new CallSettings { Country = "DE" }.Policy(TimeZoneInfo.FindSystemTimeZoneById("Etc/GMT-1"), NumberList.Empty, "DE"), hasGate, made.Fraud, 1000);
        var order = new CallOrder(test.Add, test.Finish);
        foreach (var one in made.All)
        {
            order.Add(one);
        }

        order.Finish();
        test.Finish();
        var report = JsonDocument.Parse(output).RootElement;
        Assert.Equal((made.All.Count, 0), (report.GetProperty("records").GetInt32(), report.GetProperty("unread").GetInt32()));
        Assert.Equal(made.Fraud.Count, report.GetProperty("fraud").GetProperty("calls").GetInt32());
        Assert.Equal(
            [Sum(test.All.Calls), Sum(test.All.Cost), Sum(test.Spent), Sum(test.FraudLeft.Cost), Sum(test.Stopped), Sum(test.GoodStopped), Sum(test.StopsTotal)],
            ((string[])["calls", "cost", "spent", "fraud.left", "stopped", "good_stopped", "stops_total"]).Select(name => Figure(report, name)));
        Assert.Equal(
            test.Stops.Select(static stop => $"{stop.Alarm.At} {stop.Alarm.Limit.Name} {stop.Alarm.Key.Name} {stop.IsFraud}"),
            report.GetProperty("stops").EnumerateArray().Select(static stop =>
                $"{stop.GetProperty("time").GetDateTimeOffset().ToUnixTimeMilliseconds()} {stop.GetProperty("limit").GetString()} {stop.GetProperty("key").GetString()} {(stop.GetProperty("is_fraud") is { ValueKind: not JsonValueKind.Null } said ? said.GetBoolean().ToString() : "")}"));
        Assert.True(test.StopsTotal > 50, Sum(test.StopsTotal));
    }

    private static string Sum(long value) => value.ToString(CultureInfo.InvariantCulture);

    // Money is in millionths here.
    private static string Figure(JsonElement report, string name)
    {
        var value = name.Split('.').Aggregate(report, static (at, part) => at.GetProperty(part)).GetDecimal();
        return ((long)(name is "cost" or "spent" or "fraud.left" ? value * Rate.Unit : value)).ToString(CultureInfo.InvariantCulture);
    }
}
