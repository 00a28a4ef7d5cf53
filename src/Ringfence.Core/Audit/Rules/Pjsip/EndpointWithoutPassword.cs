using Ringfence.Core.Dialplan;
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
        // 401 once identify_by = ip stood there. "auth =" without a name is the same as none. identify_by = auth_username: the name in an invented Authorization is enough, and 200 was the answer.
        // With endpoint_identifier_order = ip both were answered all the same: what the order does not name is asked last ("pjsip show identifiers").
        Why = "Asterisk takes a request for the endpoint whose name stands in its From, or in Authorization (auth_username), from whatever address (identify_by is username,ip unless it says otherwise; endpoint_identifier_order leaves nothing out). This one has no password, so whoever writes its name calls in its context. An identify section adds an address and takes nothing away.",
        Fix = "A trunk that is known by its address: write identify_by = ip. A phone: give it auth.",
        Bad = """
            [global]
            type = global
            endpoint_identifier_order = ip
            [trunk] ; here
            type = endpoint
            context = from-trunk
            aors = trunk
            [trunk]
            type = identify
            endpoint = trunk
            match = 203.0.113.10
            [gateway] ; here
            type = endpoint
            context = from-trunk
            identify_by = auth_username
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
        if (ModulesConf.LeavesOut(pbx, "res_pjsip_endpoint_identifier_user") || pbx.Pjsip.Of("acl").Any(acl => AccessLists.MayRefuse(pbx, acl)))
        {
            return [];
        }

        return from endpoint in pbx.Pjsip.Endpoints
               where !PjsipPeers.HasAuth(endpoint) && !PjsipPeers.IsAnonymous(endpoint) && PjsipPeers.IdentifiedBy(endpoint).Any(static way => way is "username" or "auth_username") && !AccessLists.MayRefuse(pbx, endpoint)
                   && (peers.IsRegisteredWith(endpoint) || !Plan.SurelyLacks(pbx, endpoint["context"] ?? "default"))
               select Open(pbx, endpoint, peers);
    }

    private static Fault Open(PbxSnapshot pbx, PjsipObject endpoint, PjsipPeers peers)
    {
        var context = ShownValues.Of(pbx).Name(endpoint["context"] ?? "default");
        var isKnownByAddress = peers.IsIdentified(endpoint);

        // FreePBX's own for Digium's phones: dpma-invalid. Where the dialplan was not read its name says that each call is refused.
        var isMeantToBeMissing = !peers.IsRegisteredWith(endpoint) && endpoint["context"] is { } named && named.EndsWith("invalid", StringComparison.OrdinalIgnoreCase) && Plan.Of(pbx)[named] is null;
        return new Fault(endpoint.Place, $"endpoint {Shown.Text(endpoint.Name)}",
            peers.IsRegisteredWith(endpoint) ? $"anybody may register in its name, take its calls and call in context {context}, without a password"
                : $"anybody who writes its name into {(PjsipPeers.IdentifiedBy(endpoint).Contains("username") ? "From" : "Authorization")} calls in context {context} without a password{(isMeantToBeMissing ? ", which by its name is meant to be missing: then each call is refused" : "")}")
        {
            Severity = isMeantToBeMissing ? Severity.Low
                : IsForIncomingCalls(pbx, endpoint, peers) ? Severity.Medium
                : peers.IsRegisteredWith(endpoint) ? null : StrangersContext.Of(pbx, endpoint["context"] ?? "default"),
            Mend = isKnownByAddress ? new Mend("know it by its address alone", ObjectEdit.Set(endpoint, "identify_by", "ip")) : null,
        };
    }

    // Those in which somebody with a password dials, as sets of names are built: byte for byte.
    private sealed record PhonesContexts(HashSet<string> Names);

    // Who dials by way of a trunk's context what everybody may dial from a telephone has won a forged number and a call without a bill, and no way out.
    private static bool IsForIncomingCalls(PbxSnapshot pbx, PjsipObject endpoint, PjsipPeers peers)
    {
        var entries = CallEntries.Of(pbx);
        bool IsTrunk(PjsipObject other) => peers.IsTrunk(other) || (entries.Kind("PJSIP", other.Name) == ExitKind.Trunk && !peers.IsRegisteredWith(other));
        if (!IsTrunk(endpoint))
        {
            return false;
        }

        var context = endpoint["context"] ?? "default";
        var reached = Plan.Of(pbx).Visits(context).Select(static visit => visit.Context.Name).Append(context).ToHashSet(StringComparer.Ordinal);
        return !pbx.Once(_ => new PhonesContexts([.. pbx.Pjsip.Endpoints.Where(other => PjsipPeers.HasAuth(other) && !IsTrunk(other)).Select(static other => other["context"] ?? "default")]))!.Names.Overlaps(reached)
            && entries.Reach(context).Trunks().Count == 0;
    }
}
