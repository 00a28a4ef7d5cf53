using System.Text.Json;
using Ringfence.SystemTests.Asterisk;
using Ringfence.Tests;
using Xunit;

namespace Ringfence.SystemTests.Sources;

/// <summary>The guard as its service runs it, an ordinary user, with and without the capability that the wire needs.</summary>
public sealed class WireCapabilityTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("rf-raw-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Config => Path.Combine(_directory, "ringfence.conf");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_CAP_NET_RAW_the_wire_is_a_problem_that_says_what_to_do_and_the_guard_goes_on(bool hasRaw)
    {
        Requires.Root();
        Requires.Tool("setpriv");
        using var pbx = Netns.Create("raw");
        File.SetUnixFileMode(_directory, (UnixFileMode)0b111_111_111);
        var log = Path.Combine(_directory, "security_json");
        await File.WriteAllTextAsync(log, "", Stop);
        await File.WriteAllLinesAsync(
            Config,
            [
                "[general]", $"log = {log}", $"asterisk_dir = {_directory}", $"socket = {_directory}/ringfence.sock", "[wire]", "interface = all", "port = 5060",
                "[trust]", "contacts = no", "ssh = no", "[journal]", $"path = {_directory}/ringfence.db",
            ],
            Stop);
        var capabilities = $"+net_admin,+dac_read_search{(hasRaw ? ",+net_raw" : "")}";
        using var guard = Running.Start(
            [.. pbx.Prefix, "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--no-new-privs", $"--inh-caps={capabilities}", $"--ambient-caps={capabilities}",
            RingfenceProgram.Path, "guard", "--observe", "--config", Config]);
        try
        {
            Assert.True(await Eventually.HoldsAsync(async () => await StatusAsync() is { } status && Part(status, "wire").GetProperty("state").GetString() == (hasRaw ? "running" : "waiting"), TimeSpan.FromSeconds(30), Stop));
            var status = (await StatusAsync())!.Value;
            var sources = status.GetProperty("sources").EnumerateArray().ToDictionary(source => source.GetProperty("name").GetString()!);

            Assert.True(sources[log].GetProperty("alive").GetBoolean());
            Assert.Equal(hasRaw, sources["wire all"].GetProperty("alive").GetBoolean());
            Assert.Equal(hasRaw ? null : "nothing is read: see the part wire", sources["wire all"].GetProperty("problem").GetString());
            Assert.Equal(
                hasRaw ? null : "wire: needs the capability CAP_NET_RAW, as root has it; the service gets it by AmbientCapabilities and CapabilityBoundingSet in its unit (packaging/install brings the new unit)",
                Part(status, "wire").GetProperty("problem").GetString());
            Assert.False(guard.HasExited);
        }
        finally
        {
            guard.Kill();
            await guard.WaitForExitAsync(CancellationToken.None).EndAsync();
        }
    }

    private static JsonElement Part(JsonElement status, string name) => status.GetProperty("parts").EnumerateArray().Single(part => part.GetProperty("name").GetString() == name);

    private async Task<JsonElement?> StatusAsync()
    {
        var run = await ToolRun.OfAsync([RingfenceProgram.Path, "status", "--json", "--config", Config], TimeSpan.FromSeconds(20), Stop);
        return run.ExitCode is 0 or 1 ? JsonDocument.Parse(run.Output).RootElement : null;
    }
}
