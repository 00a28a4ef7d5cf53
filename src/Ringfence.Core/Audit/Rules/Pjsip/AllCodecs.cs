using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>An endpoint that offers every codec.</summary>
internal static class AllCodecs
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1018",
        Name = "all-codecs",
        Severity = Severity.Low,
        Why = "Each codec is code that reads what strangers send, and all of them are loaded and offered, video and those that nobody uses too. Decoders were the way in of several of Asterisk's advisories.",
        Fix = "Write the codecs that the phones use: allow = ulaw,alaw or allow = alaw,g722.",
        Bad = """
            [1001]
            type = endpoint
            disallow = all
            allow = all ; here
            """,
        Good = """
            [1001]
            type = endpoint
            disallow = all
            allow = ulaw,alaw,opus
            [1002]
            type = endpoint
            allow = all
            allow = !all,ulaw
            """,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Module_Configuration/res_pjsip/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from endpoint in pbx.Pjsip.Endpoints
        let last = endpoint.Section.Settings.Where(static setting => setting.Name.ToLowerInvariant() is "allow" or "disallow").LastOrDefault(static setting => Words(setting).Any(static word => word is "all" or "!all"))
        where last is not null && last.Name.Equals("allow", StringComparison.OrdinalIgnoreCase) && Words(last).Last(static word => word is "all" or "!all") == "all"
        select new Fault(last.Place, $"endpoint {Shown.Text(endpoint.Name)}", "every codec is offered");

    private static string[] Words(ConfigSetting setting) => setting.Value.ToLowerInvariant().Split(',', StringSplitOptions.TrimEntries);
}
