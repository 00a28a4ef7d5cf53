using Ringfence.Core.Dialplan;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>Of every application that a real Asterisk has it is known whether it sends a call elsewhere.</summary>
public sealed class PlainApplicationsTests : PlanLab
{
    private protected override async Task WriteAsync()
    {
        Write(Configuration, "[in]\nexten => 1,1,NoOp()\n");
        await File.WriteAllTextAsync(Path.Combine(Configuration, "modules.conf"), "[modules]\nautoload = yes\n", Stop);
    }

    [Fact]
    public async Task Every_application_of_a_real_Asterisk_is_followed_or_known_to_go_on()
    {
        // "          Answer: Answer a channel if ringing."
        var names = (await Lab.CliAsync("core show applications", Stop)).Split('\n').Select(static line => line.Split(": ", 2)).Where(static parts => parts.Length == 2 && parts[0].StartsWith(' '))
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
