using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>A section of pjsip.conf with two types.</summary>
internal static class LaterType
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1107",
        Name = "later-type",
        Severity = Severity.Medium,
        // Measured on 22.10.1: [x] with type=auth and then type=endpoint was tried as an auth, and refused for its context.
        Why = "The first type of a section counts, the template's before the section's own. A later one changes nothing, and the options that it was written for make Asterisk refuse the object.",
        Fix = "Leave one type. A phone's endpoint, aor and auth are three sections, which may have the same name; a template for several kinds has no type.",
        Bad = """
            [account](!)
            type = auth
            [1001](account)
            type = endpoint ; here
            """,
        Good = """
            [account](!)
            type = auth
            [1001](account)
            type = auth
            username = 1001
            password = Xk9-mP2vL8-qR5w
            [1001]
            type = endpoint
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Channel-Drivers/SIP/Configuring-res_pjsip/PJSIP-Configuration-Sections-and-Relationships/"),
        Topic = AuditTopic.Options,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from section in pbx.Config(PjsipSource.UsualFile).Sections
        let first = PjsipConfig.TypeOf(section)
        where first is not null
        let other = section.All("type").FirstOrDefault(type => type.Value != first.Value)
        where other is not null
        select new Fault(other.Place, $"section {Shown.Text(section.Name)}", $"the type is {ShownValues.Of(pbx).Name(first.Value)} since {first.Place}: {ShownValues.Of(pbx).Name(other.Value)} here changes nothing");
}
