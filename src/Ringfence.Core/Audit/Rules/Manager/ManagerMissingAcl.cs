using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Manager;

/// <summary>A manager user names an access list that is not there.</summary>
internal static class ManagerMissingAcl
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1404",
        Name = "manager-missing-acl",
        Severity = Severity.High,
        // Measured on 22.10.1, both: "the ACL configuration isn't available" and the login was accepted; "Rejecting '::1' due to use of an invalid ACL 'missing'".
        Why = "Where there is no acl.conf the name keeps nobody out; where there is one that lacks the name, Asterisk refuses every login of this user.",
        Fix = "Write the section into acl.conf (deny first, then permit), or put deny and permit into the user itself.",
        ExampleFile = "manager.conf",
        Bad = """
            [general]
            enabled = yes
            [remote]
            secret = R3mote-Very-Long-Secret
            acl = office ; here
            """,
        Good = """
            [general]
            enabled = yes
            [remote]
            secret = R3mote-Very-Long-Secret
            acl = office
            ;;; acl.conf
            [office]
            deny = 0.0.0.0/0.0.0.0
            deny = ::/0
            permit = 192.0.2.0/24
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Core-Configuration/Named-ACLs/"),
        Topic = AuditTopic.Manager,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var isOpen = !pbx.Config("acl.conf").Exists || AclConf.IsRefused(pbx);
        return from user in ManagerInterface.Read(pbx).Users
               from missing in AccessList.Missing(user.Section, pbx)
               select new Fault(
                   missing.Setting.Place, user.Subject,
                   $"acl names {Shown.Text(missing.Name)}, which is not there: {(isOpen ? "without an acl.conf that Asterisk takes it keeps nobody out" : "nobody can log in")}")
               {
                   Severity = isOpen ? null : Severity.Low,
               };
    }
}
