using Ringfence.Core.Configuration;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>A section of pjsip.conf whose type Asterisk does not know.</summary>
internal static class UnknownType
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1105",
        Name = "unknown-type",
        Severity = Severity.Medium,
        // Measured on 22.10.1: type=Endpoint, type=peer, type="aor" and an empty type give no object and no line in the log.
        Why = "No module reads a section of that type, and Asterisk says nothing about it. The type must be written just so, in lower case and without quotes.",
        Fix = "Write the type that was meant: endpoint, aor, auth, transport, identify, registration, acl, global, system... What chan_sip called peer or friend is an endpoint, an aor and an auth here.",
        Bad = """
            [1001]
            type = Endpoint ; here
            context = from-internal
            [1002]
            type = friend ; here
            secret = Xk9-mP2vL8-qR5w
            """,
        Good = """
            [1001]
            type = endpoint
            context = from-internal
            [phone](!)
            type = something
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Channel-Drivers/SIP/Configuring-res_pjsip/PJSIP-Configuration-Sections-and-Relationships/"),
        Topic = AuditTopic.Options,
        NeedsOptions = true,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from section in pbx.Pjsip.Strangers
        where pbx.Options.IsKnown
        let type = PjsipConfig.TypeOf(section)
        where type is not null
        select new Fault(type.Place, $"section {Shown.Text(section.Name)}", Text(pbx, type.Value));

    private static string Text(PbxSnapshot pbx, string type)
    {
        var near = NearestName.Of(type.Trim('"'), pbx.Options.Objects(PjsipSource.UsualFile).Select(static kind => kind.Kind));
        return $"{(type.Length == 0 ? "the type is empty" : $"there is no type {Shown.Text(type)}")}: Asterisk passes over the section{(near is null ? "" : $"; did you mean {near}?")}";
    }
}
