using Ringfence.Core.Events;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Detection.Rules;

/// <summary>Connections to the manager interface in which nobody logs in.</summary>
internal static class FutileConnections
{
    // A load balancer looks every two seconds whether the port is open, a monitor every minute.
    private const int Enough = 20;

    private static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    public static readonly DetectionRule Rule = new()
    {
        Id = "RF2021",
        Name = "futile-connections",
        Severity = Severity.Medium,
        Why = "Somebody keeps connecting to the manager interface (AMI) and does not log in (20 times in half a minute): he tries commands without a login, or takes the places of those who have one (authlimit). Asterisk logs none of it; the wire shows it.",
        Fix = "Nothing, if it is a stranger; let bindaddr in manager.conf be 127.0.0.1 if nobody needs the port from outside. If it is a monitor of yours: let it look less often, or trust its address.",
        Bad = """
            ami 2026-11-20 12:00:00.000 198.51.100.7 19
            ami 2026-11-20 12:00:10.000 198.51.100.7 1
            # here
            """,
        Good = """
            ami 2026-11-20 12:00:00.000 198.51.100.7 20 login
            ami 2026-11-20 12:01:00.000 198.51.100.7 19
            ami 2026-11-20 12:02:00.000 198.51.100.7 1
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Manager-Interface-AMI/"),
        Kinds = [EventKind.LoginOmitted],
        Check = Check,
    };

    private static Claim? Check(in PbxEvent seen, Refusals refusals, Configuration.DetectionSettings settings)
    {
        var count = refusals.Count(seen, Within);
        return count >= Enough ? new Claim(count, "connections to the manager interface without a login", Within: Within) : null;
    }
}
