using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>An acl object of pjsip.conf, which somebody takes for a list that endpoints can name.</summary>
internal static class GlobalAcl
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1112",
        Name = "global-acl",
        Severity = Severity.Medium,
        // Measured on 22.10.1: with [office-acl] type=acl every packet from elsewhere got 403, the provider's too, and acl=office-acl in an endpoint let everybody in.
        Why = "A section with type = acl in pjsip.conf holds for every packet of SIP, the provider's and the phones' at home too, and refuses without a security event. Endpoints can't name it: their acl is looked up in acl.conf alone.",
        Fix = "For single endpoints write the list into acl.conf and name it with acl, or write permit and deny into the endpoint. Keep type = acl only for what may talk SIP to this PBX at all.",
        Bad = """
            [office-acl] ; here
            type = acl
            deny = 0.0.0.0/0
            permit = 192.0.2.0/24
            [1001]
            type = endpoint
            acl = office-acl
            """,
        Good = """
            [anyone-who-may]
            type = acl
            deny = 0.0.0.0/0
            permit = 192.0.2.0/24
            [1001]
            type = endpoint
            acl = office
            ;;; acl.conf
            [office]
            deny = 0.0.0.0/0
            permit = 192.0.2.0/24
            """,
        Reference = new Uri("https://docs.asterisk.org/Latest_API/API_Documentation/Module_Configuration/res_pjsip_acl/"),
        Topic = AuditTopic.Options,
        Check = Check,
    };

    // One that nobody names may be meant to hold for all. A guide names it in an aor, which has no such option: meant is the endpoint all the same.
    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var named = Named(pbx);
        return from acl in pbx.Pjsip.Of("acl")
               where named.Contains(acl.Name)
               select new Fault(acl.Place, $"acl {Shown.Text(acl.Name)}", "it is named as an access list, but type = acl holds for every packet and for nobody by name")
               {
                   Mend = Moved(pbx, acl),
               };
    }

    /// <summary>What objects name as access lists.</summary>
    public static IReadOnlySet<string> Named(PbxSnapshot pbx) =>
        pbx.Pjsip.All.Where(static found => found.Type != "acl").SelectMany(static found => found.List("acl").Concat(found.List("contact_acl"))).Select(static name => name.Text)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);

    // Only where all of it stands in one section of its own, and acl.conf can take it.
    private static Mend? Moved(PbxSnapshot pbx, PjsipObject acl)
    {
        var settings = acl.Section.Settings;
        var file = pbx.Config("acl.conf");
        var isPlain = settings.All(setting => !setting.IsInherited && setting.Place.File == acl.Place.File && setting.Name.ToLowerInvariant() is "type" or "permit" or "deny");
        return isPlain && !file.Named(acl.Name).Any() && file.Problems.Count == 0
            ? new Mend("move the list to acl.conf",
            [
                new AppendLines("acl.conf", [$"[{acl.Name}]", .. settings.Where(static setting => !setting.Name.Equals("type", StringComparison.OrdinalIgnoreCase)).Select(static setting => $"{setting.Name} = {setting.Value}")]),
                new RemoveLine(acl.Place.File, acl.Place.Line),
                .. settings.Select(static setting => new RemoveLine(setting.Place.File, setting.Place.Line)),
            ])
            : null;
    }
}
