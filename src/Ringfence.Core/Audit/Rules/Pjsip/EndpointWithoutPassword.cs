using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>An endpoint without a password that everybody may claim to be.</summary>
/// <remarks>res/res_pjsip_endpoint_identifier_user.c; res/res_pjsip/pjsip_distributor.c.</remarks>
internal static class EndpointWithoutPassword
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1006",
        Name = "endpoint-without-password",
        Severity = Severity.High,
        // Measured on 22.10.1: a trunk that an identify section ties to 203.0.113.10, without auth: INVITE from 198.51.100.7 with <sip:trunk-ip@...> in From was answered by the dialplan,
        // 401 once identify_by = ip stood there. "auth =" without a name is the same as none.
        Why = "Asterisk takes a request for the endpoint whose name stands in its From, from whatever address (identify_by is username,ip unless it says otherwise). This one has no password, so whoever writes its name calls in its context. An identify section adds an address and takes nothing away.",
        Fix = "A trunk that is known by its address: write identify_by = ip. A phone: give it auth.",
        Bad = """
            [trunk] ; here
            type = endpoint
            context = from-trunk
            aors = trunk
            [trunk]
            type = identify
            endpoint = trunk
            match = 203.0.113.10
            """,
        Good = """
            [trunk]
            type = endpoint
            context = from-trunk
            aors = trunk
            identify_by = ip
            [trunk]
            type = identify
            endpoint = trunk
            match = 203.0.113.10
            [1001]
            type = endpoint
            auth = 1001
            [1002]
            type = endpoint
            deny = 0.0.0.0/0
            permit = 192.0.2.0/24
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Channel-Drivers/SIP/Configuring-res_pjsip/Configuring-Endpoint-Identification/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var peers = PjsipPeers.Of(pbx);
        if (!PjsipPeers.Order(pbx).Contains("username") || pbx.Pjsip.Of("acl").Any(acl => AccessLists.MayRefuse(pbx, acl)))
        {
            return [];
        }

        return from endpoint in pbx.Pjsip.Endpoints
               where !PjsipPeers.HasAuth(endpoint) && !PjsipPeers.IsAnonymous(endpoint) && PjsipPeers.IdentifiedBy(endpoint).Contains("username") && !AccessLists.MayRefuse(pbx, endpoint)
               select Open(endpoint, peers);
    }

    private static Fault Open(PjsipObject endpoint, PjsipPeers peers)
    {
        var context = Shown.Text(endpoint["context"] ?? "default");
        var isKnownByAddress = peers.IsIdentified(endpoint);
        return new Fault(endpoint.Place, $"endpoint {Shown.Text(endpoint.Name)}",
            peers.IsRegisteredWith(endpoint) ? $"anybody may register in its name, take its calls and call in context {context}, without a password"
                : $"anybody who writes its name into From calls in context {context} without a password")
        {
            Severity = isKnownByAddress ? null : Severity.Critical,
            Mend = isKnownByAddress ? new Mend("know it by its address alone", ObjectEdit.Set(endpoint, "identify_by", "ip")) : null,
        };
    }
}
