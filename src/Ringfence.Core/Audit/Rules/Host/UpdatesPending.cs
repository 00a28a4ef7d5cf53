using Ringfence.Core.Host;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Host;

/// <summary>Security updates that are not installed.</summary>
internal static class UpdatesPending
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1605",
        Name = "updates-pending",
        Severity = Severity.Medium,
        Why = "What these updates close is public, and scanners look for it within days.",
        Fix = "apt-get update && apt-get upgrade; let unattended-upgrades do it from now on.",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; fact updates ; here
            Inst libssl3 [3.0.11-1~deb12u1] (3.0.17-1~deb12u2 Debian-Security:12/stable-security [amd64])
            Inst vim [2:9.0.1-1] (2:9.0.2-1 Debian:12.9/stable [amd64])
            """,
        Good = """
            ;;; fact updates
            Inst vim [2:9.0.1-1] (2:9.0.2-1 Debian:12.9/stable [amd64])
            0 upgraded, 0 newly installed
            """,
        Reference = new Uri("https://www.debian.org/security/"),
        Topic = AuditTopic.Host,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var packages = FactLines.Of(pbx, HostFact.Updates).Select(static line => line.Text)
            .Where(static line => line.StartsWith("Inst ", StringComparison.Ordinal) && line.Contains('[', StringComparison.Ordinal)
                && (line.Contains("-security", StringComparison.Ordinal) || line.Contains("Debian-Security", StringComparison.Ordinal)))
            .Select(static line => line.Split(' ')[1]).Distinct().ToList();
        var isAsterisk = packages.Exists(static name => name.StartsWith("asterisk", StringComparison.Ordinal));
        return packages.Count == 0 ? [] :
        [
            new Fault(new Place(HostFact.Updates.Name, 0), "packages", $"{(packages.Count == 1 ? "a security update is" : $"{packages.Count} security updates are")} not installed: {string.Join(", ", packages.Take(5).Select(static name => Shown.Text(name, 40)))}{(packages.Count > 5 ? ", ..." : "")}")
            {
                Severity = isAsterisk ? Severity.High : null,
            },
        ];
    }
}
