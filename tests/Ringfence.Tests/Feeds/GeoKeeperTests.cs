using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Configuration;
using Ringfence.Feeds;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Feeds;

/// <summary>Databases of countries from a real server that may be slow, broken or evil.</summary>
public sealed class GeoKeeperTests : IAsyncDisposable
{
    private static readonly string Half = string.Concat(Enumerable.Range(0, 10).Select(static at => $"203.0.{at}.0/24,DE\n"));
    private static readonly string Whole = string.Concat(Enumerable.Range(0, 40).Select(static at => $"203.0.{at * 2}.0/24,DE\n"));

    private readonly string _directory = Directory.CreateTempSubdirectory("rf-geofeed-").FullName;
    private readonly ListServer _server = new();
    private readonly SettableTime _clock = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private RingfenceConfig Config => RingfenceConfig.Default with
    {
        Journal = RingfenceConfig.Default.Journal with { Path = Path.Combine(_directory, "ringfence.db") },
        Geo = new GeoSettings { Urls = [$"http://{_server.Address}/country-{{YYYY-MM}}.csv"] },
    };

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_database_comes_once_in_its_interval_and_takes_the_place_of_the_one_before()
    {
        _server.Says(ListServer.Ok(Whole));
        var keeper = New();

        await keeper.LookAsync(Stop);
        await keeper.LookAsync(Stop);
        Assert.Equal(("DE", 1), (Country(), _server.Asked.Count));

        _server.Says(ListServer.Ok(Whole.Replace("DE", "BR", StringComparison.Ordinal)));
        _clock.Now += TimeSpan.FromDays(8);
        await keeper.LookAsync(Stop);

        Assert.Equal(("BR", 2), (Country(), _server.Asked.Count));
        Assert.Null(keeper.Problem);
        Assert.Contains("GET /country-2026-11.csv ", _server.Asked.First(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_database_or_half_of_one_leaves_the_one_that_is_held()
    {
        _server.Says(ListServer.Ok(Whole));
        var keeper = New();
        await keeper.LookAsync(Stop);

        foreach (var answer in (byte[][])[
            ListServer.Ok("<!DOCTYPE html><html><body>Please log in</body></html>"), ListServer.Ok(""), ListServer.Ok(Half), ListServer.Head("500 Internal Server Error"),
            [.. ListServer.Ok(Whole).Take(300)], ListServer.Head("302 Found", "Location: file:///etc/passwd"), ListServer.Ok(new byte[5000])])
        {
            _server.Says(answer);
            _clock.Now += TimeSpan.FromDays(8);
            await keeper.LookAsync(Stop);

            Assert.NotNull(keeper.Problem);
            Assert.Equal("DE", Country());
        }

        Assert.Single(Directory.GetFiles(Path.Combine(_directory, "geo")));
    }

    [Fact]
    public async Task At_a_months_beginning_the_month_before_is_taken()
    {
        _server.Answer = (head, stream, stop) => stream.WriteAsync(head.Contains("2026-10", StringComparison.Ordinal) ? ListServer.Ok(Whole) : ListServer.Head("404 Not Found"), stop).AsTask();

        await New().LookAsync(Stop);

        Assert.Equal(("DE", 2), (Country(), _server.Asked.Count));
    }

    private GeoKeeper New() => new(Config, _clock, NullLogger<GeoKeeper>.Instance);

    private string Country() => GeoFile.Open(GeoFile.PathsOf(Config)[0]).Database.KeyOf(Core.Events.Address.Parse("203.0.2.7")!.Value).Country.ToString();

    // The interval counts from the file's time, which is the machine's.
    private sealed class SettableTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
