using System.IO.Compression;
using System.Text.Json;
using Ringfence.Core.Configuration;
using Ringfence.Core.Events;
using Ringfence.Tests.Geo;
using Xunit;

namespace Ringfence.Tests.Commands;

/// <summary>What `geo` says of an address, of countries, and of a database that is old or none.</summary>
public sealed class GeoVerbTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("ringfence-geo-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task An_address_is_told_with_country_city_operator_and_the_databases_that_say_so()
    {
        var (code, output, _) = await RunAsync([Country(), Operators()], "geo", "198.51.100.7", "203.0.113.9", "192.168.1.1");

        Assert.Equal(ExitCode.Fine, code);
        Assert.Equal(
            $"198.51.100.7: Cologne, Germany (DE), AS64500 Example Net\n  198.51.100.0/25, by {_directory}/country.mmdb, {_directory}/operators.csv.gz\n"
            + "203.0.113.9: no database knows it\n192.168.1.1: a private or link-local address, which no country has\n",
            output[..output.LastIndexOf($"{_directory}/country.mmdb", StringComparison.Ordinal)]);
    }

    [Fact]
    public async Task The_report_as_JSON_has_every_member()
    {
        var (_, output, _) = await RunAsync([Country(), Operators()], "geo", "198.51.100.7", "203.0.113.9", "--json");

        using var report = JsonDocument.Parse(output);
        Assert.Equal(
            $$"""[{"address":"198.51.100.7","country":"DE","country_name":"Germany","continent":"EU","city":"Cologne","asn":64500,"organisation":"Example Net","network":"198.51.100.0/25","is_local":false,"from":["{{_directory}}/country.mmdb","{{_directory}}/operators.csv.gz"]},"""
            + """{"address":"203.0.113.9","country":null,"country_name":null,"continent":null,"city":null,"asn":null,"organisation":null,"network":null,"is_local":false,"from":[]}]""",
            report.RootElement.GetProperty("addresses").GetRawText());
        Assert.Equal("Test-Country", report.RootElement.GetProperty("databases")[0].GetProperty("type").GetString());
        Assert.Equal(JsonValueKind.Null, report.RootElement.GetProperty("countries").ValueKind);
    }

    [Fact]
    public async Task The_sizes_of_countries_are_told()
    {
        var (code, output, _) = await RunAsync([Country()], "geo", "--countries", "--json");

        using var report = JsonDocument.Parse(output);
        Assert.Equal(ExitCode.Fine, code);
        Assert.Equal("""[{"country":"DE","ipv4_networks":1,"ipv4_addresses":256,"ipv6_networks":1,"ipv6_sites":65536}]""", report.RootElement.GetProperty("countries").GetRawText());
    }

    [Theory]
    [InlineData(34, false)]
    [InlineData(36, true)]
    public async Task A_database_of_more_than_35_days_is_called_old(int days, bool isOld)
    {
        var (_, output, _) = await RunAsync([Country(new ManualTime().GetUtcNow().AddDays(-days))], "geo", "198.51.100.7");

        Assert.Equal(isOld, output.Contains("days old", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_database_the_verb_says_where_one_is_named()
    {
        var (code, _, error) = await RunAsync([], "geo", "198.51.100.7");

        Assert.Equal(ExitCode.Mistake, code);
        Assert.Contains("database = FILE in [geo]", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("geo")]
    [InlineData("geo", "198.51.100.7", "--countries")]
    [InlineData("geo", "198.51.100.0/24")]
    public async Task What_is_neither_a_question_for_addresses_nor_for_countries_is_a_mistake(params string[] args) =>
        Assert.Equal(ExitCode.Mistake, (await RunAsync([Country()], args)).ExitCode);

    [Fact]
    public async Task A_file_that_is_no_database_is_named_with_the_reason()
    {
        var path = Path.Combine(_directory, "sign-in.mmdb");
        await File.WriteAllTextAsync(path, "<html>", TestContext.Current.CancellationToken);

        var (code, _, error) = await RunAsync([path], "geo", "198.51.100.7");

        Assert.Equal(ExitCode.WorldFailed, code);
        Assert.Contains($"{path}: is a web page", error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.WorldFailed, (await RunAsync(["/nowhere/country.mmdb"], "geo", "198.51.100.7")).ExitCode);
        Assert.Equal(ExitCode.Mistake, (await RunAsync([], "geo", "198.51.100.7", "--database", "/nowhere/country.mmdb")).ExitCode);
    }

    [Fact]
    public async Task Maxmind_s_two_files_are_read_together()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "T-Locations-en.csv"), "geoname_id,country_iso_code\n1,DE\n", TestContext.Current.CancellationToken);
        var blocks = Path.Combine(_directory, "T-Blocks-IPv4.csv");
        await File.WriteAllTextAsync(blocks, "network,geoname_id\n198.51.100.0/24,1\n", TestContext.Current.CancellationToken);

        var (_, output, _) = await RunAsync([blocks], "geo", "198.51.100.7");

        Assert.StartsWith("198.51.100.7: DE\n", output, StringComparison.Ordinal);
    }

    private string Country(DateTimeOffset? built = null)
    {
        var writer = new MmdbWriter { Built = built ?? new ManualTime().GetUtcNow() };
        Dictionary<string, object> Names(string name) => new() { ["en"] = name };
        var record = new Dictionary<string, object>
        {
            ["city"] = new Dictionary<string, object> { ["names"] = Names("Cologne") },
            ["continent"] = new Dictionary<string, object> { ["code"] = "EU" },
            ["country"] = new Dictionary<string, object> { ["iso_code"] = "DE", ["names"] = Names("Germany") },
        };
        writer.Add(Network.Parse("198.51.100.0/24")!.Value, record);
        writer.Add(Network.Parse("2001:db8::/48")!.Value, record);
        var path = Path.Combine(_directory, "country.mmdb");
        File.WriteAllBytes(path, writer.Write());
        return path;
    }

    private string Operators()
    {
        var path = Path.Combine(_directory, "operators.csv.gz");
        using var packed = new GZipStream(File.Create(path), CompressionLevel.Fastest);
        packed.Write("198.51.100.0,198.51.100.127,64500,Example Net\n"u8);
        return path;
    }

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(IReadOnlyList<string> databases, params string[] args) =>
        new Console { Config = RingfenceConfig.Default with { Geo = new GeoSettings { Databases = databases } } }.RunAsync(args);
}
