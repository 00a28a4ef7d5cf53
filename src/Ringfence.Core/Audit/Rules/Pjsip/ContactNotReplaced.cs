using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>An AOR for one phone that does not let the phone come back from another address or port.</summary>
/// <remarks>res/res_pjsip_registrar.c.</remarks>
internal static class ContactNotReplaced
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1016",
        Name = "contact-not-replaced",
        Severity = Severity.Low,
        // Measured on 22.10.1: max_contacts=1, the same phone from another port: 403, FailedACL registrar_attempt_exceeds_maximum_configured_contacts, which fail2ban's filter matches.
        Why = "A phone that comes back with another address or port (a new connection over TCP or TLS, a NAT, a reboot) is refused until its old contact expires. Asterisk logs that as an access list's refusal, so fail2ban bans the phone.",
        Fix = "Write remove_existing = yes: the new contact takes the place of the old one.",
        Bad = """
            [1001]
            type = aor
            max_contacts = 1 ; here
            """,
        Good = """
            [1001]
            type = aor
            max_contacts = 1
            remove_existing = yes
            [1002]
            type = aor
            max_contacts = 3
            """,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Module_Configuration/res_pjsip/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    // remove_unavailable=yes makes room only once a qualify has failed, and alone it counts for nothing without qualify_frequency; who sets it thought of this.
    private static bool Refuses(PjsipObject aor) => PjsipPeers.MaxContacts(aor) == 1 && !AsteriskBool.IsTrue(aor["remove_existing"]) && !AsteriskBool.IsTrue(aor["remove_unavailable"]);

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var edit = new SharedEdit(pbx.Pjsip.Aors.Where(static aor => !Refuses(aor)), "remove_existing", "max_contacts");
        return from aor in pbx.Pjsip.Aors
               where Refuses(aor)
               select new Fault(aor.PlaceOf("max_contacts"), $"aor {Shown.Text(aor.Name)}", "a phone that comes back with another address or port is refused, and banned for it")
               {
                   Mend = new Mend("let a new contact take the old one's place", edit.Set(aor, "yes")),
               };
    }
}
