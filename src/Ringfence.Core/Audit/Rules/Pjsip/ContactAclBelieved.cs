using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>An endpoint whose only list of addresses is held against what the phone writes into Contact.</summary>
/// <remarks>res/res_pjsip/pjsip_distributor.c, apply_endpoint_contact_acl.</remarks>
internal static class ContactAclBelieved
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1007",
        Name = "contact-acl-believed",
        Severity = Severity.Medium,
        // Measured on 22.10.1: an endpoint with contact_deny and contact_permit refused 198.51.100.7 as long as it wrote its own address into Contact;
        // with <sip:x@192.0.2.9> there it registered and called.
        Why = "contact_acl, contact_permit and contact_deny are held against the address in the Contact header, which the sender writes as he likes. Whoever has the password gets past such a list by writing an address that it permits.",
        Fix = "Use acl, permit and deny, which are held against the address that the packet came from.",
        Bad = """
            [1001]
            type = endpoint
            auth = 1001
            contact_acl = office ; here
            """,
        Good = """
            [1001]
            type = endpoint
            auth = 1001
            contact_acl = office
            acl = office
            """,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Module_Configuration/res_pjsip/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static readonly string[] Options = ["contact_acl", "contact_permit", "contact_deny"];

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from endpoint in pbx.Pjsip.Endpoints
        let settings = Options.SelectMany(option => endpoint.Section.All(option)).ToList()
        where settings.Count > 0 && endpoint.Find("acl") is null && endpoint.Find("permit") is null && endpoint.Find("deny") is null
        select new Fault(settings[0].Place, $"endpoint {Shown.Text(endpoint.Name)}", "its only list is held against the Contact header, in which the sender writes what he likes")
        {
            Mend = new Mend("hold the same list against the sender's address", [.. settings.Select(static setting => Renamed(setting))]),
        };

    private static ReplaceLine Renamed(ConfigSetting setting) =>
        new ReplaceLine(setting.Place.File, setting.Place.Line, $"{(setting.Place.File == "pjsip_wizard.conf" ? "endpoint/" : "")}{setting.Name["contact_".Length..]} = {setting.Value}");
}
