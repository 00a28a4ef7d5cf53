using System.Formats.Tar;
using System.IO.Compression;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Feeds;
using Ringfence.Sources;
using Ringfence.Tests.Geo;
using Xunit;

namespace Ringfence.Tests.Feeds;

/// <summary>A real server of databases with real faults: whatever it does, the database that was there stays.</summary>
public sealed class GeoFetchTests : IAsyncLifetime
{
    private readonly ListServer _server = new();
    private readonly ManualTime _time = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-geo-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_database_is_fetched_kept_asked_for_by_what_is_new_and_found_by_the_verbs()
    {
        _server.Says(ListServer.Ok(Database(), "ETag: \"v1\""));
        var (fetch, url) = New("/country.mmdb");

        Assert.Null(await fetch.UpdateAsync(url, Stop));
        Assert.Equal("DE", CountryOf("198.51.100.7", url));

        _server.Says(ListServer.Head("304 Not Modified"));
        Assert.Null(await New("/country.mmdb").Fetch.UpdateAsync(url, Stop));
        Assert.Contains("If-None-Match: \"v1\"", _server.Asked.Last(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("tar.gz")]
    public async Task It_may_be_packed_as_the_makers_pack_it(string how)
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            if (how == "gzip")
            {
                gzip.Write(Database());
            }
            else
            {
                await using var tar = new TarWriter(gzip, TarEntryFormat.Ustar);
                await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.Directory, "Test-Country_20261101/"), Stop);
                await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, "Test-Country_20261101/LICENSE.txt") { DataStream = new MemoryStream(new byte[700]) }, Stop);
                await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, "Test-Country_20261101/Test-Country.mmdb") { DataStream = new MemoryStream(Database()) }, Stop);
            }
        }

        _server.Says(ListServer.Ok(packed.ToArray()));
        var (fetch, url) = New("/download?suffix=tar.gz");

        Assert.Null(await fetch.UpdateAsync(url, Stop));
        Assert.Equal("DE", CountryOf("198.51.100.7", url));
    }

    [Fact]
    public async Task Where_this_month_is_not_out_yet_that_of_the_month_before_is_taken()
    {
        var month = _time.GetUtcNow().AddMonths(-1).ToString("yyyy-MM", System.Globalization.CultureInfo.InvariantCulture);
        _server.Answer = (path, stream, stop) => stream.WriteAsync(path == $"/country-{month}.mmdb" ? ListServer.Ok(Database()) : ListServer.Head("404 Not Found"), stop).AsTask();
        var (fetch, url) = New("/country-{YYYY-MM}.mmdb");

        Assert.Null(await fetch.UpdateAsync(url, Stop));

        Assert.Equal(2, _server.Asked.Count);
        Assert.Equal("DE", CountryOf("198.51.100.7", url));
    }

    public static TheoryData<string, byte[], string> Bad => new()
    {
        { "nothing", ListServer.Ok(""), "holds no line" },
        { "a page", ListServer.Ok("<html>sign in</html>"), "is a web page" },
        { "cut", [.. ListServer.Ok(Database())[..^20]], "broke off" },
        { "a cut file", ListServer.Ok(Database()[..^300]), "no MMDB database" },
        { "no length", [.. ListServer.Head("200 OK"), .. Database()], "how long" },
        { "far smaller", ListServer.Ok(Database(networks: 1)), "less than half" },
        { "not there", ListServer.Head("404 Not Found"), "HTTP 404" },
        { "no key", ListServer.Head("401 Unauthorized"), "check key" },
        { "damaged", ListServer.Ok(Damaged()), "damaged" },
        { "a tar of something else", ListServer.Ok(Tar()), "without an .mmdb" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task Whatever_else_comes_is_refused_with_the_reason_and_what_was_there_stays(string what, byte[] answer, string reason)
    {
        _server.Says(ListServer.Ok(Database()));
        var (fetch, url) = New("/country.mmdb?key=test-key");
        Assert.Null(await fetch.UpdateAsync(url, Stop));

        _server.Says(answer);
        var problem = await fetch.UpdateAsync(url, Stop);

        Assert.True(problem?.Contains(reason, StringComparison.Ordinal) == true, $"{what}: {problem}");
        Assert.Equal(problem, fetch.Problem);
        Assert.DoesNotContain("test-key", problem, StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFiles(Path.Combine(_directory, "geo")).Length);

        _server.Says(ListServer.Ok(Database()));
        Assert.Null(await fetch.UpdateAsync(url, Stop));
        Assert.Null(fetch.Problem);
    }

    private static byte[] Database(int networks = 20)
    {
        var writer = new MmdbWriter();
        for (var i = 0; i < networks; i++)
        {
            writer.Add(Network.Parse($"198.51.100.{i * 8}/{(i == 0 ? 29 : 30)}")!.Value, MmdbReaderTests.Country(i % 2 == 0 ? "DE" : "FR"));
        }

        return writer.Write();
    }

    // The first node leads to itself.
    private static byte[] Damaged()
    {
        var file = Database();
        file.AsSpan(0, 3).Clear();
        return file;
    }

    private static byte[] Tar()
    {
        using var archive = new MemoryStream();
        using (var tar = new TarWriter(archive, TarEntryFormat.Ustar, leaveOpen: true))
        {
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "readme") { DataStream = new MemoryStream(new byte[10]) });
        }

        return archive.ToArray();
    }

    private (GeoFetch Fetch, string Url) New(string path)
    {
        var url = $"http://{_server.Address}{path}";
        return (new GeoFetch(Config(url), _time, NullLogger<GeoFetch>.Instance), url);
    }

    private RingfenceConfig Config(string url) =>
        RingfenceConfig.Default with { Geo = new GeoSettings { Urls = [url] }, Journal = RingfenceConfig.Default.Journal with { Path = Path.Combine(_directory, "ringfence.db") } };

    private string CountryOf(string address, string url) => GeoFile.Open(Assert.Single(GeoFile.PathsOf(Config(url)))).Database.KeyOf(Address.Parse(address)!.Value).Country.ToString();
}
