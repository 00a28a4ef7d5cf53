using System.Net.Sockets;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Manager;

/// <summary>A manager user whose list of addresses keeps nobody out.</summary>
internal static class ManagerPermitOnly
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1401",
        Name = "manager-permit-only",
        Severity = Severity.High,
        // Measured on 22.10.1: permit = 203.0.113.9 alone let 127.0.0.1 log in; a named list that holds a permit alone does so too.
        Why = "An address that no line of the list names is allowed: a permit without a deny before it restricts nothing, and the last line that covers an address counts.",
        Fix = "Write deny = 0.0.0.0/0.0.0.0 and deny = ::/0 above the permit lines.",
        ExampleFile = "manager.conf",
        Bad = """
            [general]
            enabled = yes
            bindaddr = 0.0.0.0
            [remote] ; here
            secret = R3mote-Very-Long-Secret
            permit = 192.0.2.5/255.255.255.255
            read = call
            """,
        Good = """
            [general]
            enabled = yes
            bindaddr = 0.0.0.0
            [remote]
            secret = R3mote-Very-Long-Secret
            deny = 0.0.0.0/0.0.0.0
            permit = 192.0.2.5/255.255.255.255
            read = call
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Manager-Interface-AMI/"),
        Topic = AuditTopic.Manager,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var manager = ManagerInterface.Read(pbx);
        return from user in manager.Users
               where manager.IsOnNetwork && user.HasSecret && (user.Section.Find("permit") ?? user.Section.Find("deny") ?? user.Section.Find("acl")) is not null
               where user.Access is { } access && access.AllowsStrangers(AddressFamily.InterNetwork) && !AccessList.Missing(user.Section, pbx).Any()
               select new Fault(user.Section.Place, user.Subject, "its list of addresses lets in every IPv4 address that it doesn't name")
               {
                   Mend = user.Section.Find("deny") is null && user.Section.Find("acl") is null
                       ? new Mend("deny everybody first", OptionEdit.Add(user.Section, "deny = ::/0"), OptionEdit.Add(user.Section, "deny = 0.0.0.0/0.0.0.0"))
                       : null,
               };
    }
}
