using Ringfence.Core.Audit;
using Ringfence.Core.Pbx;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>The rules about options on configurations that are right.</summary>
public sealed class SampleConfigurationTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_distributions_own_configuration_has_no_wrong_option()
    {
        Requires.Root();
        var run = await ToolRun.OfAsync([Repository.File("lab", "asterisk"), "samples"], TimeSpan.FromMinutes(1), Stop);
        if (run.ExitCode != 0)
        {
            Requires.Missing($"no sample configuration: {run.Said}");
        }

        var pbx = Pbx(run.Output.Trim());

        Assert.True(pbx.Pjsip.Exists);
        Assert.Equal(["extensions.lua: the dialplan has a part in Lua, which is not read"], Faults(pbx));
        Assert.InRange(pbx.FilesRead.Count(), 20, 200);
    }

    [Fact]
    public void The_laboratorys_configuration_has_no_wrong_option()
    {
        var pbx = Pbx(Repository.File("lab", "conf"));

        Assert.NotEmpty(pbx.Pjsip.Endpoints);
        Assert.Equal([], Faults(pbx));
    }

    private static IEnumerable<string> Faults(PbxSnapshot pbx) =>
        AuditRules.All.Where(rule => rule.Topic == AuditTopic.Options).SelectMany(rule => rule.Check(pbx)).Select(fault => $"{fault.Place}: {fault.Text}");

    private static PbxSnapshot Pbx(string directory) => new(directory, new ConfigDirectory(), new AsteriskVersion(22, 10, 1), new Dictionary<string, string>());
}
