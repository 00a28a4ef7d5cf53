using System.Text.Json;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>Scanners that say they are a phone, against a real Asterisk.</summary>
public sealed class GuardFingerprintTests : IClassFixture<AsteriskLab>, IAsyncLifetime
{
    // The scanner itself, with another default for the one argument that holds its name: no option of svwar changes it.
    private const string Renamed = """
        import sys
        sys.path.insert(0, "/usr/share/sipvicious")
        import sipvicious.libs.svhelper as helper
        helper.makeRequest.__defaults__ = tuple("Yealink SIP-T46U 108.86.0.20" if value == "friendly-scanner" else value for value in helper.makeRequest.__defaults__)
        from sipvicious.svwar import main
        sys.argv = ["svwar"] + sys.argv[1:]
        main()
        """;

    private readonly AsteriskLab _lab;
    private GuardProcess _guard = null!;

    public GuardFingerprintTests(AsteriskLab lab)
    {
        lab.Require();
        Requires.Tool("nft");
        Requires.Tool("svwar");
        _lab = lab;
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        _guard = await GuardProcess.StartAsync(_lab, GuardProcess.Hep, Stop, "security_json");

    public ValueTask DisposeAsync() => _guard.DisposeAsync();

    [Theory]
    [InlineData("198.51.100.51", "REGISTER")]
    [InlineData("198.51.100.52", "INVITE")]
    [InlineData("198.51.100.53", "OPTIONS")]
    public async Task Svwar_that_says_it_is_a_phone_is_named_by_its_first_request(string source, string method)
    {
        await _lab.AttackAsync(source, ["python3", "-c", Renamed, "-m", method, "-e", "2000-2003", AsteriskLab.World], TimeSpan.FromSeconds(3), Stop);

        var first = default(JsonElement);
        Assert.True(await Eventually.HoldsAsync(async () => (first = await FirstAsync(source)).ValueKind != JsonValueKind.Undefined, TimeSpan.FromSeconds(10), Stop), _guard.Said);
        Assert.Equal(("RF2012", "throttle", "a request of a scanning tool (SIPVicious under another name)"), (Text(first, "rule"), Text(first, "action"), Text(first, "reason")));
        var evidence = first.GetProperty("evidence")[0];
        Assert.Equal(("scanner_seen", "unproven"), (Text(evidence, "event"), Text(evidence, "proof")));
        Assert.Contains("User-Agent: Yealink SIP-T46U", Text(evidence, "text"), StringComparison.Ordinal);
    }

    private async Task<JsonElement> FirstAsync(string source)
    {
        using var why = await _guard.AskJsonAsync(Stop, "why", source);
        return why.RootElement.GetProperty("decisions").EnumerateArray().Select(decision => decision.Clone()).FirstOrDefault();
    }

    private static string? Text(JsonElement piece, string name) => piece.GetProperty(name).GetString();
}
