using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Manager;

/// <summary>A manager user who can run programs.</summary>
internal static class ManagerShell
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1405",
        Name = "manager-shell",
        Severity = Severity.Medium,
        Why = "Whoever has the password of this user has a shell as the user that Asterisk runs as, and every password in its files.",
        Fix = "Give write only the classes that its program needs. Without command, config and system it can call (originate) and not run programs: system adds extensions that do (DialplanExtensionAdd).",
        ExampleFile = "manager.conf",
        Bad = """
            [general]
            enabled = yes
            bindaddr = 127.0.0.1
            [dialer]
            secret = D1aler-Very-Long-Secret
            deny = 0.0.0.0/0.0.0.0
            permit = 127.0.0.1
            write = system,call,originate ; here
            """,
        Good = """
            [general]
            enabled = yes
            bindaddr = 127.0.0.1
            [dialer]
            secret = D1aler-Very-Long-Secret
            deny = 0.0.0.0/0.0.0.0
            permit = 127.0.0.1
            write = call,originate
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Manager-Interface-AMI/"),
        Topic = AuditTopic.Manager,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var manager = ManagerInterface.Read(pbx);
        return from user in manager.Users
               where manager.IsEnabled && user.HasSecret
               let shell = user.ShellBy
               where shell is not null
               let isNear = !manager.IsOnNetwork || manager.IsLocal(user)
               select new Fault(user.Section.Find("write")!.Place, user.Subject, $"can run programs on this machine: write has {shell}{(isNear ? "" : ", and it may log in over the network")}")
               {
                   Severity = isNear ? Severity.Low : null,
               };
    }
}
