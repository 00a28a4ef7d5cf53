using Ringfence.Core.Audit.Rules.Dialplan;
using Ringfence.Core.Audit.Rules.Pjsip;
using Ringfence.Core.Dialplan;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>An object names another one that is not there.</summary>
internal static class MissingReference
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1110",
        Name = "missing-reference",
        Severity = Severity.Medium,
        // Measured on 22.10.1: an endpoint with auth= of a missing auth loads, and each request is refused ("Couldn't find auth"); aors= of a missing aor: REGISTER gets 404.
        Why = "The object that is named does not exist, so the phone can't log in, can't register, or calls leave by nothing. It fails closed, but somebody will try to cure it by loosening something else.",
        Fix = "Correct the name, or add the object. A phone registers with the aor that has its endpoint's or its user's name.",
        Bad = """
            [t-udp]
            type = transport
            bind = 0.0.0.0
            [1001]
            type = endpoint
            auth = 1001 ; here
            aors = 1001 ; here
            transport = t-tls ; here
            [phone-aor]
            type = aor
            [provider]
            type = identify
            endpoint = provider ; here
            match = 203.0.113.10
            [provider-reg]
            type = registration
            server_uri = sip:203.0.113.10
            client_uri = sip:100@203.0.113.10
            outbound_auth = provider-auth ; here
            [1002]
            type = endpoint
            context = internall ; here
            [1003]
            type = endpoint
            context = internal
            ;;; extensions.conf
            [internal]
            exten => _XXXX,1,Dial(PJSIP/${FILTER(0-9,${EXTEN})})
            """,
        Good = """
            [t-udp]
            type = transport
            bind = 0.0.0.0
            [1001]
            type = endpoint
            auth = old
            auth = 1001
            aors = 1001
            transport = t-udp
            [1001]
            type = auth
            username = 1001
            password = Xk9-mP2vL8-qR5w
            [1001]
            type = aor
            ;;; pjsip_wizard.conf
            [2001]
            type = wizard
            accepts_auth = yes
            inbound_auth/username = 2001
            inbound_auth/password = Xk9-mP2vL8-qR5x
            accepts_registrations = yes
            [doorbell]
            type = endpoint
            context = no-calls-invalid
            [1004]
            type = endpoint
            context = parkedcalls
            ;;; extensions.conf
            [from-internal]
            exten => _XXXX,1,Dial(PJSIP/${FILTER(0-9,${EXTEN})})
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Channel-Drivers/SIP/Configuring-res_pjsip/PJSIP-Configuration-Sections-and-Relationships/"),
        Topic = AuditTopic.Options,
        Check = Check,
    };

    private static readonly (string Type, string Option, string Wanted, string Text)[] References =
    [
        ("endpoint", "auth", "auth", "nobody can log in"),
        ("endpoint", "outbound_auth", "auth", "calls that the peer challenges fail"),
        ("endpoint", "aors", "aor", "nobody can register with it, and it can't be called there"),
        ("endpoint", "transport", "transport", "calls to it fail"),
        ("identify", "endpoint", "endpoint", "the peer's calls are refused"),
        ("registration", "outbound_auth", "auth", "the registration fails"),
        ("registration", "transport", "transport", "the registration fails"),
        ("registration", "endpoint", "endpoint", "calls by its line are refused"),
        ("outbound-publish", "outbound_auth", "auth", "publishing fails"),
        ("outbound-publish", "transport", "transport", "publishing fails"),
    ];

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) => Objects(pbx).Concat(Contexts(pbx));

    private static IEnumerable<Fault> Objects(PbxSnapshot pbx) =>
        from reference in References
        where pbx.Pjsip.IsWhole(reference.Wanted)
        from found in pbx.Pjsip.Of(reference.Type)
        from named in Names(found, reference.Option)
        where pbx.Pjsip.Find(reference.Wanted, named.Text) is null && !(reference.Option == "aors" && AorOfOtherName.Meant(pbx, found) is not null) && !(reference.Option == "transport" && PjsipPeers.IsAnonymous(found)) // nobody calls it
        select new Fault(named.Place, $"{found.Type} {Shown.Text(found.Name)}", $"{reference.Option} names {Shown.Text(named.Text)}, and there is no {reference.Wanted} of that name: {reference.Text}");

    // Measured on 22.10.1: the endpoint loads without a word, and each call gets 404 ("extension not found in context"). A name may say that just this is meant.
    private static IEnumerable<Fault> Contexts(PbxSnapshot pbx) =>
        from endpoint in pbx.Pjsip.Endpoints
        let named = endpoint.Find("context")
        where named is { Value.Length: > 0 } && IsNowhere(pbx, named.Value) && !Array.Exists(MeantToRefuse, word => named.Value.Contains(word, StringComparison.OrdinalIgnoreCase))
        select new Fault(named.Place, $"endpoint {Shown.Text(endpoint.Name)}", $"context names {ShownValues.Of(pbx).Name(named.Value)}, and the dialplan has no context of that name: each of its calls is refused");

    private static readonly string[] MeantToRefuse = ["invalid", "none", "nowhere", "blackhole", "dummy", "unused", "reject", "refuse", "deny", "block", "disabled", "missing", "null", "void"];

    // What a program or another file may add to the dialplan is not known to be missing.
    private static bool IsNowhere(PbxSnapshot pbx, string context) =>
        Plan.SurelyLacks(pbx, context) && CallEntries.Of(pbx).IsWhole && !MadeContexts.Contains(pbx, context) && Plan.Of(pbx).Contexts.Count > 0;

    private static IEnumerable<(string Text, Place Place)> Names(PjsipObject found, string option) => option is "transport" or "endpoint"
        ? found.Find(option) is { Value.Length: > 0 } one ? [(one.Value, one.Place)] : []
        : found.List(option);
}
