using Ringfence.Core.Events;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>Encryption is meant, and SIP in clear is taken all the same.</summary>
internal static class ClearBesideTls
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1042",
        Name = "clear-beside-tls",
        Severity = Severity.High,
        // Measured on 22.10.1: endpoint with transport=transport-tls, media_encryption=sdes, media_encryption_optimistic=no: REGISTER over UDP 200, INVITE over UDP with the key of the call in its SDP 200.
        Why = "transport and media_encryption of an endpoint force nothing on how a phone speaks: as long as a transport over UDP or TCP is there, Asterisk takes its logins and calls in clear, and with SDES the key of the encrypted call stands in them for everybody on the way.",
        Fix = "Remove the transports in clear, or bind them to 127.0.0.1. Where a provider or older phones need one, let the firewall open its port to them alone, and allow this finding at that transport with a comment (; ringfence: allow clear-beside-tls).",
        Bad = """
            [udp] ; here
            type = transport
            protocol = udp
            bind = 0.0.0.0:5060
            [tls]
            type = transport
            protocol = tls
            bind = 0.0.0.0:5061
            cert_file = /etc/asterisk/keys/pbx.crt
            priv_key_file = /etc/asterisk/keys/pbx.key
            method = sslv23
            [1001]
            type = endpoint
            auth = 1001
            transport = tls
            media_encryption = sdes
            """,
        Good = """
            [tls]
            type = transport
            protocol = tls
            bind = 0.0.0.0:5061
            cert_file = /etc/asterisk/keys/pbx.crt
            priv_key_file = /etc/asterisk/keys/pbx.key
            method = sslv23
            [local]
            type = transport
            protocol = udp
            bind = 127.0.0.1:5060
            [1001]
            type = endpoint
            auth = 1001
            transport = tls
            media_encryption = sdes
            """,
        Reference = new Uri("https://docs.asterisk.org/Deployment/Secure-Calling/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        // A browser speaks WebSockets alone, whatever else is there: nothing of it goes in clear over UDP.
        var phones = pbx.Pjsip.Endpoints.Where(endpoint => !AsteriskBool.IsTrue(endpoint["webrtc"]) && Protocol(pbx, endpoint) is not ("ws" or "wss")).ToList();
        var meant = phones.Where(endpoint => IsSdes(endpoint) || Protocol(pbx, endpoint) == "tls").ToList();
        if (meant.Count == 0 || !PjsipTls.Transports(pbx).Any())
        {
            return [];
        }

        // Whoever else uses them would lose them: a program can't know whether it may.
        var others = phones.Count > meant.Count || pbx.Pjsip.Of("registration").Count > 0 || !pbx.Pjsip.IsWhole("endpoint");
        return from transport in pbx.Pjsip.Transports
               where PjsipTls.IsClear(transport) && !PrivateNetworks.IsLoopback(transport["bind"])
               select new Fault(transport.Place, $"transport {Shown.Text(transport.Name)}",
                   $"{Shown.Text(meant[0].Name)}{(meant.Count > 1 ? $" and {meant.Count - 1} more" : "")} may log in and call over it in clear, though {(IsSdes(meant[0]) ? "calls are encrypted with a key that SIP carries" : "TLS is meant")}")
               {
                   // Where lists let these phones in from networks of the house alone, whoever listens sits in it.
                   Severity = meant.TrueForAll(endpoint => IsOfHouse(pbx, endpoint, transport)) ? Severity.Low : others ? Severity.Medium : null,
                   // Phones that speak it now would be cut off: when, people decide.
                   Mend = others ? null : new Mend("remove the transport, once no phone speaks it any more (pjsip show contacts)", [.. ObjectEdit.Remove(transport) ?? []]) { NeedsConsent = true },
               };
    }

    /// <returns>null: it names no transport that is there.</returns>
    private static string? Protocol(PbxSnapshot pbx, PjsipObject endpoint) => endpoint["transport"] is { } name && pbx.Pjsip.Find("transport", name) is { } transport ? PjsipTls.Protocol(transport) : null;

    // Each list must let in; a single one of private networks is enough.
    private static bool IsOfHouse(PbxSnapshot pbx, PjsipObject endpoint, PjsipObject transport) =>
        AccessLists.Inline(endpoint, "") is { Rules.Count: > 0 } own && IsPrivate(own, transport)
        || endpoint.List("acl").Any(named => pbx.Config("acl.conf").Named(named.Text).ToList() is { Count: > 0 } sections && sections.TrueForAll(section => IsPrivate(AccessLists.Of(section), transport)));

    private static bool IsPrivate(AddressRules rules, PjsipObject transport) =>
        rules.IsWhole && rules.RefusesSomebody(isIPv4: true) && !rules.Admits(Outside) && !(transport["bind"]?.Contains(':', StringComparison.Ordinal) is true && SipHost.OfMatch(transport["bind"]!).Contains(':', StringComparison.Ordinal) && rules.Admits(OutsideV6)) && rules.Rules.Where(static rule => rule.Permits).All(static rule => PrivateNetworks.Contains(rule.Network.ToString()!));

    // Whom no rule fits is let in.
    private static readonly Address Outside = Address.Parse("192.0.2.1")!.Value;
    private static readonly Address OutsideV6 = Address.Parse("2001:db8::1")!.Value;

    private static bool IsSdes(PjsipObject endpoint) => string.Equals(endpoint["media_encryption"], "sdes", StringComparison.OrdinalIgnoreCase);
}
