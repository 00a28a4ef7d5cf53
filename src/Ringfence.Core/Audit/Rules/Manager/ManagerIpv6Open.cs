using System.Net.Sockets;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Manager;

/// <summary>A manager user that is closed over IPv4 and open over IPv6.</summary>
internal static class ManagerIpv6Open
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1402",
        Name = "manager-ipv6-open",
        Severity = Severity.High,
        // Measured on 22.10.1: with deny = 0.0.0.0/0.0.0.0 and a permit, ::1 logged in and 127.0.0.1 did not.
        Why = "deny = 0.0.0.0/0.0.0.0 says nothing about IPv6, and the interface listens there too: without a bindaddr Asterisk binds to [::].",
        Fix = "Add deny = ::/0 to the user, or bind to an IPv4 address.",
        ExampleFile = "manager.conf",
        Bad = """
            [general]
            enabled = yes
            [remote] ; here
            secret = R3mote-Very-Long-Secret
            deny = 0.0.0.0/0.0.0.0
            permit = 192.0.2.5/255.255.255.255
            read = call
            """,
        Good = """
            [general]
            enabled = yes
            [remote]
            secret = R3mote-Very-Long-Secret
            deny = 0.0.0.0/0.0.0.0
            deny = ::/0
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
               where manager.TakesIPv6 && user.HasSecret
               where user.Access is { } access && !access.AllowsStrangers(AddressFamily.InterNetwork) && access.AllowsStrangers(AddressFamily.InterNetworkV6)
               select new Fault(user.Section.Place, user.Subject, "every IPv6 address may log in: only IPv4 is denied, and the interface listens on both")
               {
                   Mend = new Mend("deny IPv6 too", OptionEdit.Add(user.Section, "deny = ::/0")),
               };
    }
}
