using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Manager;

/// <summary>A permit that a later deny takes back.</summary>
internal static class ManagerDenyLast
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1403",
        Name = "manager-deny-last",
        Severity = Severity.Low,
        // Measured on 22.10.1.
        Why = "The last line that covers an address counts: a deny of everything below the permit lines refuses them too.",
        Fix = "Put the deny of everything above the permit lines.",
        ExampleFile = "manager.conf",
        Bad = """
            [general]
            enabled = yes
            [remote]
            secret = R3mote-Very-Long-Secret
            permit = 192.0.2.5/255.255.255.255
            deny = 0.0.0.0/0.0.0.0 ; here
            """,
        Good = """
            [general]
            enabled = yes
            [remote]
            secret = R3mote-Very-Long-Secret
            deny = 0.0.0.0/0.0.0.0
            permit = 192.0.2.5/255.255.255.255
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Manager-Interface-AMI/"),
        Topic = AuditTopic.Manager,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from user in ManagerInterface.Read(pbx).Users
        where user.Access is not null
        let lines = user.Section.Settings.Where(static setting => setting.Name.ToLowerInvariant() is "permit" or "deny").ToList()
        let last = lines.FindLastIndex(static line => line.Name.Equals("deny", StringComparison.OrdinalIgnoreCase) && line.Value is "0.0.0.0/0.0.0.0" or "0.0.0.0/0")
        where last > 0 && last == lines.Count - 1 && lines.Take(last).Any(static line => line.Name.Equals("permit", StringComparison.OrdinalIgnoreCase) && line.Value.Contains('.', StringComparison.Ordinal))
        select new Fault(lines[last].Place, user.Subject, "refuses the permits above it as well: nobody can log in over IPv4");
}
