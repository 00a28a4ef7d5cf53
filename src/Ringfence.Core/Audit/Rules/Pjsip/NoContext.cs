using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>An endpoint without a context.</summary>
/// <remarks>res/res_pjsip/pjsip_configuration.c: the default is "default".</remarks>
internal static class NoContext
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1023",
        Name = "no-context",
        Severity = Severity.Low,
        Why = "Without context an endpoint dials in the context named default, which samples and guides fill with whatever they show, and where strangers' calls go too (anonymous, chan_sip, IAX2).",
        Fix = "Name the context that it is meant to dial in.",
        Bad = """
            [1001] ; here
            type = endpoint
            auth = 1001
            """,
        Good = """
            [1001]
            type = endpoint
            auth = 1001
            context = phones
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Important-Security-Considerations/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from endpoint in pbx.Pjsip.Endpoints
        where string.IsNullOrEmpty(endpoint["context"])
        select new Fault(endpoint.PlaceOf("context"), $"endpoint {Shown.Text(endpoint.Name)}", "it dials in the context default, which nobody chose");
}
