using Ringfence.Core.Audit.Rules.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Sources;
using Ringfence.SystemTests.Asterisk;
using Xunit;

namespace Ringfence.SystemTests.Audit;

/// <summary>The contexts that a real Asterisk's modules make are those that the rules take for made, and no others.</summary>
public sealed class MadeContextsTests
{
    [Fact]
    public async Task A_context_that_a_module_makes_is_there_without_a_line_of_the_dialplan()
    {
        var stop = TestContext.Current.CancellationToken;
        var directory = Directory.CreateTempSubdirectory("ringfence-made-");
        try
        {
            PlanLab.Write(directory.FullName, "[phones]\nexten => 1,1,Hangup()\n");
            await File.AppendAllTextAsync(Path.Combine(directory.FullName, "modules.conf"), "load = bridge_holding.so\nload = bridge_builtin_features.so\nload = res_parking.so\n", stop);
            await File.WriteAllTextAsync(Path.Combine(directory.FullName, "features.conf"), "[general]\n", stop);
            await File.WriteAllTextAsync(Path.Combine(directory.FullName, "res_parking.conf"), "[general]\n[second]\nparkext = 800\nparkpos = 801-820\ncontext = spaces\n[by-program]\nparkpos = 901-910\ncontext = unnumbered\n", stop);
            await File.WriteAllTextAsync(Path.Combine(directory.FullName, "pjsip.conf"), "[global]\ntype = global\nregcontext = here\n[t]\ntype = transport\nbind = 0.0.0.0\n", stop);
            await using var lab = new AsteriskLab(directory.FullName);
            await lab.InitializeAsync();
            lab.Require();
            var pbx = AuditedPbx.OfCopy(Path.Combine(lab.Directory, "etc"), AsteriskVersion.Assumed);

            foreach (var context in (string[])["parkedcalls", "spaces", "unnumbered", "here", "phones", "by-program", "nowhere"])
            {
                var isThere = !(await lab.CliAsync($"dialplan show {context}", stop)).Contains("There is no existence of", StringComparison.Ordinal);
                Assert.Equal((context, isThere && context != "phones"), (context, MadeContexts.Contains(pbx, context)));
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
