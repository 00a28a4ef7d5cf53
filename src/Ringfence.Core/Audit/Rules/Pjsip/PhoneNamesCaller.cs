using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>A phone whose word on who calls is believed.</summary>
/// <remarks>res/res_pjsip.c, ast_sip_set_id_from_invite: P-Asserted-Identity and Remote-Party-ID count before callerid.</remarks>
internal static class PhoneNamesCaller
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1021",
        Name = "phone-names-caller",
        Severity = Severity.Medium,
        // Measured on 22.10.1: callerid = Six <1006>, P-Asserted-Identity: <sip:5551234@pbx>: the channel's caller ID was 5551234.
        Why = "With trust_id_inbound a phone's P-Asserted-Identity or Remote-Party-ID is the caller's number, before what callerid says: with a stolen password one calls as anybody, to colleagues, to the voice mailbox, and often to the world.",
        Fix = "Leave trust_id_inbound at no for phones; it is for providers and proxies that checked who calls.",
        Bad = """
            [1001]
            type = endpoint
            auth = 1001
            aors = 1001
            trust_id_inbound = yes ; here
            [1001]
            type = aor
            max_contacts = 1
            """,
        Good = """
            [trunk]
            type = endpoint
            aors = trunk
            trust_id_inbound = yes
            [trunk]
            type = aor
            contact = sip:203.0.113.10
            [1001]
            type = endpoint
            auth = 1001
            aors = 1001
            [1001]
            type = aor
            max_contacts = 1
            """,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Module_Configuration/res_pjsip/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var peers = PjsipPeers.Of(pbx);
        bool IsBelieved(PjsipObject endpoint) => AsteriskBool.IsTrue(endpoint["trust_id_inbound"]) && peers.IsPhone(endpoint);
        var edit = new SharedEdit(pbx.Pjsip.Endpoints.Where(endpoint => !IsBelieved(endpoint)), "trust_id_inbound", "trust_id_inbound");
        return from endpoint in pbx.Pjsip.Endpoints
               where IsBelieved(endpoint)
               select new Fault(endpoint.PlaceOf("trust_id_inbound"), $"endpoint {Shown.Text(endpoint.Name)}", "the phone says who calls, and is believed")
               {
                   // A gateway with many lines behind it looks like a phone, and needs it.
                   Mend = new Mend("do not believe phones, unless it is a gateway that passes on calls of others", edit.Set(endpoint, "no")) { NeedsConsent = true },
               };
    }
}
