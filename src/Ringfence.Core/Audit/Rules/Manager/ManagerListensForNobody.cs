using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Manager;

/// <summary>The manager interface listens on the network though its users are all local.</summary>
internal static class ManagerListensForNobody
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1411",
        Name = "manager-listens-for-nobody",
        Severity = Severity.Low,
        Why = "Every user is restricted to this machine, so nobody needs the port from outside, and its parser and its log are open to strangers for nothing.",
        Fix = "Set bindaddr = 127.0.0.1 in [general] and restart Asterisk.",
        ExampleFile = "manager.conf",
        Bad = """
            [general]
            enabled = yes
            bindaddr = 0.0.0.0 ; here
            [panel]
            secret = Pan3l-Very-Long-Secret
            deny = 0.0.0.0/0.0.0.0
            permit = 127.0.0.1/255.255.255.0
            """,
        Good = """
            [general]
            enabled = yes
            bindaddr = 0.0.0.0
            [panel]
            secret = Pan3l-Very-Long-Secret
            deny = 0.0.0.0/0.0.0.0
            permit = 127.0.0.1/255.255.255.0
            permit = 192.0.2.5
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Manager-Interface-AMI/"),
        Topic = AuditTopic.Manager,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var manager = ManagerInterface.Read(pbx);
        return manager is { IsOnNetwork: true, General: { } general } && manager.Users.Count > 0 && manager.Users.All(user => manager.IsLocal(user))
            ? [new Fault(manager.Place, "manager.conf", "listens on the network, and all its users may come from this machine only")
                {
                    Mend = new Mend("listen on this machine only", OptionEdit.Set(general, "bindaddr", "127.0.0.1")),
                }]
            : [];
    }
}
