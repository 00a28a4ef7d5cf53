using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Manager;

/// <summary>A manager user who hears every key that callers press.</summary>
internal static class ManagerHearsDigits
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1406",
        Name = "manager-hears-digits",
        Severity = Severity.Low,
        Why = "The class dtmf tells each digit of each call: voicemail PINs, calling PINs, card numbers.",
        Fix = "List the classes that its program needs in read, without all and dtmf.",
        ExampleFile = "manager.conf",
        Bad = """
            [general]
            enabled = yes
            [panel]
            secret = Pan3l-Very-Long-Secret
            deny = 0.0.0.0/0.0.0.0
            deny = ::/0
            permit = 127.0.0.1
            read = all ; here
            """,
        Good = """
            [general]
            enabled = yes
            [panel]
            secret = Pan3l-Very-Long-Secret
            deny = 0.0.0.0/0.0.0.0
            deny = ::/0
            permit = 127.0.0.1
            read = call,reporting
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Manager-Interface-AMI/"),
        Topic = AuditTopic.Manager,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var manager = ManagerInterface.Read(pbx);
        return from user in manager.Users
               where manager.IsEnabled && user.HasSecret && user.Has("read", "dtmf")
               select new Fault(user.Section.Find("read")!.Place, user.Subject, "hears each key that a caller presses, PINs included");
    }
}
