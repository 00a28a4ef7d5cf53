using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Http;

/// <summary>An ARI password that stands in the file as it is.</summary>
internal static class AriPlainPassword
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1452",
        Name = "ari-plain-password",
        Severity = Severity.Low,
        Why = "Whoever reads the file, a backup or a support archive has the password. ARI can keep a hash in its place.",
        Fix = "Set password_format = crypt and put the output of mkpasswd -m sha-512 into password.",
        ExampleFile = "ari.conf",
        Bad = """
            [general]
            enabled = yes
            [app]
            type = user
            password = Ar1-Very-Long-Secret ; here
            """,
        Good = """
            [general]
            enabled = yes
            [app]
            type = user
            password = $6$xyz$notarealhashnotarealhash
            password_format = crypt
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Interfaces/Asterisk-REST-Interface-ARI/Asterisk-Configuration-for-ARI/"),
        Topic = AuditTopic.Http,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from user in HttpInterface.AriUsers(pbx)
        where !string.Equals(user["password_format"], "crypt", StringComparison.OrdinalIgnoreCase)
        select new Fault(user.Find("password")!.Place, $"ARI user {Shown.Text(user.Name)}", "its password stands in the file in clear") { IsSecret = true };
}
