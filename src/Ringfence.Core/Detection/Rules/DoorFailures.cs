using Ringfence.Core.Events;
using Ringfence.Core.Parsing;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Detection.Rules;

/// <summary>Failures at another door of the machine.</summary>
internal static class DoorFailures
{
    public static readonly DetectionRule Rule = new()
    {
        Id = "RF2030",
        Name = "door-failures",
        Severity = Severity.Medium,
        Why = "A log that a [door] of ringfence.conf names keeps telling failures of this address: lines that your patterns find, or floods that a SIP proxy stopped.",
        Fix = "If the address is yours, put it into address in [trust], then run ringfence unban ADDRESS. If the pattern finds what is no attack, ringfence parse --door shows its lines.",
        Bad = """
            Nov 20 23:58:10 pbx vsftpd[311]: FAIL LOGIN: Client "198.51.100.7"
            Nov 20 23:58:11 pbx vsftpd[311]: FAIL LOGIN: Client "198.51.100.7"
            Nov 20 23:58:12 pbx vsftpd[311]: FAIL LOGIN: Client "198.51.100.7"
            Nov 20 23:58:13 pbx vsftpd[311]: FAIL LOGIN: Client "198.51.100.7"
            Nov 20 23:58:14 pbx vsftpd[311]: FAIL LOGIN: Client "198.51.100.7"
            # here
            """,
        Good = """
            Nov 20 23:58:10 pbx vsftpd[311]: OK LOGIN: Client "198.51.100.7"
            Nov 20 23:58:11 pbx vsftpd[311]: OK LOGIN: Client "198.51.100.7"
            Nov 20 23:58:12 pbx vsftpd[311]: OK LOGIN: Client "198.51.100.7"
            Nov 20 23:58:13 pbx vsftpd[311]: OK LOGIN: Client "198.51.100.7"
            Nov 20 23:58:14 pbx vsftpd[311]: OK LOGIN: Client "198.51.100.7"
            """,
        Reference = new Uri("https://fail2ban.readthedocs.io/en/latest/filters.html"),
        Kinds = [EventKind.DoorFailed],
        Check = Check,
        ExampleDoor = new Configuration.DoorSettings
        {
            Name = "vsftpd",
            Kind = Configuration.DoorKind.Pattern,
            Patterns = [LinePattern.Read("FAIL LOGIN: Client \"<HOST>\"$").Pattern!],
        },
    };

    private static Claim? Check(in PbxEvent seen, Refusals refusals, Configuration.DetectionSettings settings)
    {
        var count = refusals.Count(seen, settings.Window);
        return count >= settings.Refusals ? new Claim(count, "failures") : null;
    }
}
