using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>A section with type=acl, which holds for everybody, and was meant for one.</summary>
/// <remarks>res/res_pjsip_acl.c: each such section is asked about every message.</remarks>
internal static class AclForEverybody
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1011",
        Name = "acl-for-everybody",
        Severity = Severity.High,
        // Measured on 22.10.1: with [office-acl] type=acl in pjsip.conf every packet from elsewhere, the provider's too, is answered by 403, and no security event tells of it.
        Why = "A section with type=acl in pjsip.conf is no list for an endpoint to name: it holds for every SIP packet. This one keeps out somebody who is meant to come in, or is named as if it were a list of acl.conf.",
        Fix = "Move the section to acl.conf, without its type, and name it by acl= in the endpoints that it is for.",
        Bad = """
            [1001]
            type = endpoint
            aors = 1001
            [1001]
            type = aor
            contact_acl = office
            [office] ; here
            type = acl
            deny = 0.0.0.0/0.0.0.0
            permit = 192.0.2.0/24
            """,
        Good = """
            [1001]
            type = endpoint
            acl = office
            [everybody]
            type = acl
            deny = 0.0.0.0/0.0.0.0
            permit = 192.0.2.0/24
            permit = 203.0.113.0/24
            [trunk]
            type = identify
            endpoint = trunk
            match = 203.0.113.10
            ;;; acl.conf
            [office]
            deny = 0.0.0.0/0
            permit = 192.0.2.0/24
            """,
        Reference = new Uri("https://docs.asterisk.org/Asterisk_22_Documentation/API_Documentation/Module_Configuration/res_pjsip_acl/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        // An AOR has no such option, but guides write it there. Where an endpoint names it, another rule (global-acl) tells.
        var named = pbx.Pjsip.Aors.SelectMany(static aor => aor.List("acl").Concat(aor.List("contact_acl"))).Select(static list => list.Text).ToHashSet(StringComparer.Ordinal);
        var elsewhere = pbx.Pjsip.Endpoints.SelectMany(static endpoint => endpoint.List("acl").Concat(endpoint.List("contact_acl"))).Select(static list => list.Text).ToHashSet(StringComparer.Ordinal);
        foreach (var acl in pbx.Pjsip.Of("acl"))
        {
            var list = AccessLists.Inline(acl, "");
            if (named.Contains(acl.Name))
            {
                yield return new Fault(acl.Place, $"acl {Shown.Text(acl.Name)}", "it holds for every SIP packet and not for those who name it: everybody else is answered by 403, without an event in the security log")
                {
                    Mend = Moved(pbx, acl),
                };
            }
            else if (list.IsWhole && !elsewhere.Contains(acl.Name) && LockedOut(pbx, list) is { } trunk)
            {
                yield return new Fault(acl.Place, $"acl {Shown.Text(acl.Name)}", $"it holds for every SIP packet and keeps {trunk} out");
            }
        }
    }

    private static string? LockedOut(PbxSnapshot pbx, AddressRules list) =>
        (from identify in pbx.Pjsip.Of("identify")
         from match in identify.List("match")
         where !match.Text.StartsWith('!') && AddressRules.Parse(SipHost.OfMatch(match.Text)) is { } network && !list.Admits(network.First) && !list.Admits(network.Last)
         select $"{Shown.Text(identify["endpoint"] ?? identify.Name)} ({Shown.Text(match.Text)})").FirstOrDefault();

    // Only what stands in the section itself: a template's lines serve others too.
    private static Mend? Moved(PbxSnapshot pbx, PjsipObject acl)
    {
        var own = acl.Section.Settings.Where(static setting => !setting.IsInherited).ToList();
        if (own.Count != acl.Section.Settings.Count || own.Exists(setting => setting.Place.File != acl.Place.File)
            || own.Exists(static setting => setting.Name.ToLowerInvariant() is not ("type" or "permit" or "deny")) || pbx.Config("acl.conf").Named(acl.Name).Any())
        {
            return null;
        }

        List<string> lines = [$"[{acl.Name}]", .. own.Where(static setting => !setting.Name.Equals("type", StringComparison.OrdinalIgnoreCase)).Select(static setting => $"{setting.Name} = {setting.Value}")];
        return new Mend("move it to acl.conf, and name it in the endpoints that it is for",
            [new RemoveLine(acl.Place.File, acl.Place.Line), .. own.Select(static setting => new RemoveLine(setting.Place.File, setting.Place.Line)), new AppendLines("acl.conf", lines),
                .. pbx.Pjsip.Aors.SelectMany(aor => Named(pbx, aor, acl.Name))]);
    }

    // An AOR knows no list: it is its endpoint's.
    private static IEnumerable<FileEdit> Named(PbxSnapshot pbx, PjsipObject aor, string list)
    {
        var settings = aor.Section.Settings.Where(setting => setting.Name.ToLowerInvariant() is "acl" or "contact_acl" && setting.Value == list && !setting.IsInherited).ToList();
        var owners = settings.Count == 0 ? [] : pbx.Pjsip.Endpoints.Where(endpoint => endpoint.List("aors").Any(named => named.Text == aor.Name || aor.Name == named.Text + "-aor")).ToList();
        return owners.Count == 0 ? []
            : settings.Select(static setting => (FileEdit)new RemoveLine(setting.Place.File, setting.Place.Line))
                .Concat(owners.Where(static owner => owner.Find("acl") is null).Select(owner => ObjectEdit.Set(owner, "acl", list)));
    }
}
