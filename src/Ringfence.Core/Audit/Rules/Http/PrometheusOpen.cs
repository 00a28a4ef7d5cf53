using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Http;

/// <summary>Metrics for everybody.</summary>
internal static class PrometheusOpen
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1457",
        Name = "prometheus-open",
        Severity = Severity.Low,
        Why = "The metrics tell the names of endpoints and trunks, how many calls there are and which version runs.",
        Fix = "Set auth_username and auth_password, or bindaddr = 127.0.0.1 in http.conf.",
        ExampleFile = "prometheus.conf",
        Bad = """
            [general]
            enabled = yes ; here
            ;;; http.conf
            [general]
            enabled = yes
            bindaddr = 0.0.0.0
            """,
        Good = """
            [general]
            enabled = yes
            auth_username = collector
            auth_password = C0llector-Very-Long-Secret
            ;;; http.conf
            [general]
            enabled = yes
            bindaddr = 0.0.0.0
            """,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Module_Configuration/res_prometheus/"),
        Topic = AuditTopic.Http,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var isOnNetwork = HttpInterface.Read(pbx).IsOnNetwork && !HttpInterface.IsRestricted(pbx, "metrics");
        return from general in pbx.Config("prometheus.conf").Named("general")
               let enabled = general.Find("enabled")
               where isOnNetwork && enabled is not null && AsteriskBool.IsTrue(enabled.Value) && string.IsNullOrEmpty(general["auth_username"])
               select new Fault(enabled.Place, "prometheus.conf", "metrics are open to the network without a password");
    }
}
