using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>A phone with a password whose AOR takes no registration.</summary>
/// <remarks>res/res_pjsip_registrar.c; res/res_pjsip/location.c: max_contacts is 0 unless it is given.</remarks>
internal static class AorTakesNoContacts
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1015",
        Name = "aor-takes-no-contacts",
        Severity = Severity.Low,
        // Measured on 22.10.1: REGISTER with the right password: 403, "AOR '1002' has no configured max_contacts".
        Why = "max_contacts is 0 unless it is given: the phone logs in with the right password, is answered by 403, and is a failed login in the logs each time it tries; fail2ban bans it.",
        Fix = "Write max_contacts = 1 and remove_existing = yes into the AOR.",
        Bad = """
            [1001]
            type = endpoint
            auth = 1001
            aors = 1001
            [1001] ; here
            type = aor
            """,
        Good = """
            [1001]
            type = endpoint
            auth = 1001
            aors = 1001
            [1001]
            type = aor
            max_contacts = 1
            [trunk]
            type = endpoint
            auth = trunk
            aors = trunk
            [trunk]
            type = aor
            contact = sip:203.0.113.10
            """,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Module_Configuration/res_pjsip/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from endpoint in pbx.Pjsip.Endpoints
        where PjsipPeers.HasAuth(endpoint)
        from named in endpoint.List("aors")
        let aor = pbx.Pjsip.Find("aor", named.Text)
        where aor is not null && PjsipPeers.MaxContacts(aor) == 0 && aor.Find("contact") is null
        select new Fault(aor.PlaceOf("max_contacts"), $"aor {Shown.Text(aor.Name)}", "nobody can register: it takes no contacts and has none of its own")
        {
            Mend = Opens(pbx, aor) ? null : new Mend("let one phone register", ObjectEdit.Set(aor, "max_contacts", "1"), new InsertLines(aor.Place.File, aor.Place.Line, [aor.Place.File == "pjsip_wizard.conf" ? "aor/remove_existing = yes" : "remove_existing = yes"])),
        };

    // With outbound_auth whoever registers gets a digest of that password (RF1013); and no phone of another name finds the AOR, but whoever knows its name does (RF1014).
    private static bool Opens(PbxSnapshot pbx, PjsipObject aor) =>
        pbx.Pjsip.Naming("endpoint", "aors", aor.Name).Any(endpoint => endpoint["outbound_auth"] is { Length: > 0 } || endpoint.Name != aor.Name);
}
