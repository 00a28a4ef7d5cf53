using Ringfence.Core.Host;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Host;

/// <summary>An Asterisk that gets no security fixes any more.</summary>
internal static class EndOfLife
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1612",
        Name = "end-of-life",
        Severity = Severity.High,
        Why = "Holes that are found in newer branches are in this one too, and stay there.",
        Fix = "Move to Asterisk 22, which has long-term support until October 2029.",
        ExampleFile = "modules.conf",
        Bad = """
            ;;; fact asterisk-version
            Asterisk 18.26.4 built by nobody @ pbx on a x86_64 running Linux ; here
            """,
        Good = """
            ;;; fact asterisk-version
            Asterisk 22.10.1 built by nobody @ pbx on a x86_64 running Linux
            """,
        Reference = new Uri("https://docs.asterisk.org/About-the-Project/Asterisk-Versions/"),
        Topic = AuditTopic.Host,
        Check = Check,
    };

    // By the project's table of versions when this was written: 18 ended in October 2025, 19 in November 2023, 21 in October 2025. Certified branches live longer and are left out.
    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from line in FactLines.Of(pbx, HostFact.AsteriskVersion).Take(1)
        where line.Text.StartsWith("Asterisk ", StringComparison.Ordinal) && !line.Text.Contains("cert", StringComparison.OrdinalIgnoreCase)
        let version = AsteriskVersion.Parse(line.Text)
        where version is { Major: <= 19 or 21 }
        select new Fault(line.Place, $"Asterisk {version.Value.Major}", $"Asterisk {version} is of a branch that gets no security fixes any more");
}
