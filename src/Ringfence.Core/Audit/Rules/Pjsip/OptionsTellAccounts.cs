using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>OPTIONS that tell which accounts there are.</summary>
/// <remarks>res/res_pjsip.c, ast_sip_requires_authentication.</remarks>
internal static class OptionsTellAccounts
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1019",
        Name = "options-tell-accounts",
        Severity = Severity.Medium,
        // Measured on 22.10.1: OPTIONS in the name of such an endpoint: 404; in the name of one without the option, and of one that does not exist: 401.
        Why = "An OPTIONS request in this endpoint's name is answered without a challenge, one in the name of an account that does not exist is challenged: a scanner reads off which accounts there are, and guesses the passwords of those.",
        Fix = "Leave allow_unauthenticated_options at no. A monitor that asks can log in, or be known by its address.",
        Bad = """
            [1001]
            type = endpoint
            auth = 1001
            allow_unauthenticated_options = yes ; here
            """,
        Good = """
            [1001]
            type = endpoint
            auth = 1001
            allow_unauthenticated_options = no
            [trunk]
            type = endpoint
            allow_unauthenticated_options = yes
            """,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Module_Configuration/res_pjsip/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from endpoint in pbx.Pjsip.Endpoints
        let setting = endpoint.Find("allow_unauthenticated_options")
        where setting is not null && AsteriskBool.IsTrue(setting.Value) && PjsipPeers.HasAuth(endpoint)
        select new Fault(setting.Place, $"endpoint {Shown.Text(endpoint.Name)}", "OPTIONS without a password tell that this account exists")
        {
            Mend = new Mend("have every request challenged", new ReplaceLine(setting.Place.File, setting.Place.Line, $"{(setting.Place.File == "pjsip_wizard.conf" ? "endpoint/" : "")}allow_unauthenticated_options = no")),
        };
}
