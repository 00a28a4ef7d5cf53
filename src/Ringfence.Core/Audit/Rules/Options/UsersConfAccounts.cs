using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>Accounts that users.conf makes in other modules.</summary>
internal static class UsersConfAccounts
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1121",
        Name = "users-conf-accounts",
        Severity = Severity.Low,
        Why = "hasmanager and hasiax in users.conf make accounts of the manager interface and of IAX2 that stand in no manager.conf and no iax.conf, where people look for them. In [general] they do so for every user.",
        Fix = "Write the accounts that are needed into manager.conf and iax.conf, with their own access lists, and remove users.conf. Later versions of Asterisk do not read it.",
        Bad = """
            ;;; users.conf
            [general]
            hasiax = no
            [6001]
            secret = Xk9-mP2vL8-qR5w
            hasmanager = yes ; here
            """,
        Good = """
            ;;; users.conf
            [general]
            hasmanager = no
            [6001]
            secret = Xk9-mP2vL8-qR5w
            hasvoicemail = yes
            """,
        Reference = new Uri("https://docs.asterisk.org/Development/Asterisk-Module-Deprecations/"),
        Topic = AuditTopic.Options,
        Check = Check,
    };

    /// <summary>The first version that does not read users.conf.</summary>
    private const int FirstWithout = 23;

    // main/manager.c, __init_manager; channels/chan_iax2.c, set_config: the user's own value, else that of [general].
    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var users = pbx.Config("users.conf");
        var general = users.Named("general").FirstOrDefault();
        return from user in users.Sections
               where user.Name != "general" && pbx.Version.Major < FirstWithout
               from option in (string[])["hasmanager", "hasiax"]
               let setting = user.Find(option) ?? general?.Find(option)
               where setting is not null && AsteriskBool.IsTrue(setting.Value)
               select new Fault(setting.Place, $"user {Shown.Text(user.Name)}", $"{setting.Name} makes an account of {(option == "hasiax" ? "IAX2" : "the manager interface")} for {Shown.Text(user.Name)}");
    }
}
