using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>An AOR that takes many more phones than a person has.</summary>
internal static class ManyContacts
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1017",
        Name = "many-contacts",
        Severity = Severity.Low,
        Why = "Whoever has the password registers beside the phones that belong there, and rings with every call, without anybody noticing. Where there is room for as many phones as there are, a stranger's shows: one of yours is gone.",
        Fix = "Set max_contacts to the number of phones of this account.",
        Bad = """
            [1001]
            type = aor
            max_contacts = 100 ; here
            """,
        Good = """
            [1001]
            type = aor
            max_contacts = 5
            """,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Module_Configuration/res_pjsip/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    // Desk phone, softphone, mobile, door, DECT base: ten is generous.
    private const uint Most = 10;

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from aor in pbx.Pjsip.Aors
        where PjsipPeers.MaxContacts(aor) > Most
        select new Fault(aor.PlaceOf("max_contacts"), $"aor {Shown.Text(aor.Name)}", $"{PjsipPeers.MaxContacts(aor)} phones may be registered at once: a stranger's would not show");
}
