using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Manager;

/// <summary>Phones of users.conf are users of the manager interface.</summary>
internal static class ManagerOfPhones
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1412",
        Name = "manager-of-phones",
        Severity = Severity.High,
        // main/manager.c: readperm and writeperm begin as -1 for these, which is every class.
        Why = "With hasmanager = yes each phone logs in to the manager interface with its own secret, and without a read and a write of its own it may do everything, run programs included.",
        Fix = "Remove hasmanager from users.conf, and write the users that programs need into manager.conf.",
        ExampleFile = "users.conf",
        Bad = """
            [general]
            hasmanager = yes
            [6000] ; here
            secret = Ph0ne-Very-Long-Secret
            ;;; manager.conf
            [general]
            enabled = yes
            """,
        Good = """
            [general]
            hasmanager = no
            [6000]
            secret = Ph0ne-Very-Long-Secret
            ;;; manager.conf
            [general]
            enabled = yes
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Manager-Interface-AMI/"),
        Topic = AuditTopic.Manager,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var manager = ManagerInterface.Read(pbx);
        var general = pbx.Config("users.conf").First("general");
        return from user in pbx.Config("users.conf").Sections
               where manager.IsEnabled && !user.Name.Equals("general", StringComparison.OrdinalIgnoreCase)
               where AsteriskBool.IsTrue(user["hasmanager"] ?? general?["hasmanager"]) && !string.IsNullOrEmpty(user["secret"] ?? general?["secret"])
               where manager.Users.All(own => own.Section.Name != user.Name)
               let write = user["write"] ?? general?["write"]
               select new Fault(user.Place, $"user {Shown.Text(user.Name)}", $"may log in to the manager interface with the phone's secret{(write is null ? " and do everything there" : "")}");
    }
}
