using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>Accounts of IAX2 that users.conf makes.</summary>
internal static class IaxOfUsers
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1121",
        Name = "iax-of-users",
        Severity = Severity.Low,
        Why = "hasiax in users.conf makes an account of IAX2 that stands in no iax.conf, where people look for it. In [general] it does so for every user.",
        Fix = "Write the accounts that are needed into iax.conf, with access lists of their own, and remove users.conf. Later versions of Asterisk do not read it.",
        Bad = """
            ;;; users.conf
            [general]
            hasiax = no
            [6001]
            secret = Xk9-mP2vL8-qR5w
            hasiax = yes ; here
            """,
        Good = """
            ;;; users.conf
            [general]
            hasiax = no
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

    // channels/chan_iax2.c, set_config: the user's own value, else that of [general].
    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var users = pbx.Config("users.conf");
        return from user in users.Sections
               where user.Name != "general" && pbx.Version.Major < FirstWithout
               let setting = user.Find("hasiax") ?? users.First("general")?.Find("hasiax")
               where setting is not null && AsteriskBool.IsTrue(setting.Value)
               select new Fault(setting.Place, $"user {Shown.Text(user.Name)}", $"hasiax makes an account of IAX2 for {Shown.Text(user.Name)}");
    }
}
