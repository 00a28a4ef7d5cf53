using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Asterisk;

/// <summary>A key sequence in calls that runs a program.</summary>
internal static class FeatureRunsProgram
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1560",
        Name = "feature-runs-program",
        Severity = Severity.High,
        Why = "Whoever is in a call with this feature, an outside caller too where it is for both sides, runs the program with keys.",
        Fix = "Remove the line, or let it call a subroutine of the dialplan (Gosub) that does one fixed thing, activated by the side that is trusted (self).",
        ExampleFile = "features.conf",
        Bad = """
            [applicationmap]
            reboot = *99,self/both,System,/usr/local/bin/reboot-phone ; here
            """,
        Good = """
            [applicationmap]
            playmonkeys = #9,peer,Playback,tt-monkeys
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Features/Feature-Code-Call-Transfers/"),
        Topic = AuditTopic.Asterisk,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from feature in pbx.Config("features.conf").Named("applicationmap").SelectMany(static section => section.Settings)
        let parts = feature.Value.Split(',', StringSplitOptions.TrimEntries)
        where parts.Length > 2
        let application = parts[2].Split('(')[0].Trim()
        where application.Equals("System", StringComparison.OrdinalIgnoreCase) || application.Equals("TrySystem", StringComparison.OrdinalIgnoreCase)
        select new Fault(feature.Place, $"feature {Shown.Text(feature.Name)}", $"keys in a call run a program by {application}");
}
