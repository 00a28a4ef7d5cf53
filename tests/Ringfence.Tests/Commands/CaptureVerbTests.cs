using System.IO.Compression;
using Ringfence.Tests.Corpus;
using Xunit;

namespace Ringfence.Tests.Commands;

/// <summary>Captures where logs could be given.</summary>
public sealed class CaptureVerbTests : IDisposable
{
    private static readonly string Variants = Path.Combine(CorpusFiles.Packets, "variants.pcap");

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rf-pcap-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Parse_prints_the_events_of_a_capture_and_says_whom_it_takes_for_the_PBX()
    {
        var (exitCode, output, error) = await new Console().RunAsync("parse", Variants);

        Assert.Equal(ExitCode.Fine, exitCode);
        Assert.Equal(73, output.Split('\n').Count(line => line.Contains("\"event\":\"password_refused\"", StringComparison.Ordinal)));
        Assert.Contains("the PBX is 10.80.0.1, who answers 1 address; if not so, --pbx ADDRESS says who it is", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_capture_is_known_by_its_bytes_whatever_its_name_and_compression()
    {
        var packed = Path.Combine(_directory.FullName, "log");
        await using (var gzip = new GZipStream(File.Create(packed), CompressionLevel.Fastest))
        {
            await gzip.WriteAsync(await File.ReadAllBytesAsync(Variants, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        }

        var (_, output, _) = await new Console().RunAsync("parse", packed);

        Assert.Equal(73, output.Split('\n').Count(line => line.Contains("password_refused", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Of_a_capture_that_is_cut_the_events_before_are_told_and_then_the_cut()
    {
        var cut = Path.Combine(_directory.FullName, "cut.pcap");
        await File.WriteAllBytesAsync(cut, (await File.ReadAllBytesAsync(Variants, TestContext.Current.CancellationToken))[..5_000], TestContext.Current.CancellationToken);

        var (exitCode, output, error) = await new Console().RunAsync("parse", cut);

        Assert.Equal(ExitCode.WorldFailed, exitCode);
        Assert.Contains("password_refused", output, StringComparison.Ordinal);
        Assert.Contains("cut in the middle of what follows packet ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_throttle_is_counted_as_one_and_not_as_a_ban()
    {
        var tools = Path.Combine(CorpusFiles.Packets, "tools.pcap");

        var (_, _, text) = await new Console().RunAsync("replay", tools);
        var (_, alone, _) = await new Console().RunAsync("replay", "--summary", "--json", Variants);
        var (failed, both, _) = await new Console().RunAsync("replay", "--summary", "--json", "--fail-on", "attack", tools);

        Assert.Contains("29 events, 1 ban of 1 address, 2 throttles of 2 addresses, 0 spared as trusted, 0 alerts\n", text, StringComparison.Ordinal);
        Assert.Equal("{\"events\":73,\"bans\":0,\"subjects\":0,\"spared\":0,\"alerts\":0,\"throttles\":1,\"throttled\":1}\n", alone);
        Assert.Contains("\"bans\":1,\"subjects\":1,", both, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Found, failed);
    }

    [Fact]
    public async Task Replay_decides_on_a_capture_and_is_told_who_the_PBX_is()
    {
        var (_, output, _) = await new Console().RunAsync("replay", Variants);
        var (_, reversed, _) = await new Console().RunAsync("replay", Variants, "--pbx", "198.51.100.7");
        var (exitCode, _, error) = await new Console().RunAsync("replay", Variants, "--pbx", "pbx");

        Assert.Contains("198.51.100.7", output, StringComparison.Ordinal);
        Assert.Empty(reversed);
        Assert.Equal((ExitCode.Mistake, "ringfence: --pbx pbx: expected an IPv4 or IPv6 address\n"), (exitCode, error));
    }
}
