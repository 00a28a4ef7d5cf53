using System.Runtime.CompilerServices;
using Ringfence.Core.Audit;
using Ringfence.Core.Pbx;
using Ringfence.Tests.Pbx;
using Xunit;

namespace Ringfence.Tests.Audit;

/// <summary>A small office that was set up with care: phones over TLS with SRTP, lists of addresses, contexts apart, PINs per user. A real Asterisk loads it without a warning (system tests).</summary>
public sealed class HardenedTests
{
    [Fact]
    public void No_rule_finds_anything_in_it()
    {
        var files = new MemoryFiles();
        foreach (var path in Directory.EnumerateFiles(DirectoryOf(), "*.conf"))
        {
            files.With($"/etc/asterisk/{Path.GetFileName(path)}", File.ReadAllText(path));
        }

        var result = Auditor.Run(new PbxSnapshot("/etc/asterisk", files, AsteriskVersion.Assumed, new Dictionary<string, string>()), AuditRules.All, new HashSet<string>(), TestContext.Current.CancellationToken);

        Assert.True(result.FilesRead.Count > 1);
        Assert.Equal([], result.Findings.Select(finding => $"{finding.Rule.Id} {finding.Place}: {finding.Fault.Subject}: {finding.Fault.Text}"));
    }

    private static string DirectoryOf([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Hardened");
}
