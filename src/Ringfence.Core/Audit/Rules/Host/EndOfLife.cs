using System.Globalization;
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

    // The project's table of versions (docs/About-the-Project/Asterisk-Versions.md of its documentation, as of June 2026); those before 16 were over by then. A later branch is not known here.
    private static readonly Dictionary<int, DateOnly> Ends = new()
    {
        [16] = new(2023, 10, 9),
        [17] = new(2021, 10, 28),
        [18] = new(2025, 10, 20),
        [19] = new(2023, 11, 2),
        [20] = new(2027, 10, 19),
        [21] = new(2026, 10, 18),
        [22] = new(2029, 10, 16),
        [23] = new(2027, 10, 15),
    };

    /// <summary>When the table was read: where nobody says the day it is at least that.</summary>
    private static readonly DateOnly Written = new(2026, 11, 1);

    // Certified branches live longer and are left out.
    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var said = FactLines.Of(pbx, HostFact.AsteriskVersion).FirstOrDefault();
        var isRunning = said.Text?.StartsWith("Asterisk ", StringComparison.Ordinal) is true;
        var version = isRunning ? AsteriskVersion.Parse(said.Text!) : pbx.IsVersionAssumed ? null : pbx.Version;
        var today = PjsipTls.Now(pbx) is { } now && DateOnly.FromDateTime(now.UtcDateTime) is var day && day > Written ? day : Written;
        if (version is not { } asterisk || said.Text?.Contains("cert", StringComparison.OrdinalIgnoreCase) is true)
        {
            return [];
        }

        var end = asterisk.Major < 16 ? DateOnly.MinValue : Ends.GetValueOrDefault(asterisk.Major, DateOnly.MaxValue);
        return end >= today ? [] :
        [
            new Fault(isRunning ? said.Place : new Place(HostFact.AsteriskVersion.Name, 0), $"Asterisk {asterisk.Major}",
                $"Asterisk {asterisk.Major} gets no security fixes {(end == DateOnly.MinValue ? "any more" : string.Create(CultureInfo.InvariantCulture, $"since {end:yyyy-MM-dd}"))}"),
        ];
    }
}
