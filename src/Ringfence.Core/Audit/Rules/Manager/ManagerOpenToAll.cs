using System.Net;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Manager;

/// <summary>A user of the manager interface without a list of addresses, on an interface that is bound to the network.</summary>
internal static class ManagerOpenToAll
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1400",
        Name = "manager-open-to-all",
        Severity = Severity.High,
        Why = "The manager interface takes this user's password from any address, in clear. Whoever has it can call out, read every call and often run commands.",
        Fix = "Bind the interface to 127.0.0.1, or give the user deny = 0.0.0.0/0.0.0.0, deny = ::/0 and a permit for each machine that needs it.",
        ExampleFile = "manager.conf",
        Bad = """
            [general]
            enabled = yes
            bindaddr = 0.0.0.0
            [remote] ; here
            secret = R3mote-Very-Long-Secret
            read = call
            """,
        Good = """
            [general]
            enabled = yes
            bindaddr = 0.0.0.0
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
        var config = pbx.Config("manager.conf");
        string? General(string key) => config.Named("general").Select(section => section[key]).LastOrDefault(static value => value is not null);

        // Without a bindaddr it listens on all IPv4 addresses (main/manager.c).
        if (!AsteriskBool.IsTrue(General("enabled")) || (IPAddress.TryParse(General("bindaddr"), out var bound) && IPAddress.IsLoopback(bound)))
        {
            return [];
        }

        return from user in config.Sections
               where user.Name != "general" && user["secret"] is not null && user.Find("deny") is null && user.Find("permit") is null && user.Find("acl") is null
               select new Fault(user.Place, $"manager user {Shown.Text(user.Name)}", "may log in from every address: it has neither deny nor permit nor acl");
    }
}
