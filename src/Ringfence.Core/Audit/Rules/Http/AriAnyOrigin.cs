using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Http;

/// <summary>Any web page may use ARI in the browser of somebody who is logged in.</summary>
internal static class AriAnyOrigin
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1451",
        Name = "ari-any-origin",
        Severity = Severity.Medium,
        // res/res_ari.c, process_cors_request: the page's origin is echoed, with Access-Control-Allow-Credentials: true.
        Why = "With allowed_origins = * ARI answers every page with leave to send its requests with the stored password: a page that an administrator visits can start calls.",
        Fix = "Name the origins of your own application, such as https://pbx.example.com.",
        ExampleFile = "ari.conf",
        Bad = """
            [general]
            enabled = yes
            allowed_origins = * ; here
            [app]
            type = user
            password = Ar1-Very-Long-Secret
            ;;; http.conf
            [general]
            enabled = yes
            bindaddr = 127.0.0.1
            """,
        Good = """
            [general]
            enabled = yes
            allowed_origins = https://pbx.example.com
            [app]
            type = user
            password = Ar1-Very-Long-Secret
            ;;; http.conf
            [general]
            enabled = yes
            bindaddr = 127.0.0.1
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Interfaces/Asterisk-REST-Interface-ARI/Asterisk-Configuration-for-ARI/"),
        Topic = AuditTopic.Http,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        HttpInterface.Read(pbx).General is { } http && AsteriskBool.IsTrue(http["enabled"]) && HttpInterface.AriUsers(pbx).Any()
            ? from general in pbx.Config("ari.conf").Named("general")
              let origins = general.Find("allowed_origins")
              where origins is not null && origins.Value.Split(',', StringSplitOptions.TrimEntries).Contains("*")
              select new Fault(origins.Place, "ari.conf", "pages of every origin may send requests with the password that the browser holds")
            : [];
}
