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
public sealed class GeoServerFaultTests : IAsyncDisposable
{
    private readonly ListServer _server = new();
    private readonly ManualTime _time = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-geo-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
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

        Assert.Null(await fetch());
        Assert.Equal("DE", CountryOf("198.51.100.7", url));
    }

    public static TheoryData<string, byte[], string> Bad => new()
    {
        { "nothing", ListServer.Ok(""), "holds no line" },
        { "a page", ListServer.Ok("<html>sign in</html>"), "is a web page" },
        { "cut", [.. ListServer.Ok(Database())[..^20]], "broke off" },
        { "a cut file", ListServer.Ok(Database()[..^300]), "no MMDB database" },
        { "no length", [.. ListServer.Head("200 OK"), .. Database()], "how long" },
        { "far smaller", ListServer.Ok(Database(networks: 1)), "it has 1 networks" },
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
        Assert.Null(await fetch());

        _server.Says(answer);
        var problem = await fetch();

        Assert.True(problem?.Contains(reason, StringComparison.Ordinal) == true, $"{what}: {problem}");
        Assert.DoesNotContain("test-key", problem, StringComparison.Ordinal);
        Assert.Equal("DE", CountryOf("198.51.100.7", url));
        Assert.Single(Directory.GetFiles(Path.Combine(_directory, "geo")));

        _server.Says(ListServer.Ok(Database()));
        Assert.Null(await fetch());
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

    private (Func<Task<string?>> Fetch, string Url) New(string path)
    {
        var url = $"http://{_server.Address}{path}";
        var keeper = new GeoKeeper(Config(url), _time, NullLogger<GeoKeeper>.Instance);
        return (async () =>
        {
            await keeper.LookAsync(Stop);
            var problem = keeper.Problem;

            // Whatever is not due yet is no less a problem.
            await keeper.LookAsync(Stop);
            Assert.Equal(problem, keeper.Problem);
            _time.Advance(TimeSpan.FromDays(8));
            return problem;
        }, url);
    }

    private RingfenceConfig Config(string url) =>
        RingfenceConfig.Default with { Geo = new GeoSettings { Urls = [url] }, Journal = RingfenceConfig.Default.Journal with { Path = Path.Combine(_directory, "ringfence.db") } };

    private string CountryOf(string address, string url) => GeoFile.Open(Assert.Single(GeoFile.PathsOf(Config(url)))).Database.KeyOf(Address.Parse(address)!.Value).Country.ToString();
}
