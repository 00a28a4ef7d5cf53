using Ringfence.Core.Audit.Rules.Options;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>An endpoint named anonymous.</summary>
internal static class AnonymousCalls
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1001",
        Name = "anonymous-calls",
        Severity = Severity.High,
        Why = "An endpoint named anonymous takes every call that no other endpoint claims, without a password and without a line in any log. Whatever its context reaches, the whole internet reaches.",
        Fix = "Remove the endpoint. pjsip.conf has no allow_guest: without an endpoint of that name guests are refused. If you want calls from strangers, give it a context of its own that holds nothing but the extension they may ring.",
        Bad = """
            [anonymous] ; here
            type = endpoint
            context = from-internal
            disallow = all
            allow = ulaw
            """,
        Good = """
            [lobby]
            type = endpoint
            context = lobby
            disallow = all
            allow = ulaw
            auth = lobby
            [lobby]
            type = auth
            username = lobby
            password = Xk9-mP2vL8-qR5w-77aZ
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Channel-Drivers/SIP/Configuring-res_pjsip/Configuring-Endpoint-Identification/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from endpoint in ModulesConf.LeavesOut(pbx, "res_pjsip_endpoint_identifier_anonymous") || pbx.Pjsip.Of("acl").Any(acl => AccessLists.MayRefuse(pbx, acl)) ? [] : pbx.Pjsip.Endpoints
        where PjsipPeers.IsAnonymous(endpoint)
        select new Fault(endpoint.Place, $"endpoint {Shown.Text(endpoint.Name)}", $"calls of strangers go to context {ShownValues.Of(pbx).Name(endpoint["context"] ?? "default")} without a password")
        {
            Severity = StrangersContext.Of(pbx, endpoint["context"] ?? "default"),
            // Whether strangers are wanted there only people know. What FreePBX writes is mended in its own settings.
            Mend = GeneratedFiles.Of(pbx, "pjsip.conf").Contains(endpoint.Place.File)
                ? new Mend("in FreePBX: Settings > Asterisk SIP Settings > Allow Anonymous Inbound SIP Calls: No, and Allow SIP Guests: No; then Apply Config")
                : new Mend("remove the endpoint, unless you want calls from strangers", [.. ObjectEdit.Remove(endpoint) ?? []]) { NeedsConsent = true },
        };
}
