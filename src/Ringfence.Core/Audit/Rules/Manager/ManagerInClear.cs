using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Manager;

/// <summary>Passwords of the manager interface cross the network unencrypted.</summary>
internal static class ManagerInClear
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1409",
        Name = "manager-in-clear",
        Severity = Severity.Medium,
        Why = "The login, each call and each variable can be read on the way, and a connection can be taken over.",
        Fix = "Bind the interface to 127.0.0.1 and let remote programs come through an SSH or WireGuard tunnel; or set tlsenable = yes with tlsbindaddr, and bindaddr = 127.0.0.1 for the port without TLS.",
        ExampleFile = "manager.conf",
        Bad = """
            [general]
            enabled = yes
            bindaddr = 0.0.0.0 ; here
            [remote]
            secret = R3mote-Very-Long-Secret
            deny = 0.0.0.0/0.0.0.0
            permit = 192.0.2.5/255.255.255.255
            read = call
            """,
        Good = """
            [general]
            enabled = yes
            bindaddr = 127.0.0.1
            tlsenable = yes
            tlsbindaddr = 192.0.2.1:5039
            tlscertfile = /etc/asterisk/keys/ami.pem
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
        var remote = manager.Users.Where(user => user.HasSecret && user.Access is not null && !manager.IsLocal(user)).ToList();
        return manager.IsOnNetwork && remote.Count > 0
            ? [new Fault(manager.Place, "manager.conf", $"{Users(remote)} may log in over the network, where the password can be read")]
            : [];
    }

    private static string Users(List<ManagerUser> users) =>
        string.Join(", ", users.Take(3).Select(static user => Shown.Text(user.Section.Name, 40))) + (users.Count > 3 ? $" and {users.Count - 3} more" : "");
}
