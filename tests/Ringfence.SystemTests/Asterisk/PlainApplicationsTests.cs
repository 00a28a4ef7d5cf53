using Ringfence.Core.Dialplan;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>Of every application that a real Asterisk has it is known whether it sends a call elsewhere.</summary>
public sealed class PlainApplicationsTests : IAsyncLifetime
{
    private readonly string _configuration = Directory.CreateTempSubdirectory("rf-applications-").FullName;
    private AsteriskLab? _lab;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        PlanLab.Write(_configuration, "[in]\nexten => 1,1,NoOp()\n");
        await File.WriteAllTextAsync(Path.Combine(_configuration, "modules.conf"), "[modules]\nautoload = yes\n", Stop);
        _lab = new AsteriskLab(_configuration);
        await _lab.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_lab is not null)
        {
            await _lab.DisposeAsync();
        }

        Directory.Delete(_configuration, recursive: true);
    }

    [Fact]
    public async Task Every_application_of_a_real_Asterisk_is_followed_or_known_to_go_on()
    {
        _lab!.Require();
        // "          Answer: Answer a channel if ringing."
        var names = (await _lab.CliAsync("core show applications", Stop)).Split('\n').Select(static line => line.Split(": ", 2)).Where(static parts => parts.Length == 2 && parts[0].StartsWith(' '))
            .Select(static parts => parts[0].Trim()).Where(static name => name.Length > 0 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_')).ToList();

        Assert.True(names.Count > 120, $"only {names.Count} applications: the test would prove little");
        Assert.Equal([], names.Where(static name => !IsKnown(name)));
    }

    private static bool IsKnown(string application)
    {
        var read = Directory.CreateTempSubdirectory("rf-applications-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(read, "extensions.conf"), $"[in]\nexten => 1,1,{application}(1,2,3)\n");
            var reach = PlanReach.From(Plan.Read(read, new ConfigDirectory()), new PlanEntry("in", Languages.Only("1")), static (_, _) => ExitKind.Trunk);
            return !reach.Unknowns.Any(static unknown => unknown.Text.Contains("no application of Asterisk's own", StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(read, recursive: true);
        }
    }
}
