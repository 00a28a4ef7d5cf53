using System.Text.Json;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>The guard's own request comes out of every source that can tell of it; where it does not, status says that the source is blind.</summary>
public sealed class GuardCanaryTests : IClassFixture<AsteriskLab>
{
    private static readonly string[] Ami = ["[ami]", "user = ringfence", "secret = lab-manager-secret"];
    private static readonly string[] Wire = ["[wire]", "interface = all"];

    private readonly AsteriskLab _lab;

    public GuardCanaryTests(AsteriskLab lab)
    {
        lab.Require();
        Requires.Tool("nft");
        _lab = lab;
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("security_json")]
    [InlineData("notice")]
    [InlineData("security_plain")]
    [InlineData("messages")]
    [InlineData("security_json", "notice", "hep")]
    [InlineData("security_json", "notice", "hep", "wire", "ami")]
    public async Task Each_source_tells_of_it_and_nobody_is_accused(params string[] sources)
    {
        string[] settings = [.. Array.IndexOf(sources, "hep") >= 0 ? GuardProcess.Hep : [], .. Array.IndexOf(sources, "wire") >= 0 ? Wire : [], .. Array.IndexOf(sources, "ami") >= 0 ? Ami : []];
        await using var guard = await GuardProcess.StartAsync(_lab, settings, Stop, [.. sources.Where(source => source is not ("hep" or "wire" or "ami"))]);

        var isTold = await Eventually.HoldsAsync(
            async () =>
            {
                using var asked = await guard.AskJsonAsync(Stop, "status");
                return Sources(asked).TrueForAll(source => source.GetProperty("canary").ValueKind == JsonValueKind.Object);
            },
            TimeSpan.FromSeconds(90),
            Stop);

        using var status = await guard.AskJsonAsync(Stop, "status");
        Assert.True(isTold, status.RootElement.ToString());
        Assert.All(Sources(status), source => Assert.InRange(source.GetProperty("canary").GetProperty("milliseconds").GetInt64(), 0, 30_000));
        Assert.Equal(401, status.RootElement.GetProperty("canary").GetProperty("answer").GetInt32());
        Assert.Equal(0, status.RootElement.GetProperty("watched").GetInt32());
    }

    [Fact]
    public async Task A_log_that_Asterisk_has_ceased_to_write_is_blind_and_status_ends_with_1()
    {
        // What a modules.conf with a noload does, or a logger.conf that lost its line: everything else goes on.
        await _lab.CliAsync("module unload res_security_log.so", Stop);
        try
        {
            await using var guard = await GuardProcess.StartAsync(_lab, GuardProcess.Hep, Stop, "security_json", "notice");

            var isBlind = await Eventually.HoldsAsync(async () => (await guard.AskAsync(Stop, "status")).ExitCode == 1, TimeSpan.FromSeconds(120), Stop);

            using var status = await guard.AskJsonAsync(Stop, "status");
            Assert.True(isBlind, status.RootElement.ToString());
            var blind = Assert.Single(Sources(status), source => !source.GetProperty("alive").GetBoolean());
            Assert.Equal(_lab.Log("security_json"), blind.GetProperty("name").GetString());
            Assert.Contains("did not come out here", blind.GetProperty("problem").GetString(), StringComparison.Ordinal);
        }
        finally
        {
            await _lab.CliAsync("module load res_security_log.so", Stop);
        }
    }

    [Fact]
    public async Task HEP_that_is_set_up_here_and_not_in_Asterisk_is_silent_at_once_and_soon_blind()
    {
        // The lab's hep.conf names another port: nothing ever comes here.
        await using var guard = await GuardProcess.StartAsync(_lab, ["[hep]", "listen = 127.0.0.1:9061", "password = x"], Stop, "security_json");

        var isSilent = await Eventually.HoldsAsync(
            async () =>
            {
                using var asked = await guard.AskJsonAsync(Stop, "status");
                return asked.RootElement.GetProperty("canary") is { ValueKind: JsonValueKind.Object } canary && canary.GetProperty("silent").EnumerateArray().Any(name => name.GetString() == "hep 127.0.0.1:9061");
            },
            TimeSpan.FromSeconds(30),
            Stop);
        var isBlind = await Eventually.HoldsAsync(async () => (await guard.AskAsync(Stop, "status")).ExitCode == 1, TimeSpan.FromSeconds(90), Stop);

        using var status = await guard.AskJsonAsync(Stop, "status");
        Assert.True(isSilent && isBlind, status.RootElement.ToString());
        var blind = Assert.Single(Sources(status), source => !source.GetProperty("alive").GetBoolean());
        Assert.Contains("ringfence init --write-hep", blind.GetProperty("problem").GetString(), StringComparison.Ordinal);
    }

    private static List<JsonElement> Sources(JsonDocument status) => [.. status.RootElement.GetProperty("sources").EnumerateArray()];
}
