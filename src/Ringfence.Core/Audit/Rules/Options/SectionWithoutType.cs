using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>A section of pjsip.conf that does not say what it is.</summary>
internal static class SectionWithoutType
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1106",
        Name = "section-without-type",
        Severity = Severity.Medium,
        Why = "Without a type a section of pjsip.conf is nothing to Asterisk, which says nothing about it. Only [global] and [system] may lack one.",
        Fix = "Add the type, or mark the section as a template with (!) if others inherit from it.",
        Bad = """
            [1001] ; here
            context = from-internal
            aors = 1001
            """,
        Good = """
            [global]
            user_agent = pbx
            [phone](!)
            context = from-internal
            [1001](phone)
            type = endpoint
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Channel-Drivers/SIP/Configuring-res_pjsip/PJSIP-Configuration-Sections-and-Relationships/"),
        Topic = AuditTopic.Options,
        Check = Check,
    };

    // Empty sections are headings to people.
    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from section in pbx.Pjsip.Strangers
        where section.Settings.Count > 0 && PjsipConfig.TypeOf(section) is null && !pbx.Options.Objects(PjsipSource.UsualFile).Any(kind => kind.FixedName == section.Name)
        select new Fault(section.Place, $"section {Shown.Text(section.Name)}", "there is no type in the section: Asterisk passes over it");
}
