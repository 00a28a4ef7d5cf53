using System.Runtime.CompilerServices;

namespace Ringfence.Core.Pbx;

/// <summary>One list in force or ready for use, and to what it belongs.</summary>
/// <param name="Subject">"endpoint 1001", "list office of acl.conf".</param>
/// <param name="IsContacts">It is held against what a phone writes into Contact, and its rules are contact_permit and contact_deny.</param>
internal sealed record OwnedAccessList(string Subject, Place Place, AddressRules List, bool IsContacts = false)
{
    /// <summary>A line that shuts out, as the list's own section writes it.</summary>
    public string Deny(string network) => $"{(Place.File == "pjsip_wizard.conf" ? "endpoint/" : "")}{(IsContacts ? "contact_" : "")}deny = {network}";
}

/// <summary>The lists of PJSIP: those of acl.conf, and what stands in endpoints and in sections with type=acl.</summary>
internal static class AccessLists
{
    private static readonly ConditionalWeakTable<ConfigSection, StrongBox<bool>> OfSections = new();

    public static IEnumerable<OwnedAccessList> Named(PbxSnapshot pbx) =>
        from section in pbx.Config("acl.conf").Sections
        where section.Name != "general"
        select new OwnedAccessList($"list {Shown.Text(section.Name)} of acl.conf", section.Place, Of(section));

    /// <summary>Those of acl.conf that an endpoint names.</summary>
    public static IEnumerable<OwnedAccessList> NamedByEndpoints(PbxSnapshot pbx)
    {
        var used = pbx.Pjsip.Endpoints.SelectMany(static endpoint => endpoint.List("acl").Concat(endpoint.List("contact_acl"))).Select(static named => named.Text).ToHashSet(StringComparer.Ordinal);
        return from section in pbx.Config("acl.conf").Sections
               where used.Contains(section.Name)
               select new OwnedAccessList($"list {Shown.Text(section.Name)} of acl.conf", section.Place, Of(section));
    }

    /// <summary>What stands in the objects themselves, contacts' lists too. Objects without any are left out.</summary>
    public static IEnumerable<OwnedAccessList> Inline(PbxSnapshot pbx) =>
        from found in pbx.Pjsip.Endpoints.Concat(pbx.Pjsip.Of("acl"))
        from prefix in (string[])["", "contact_"]
        let list = Inline(found, prefix)
        where list.Rules.Count > 0 || !list.IsWhole
        select new OwnedAccessList($"{found.Type} {Shown.Text(found.Name)}", PlaceOf(found, prefix), list, prefix.Length > 0);

    /// <param name="prefix">"", or "contact_" for the list that contacts are held against.</param>
    public static AddressRules Inline(PjsipObject found, string prefix) =>
        AddressRules.Read(found.Section.Settings.Where(setting => Is(setting, prefix + "permit") || Is(setting, prefix + "deny")));

    /// <returns>Whether requests from some IPv4 addresses are refused for their source; true as well where that is not known.</returns>
    public static bool MayRefuse(PbxSnapshot pbx, PjsipObject found) =>
        Refuses(Inline(found, ""))
        || found.List("acl").Any(named => !pbx.Config("acl.conf").Exists || pbx.Config("acl.conf").Named(named.Text).All(section => Refuses(section)));

    /// <summary>What permit and deny of a section say together.</summary>
    public static AddressRules Of(ConfigSection section) => AddressRules.Read(section.Settings.Where(static setting => Is(setting, "permit") || Is(setting, "deny")));

    // One list of acl.conf serves a thousand endpoints.
    private static bool Refuses(ConfigSection section) => OfSections.GetValue(section, static section => new StrongBox<bool>(Refuses(Of(section)))).Value;

    private static bool Refuses(AddressRules list) => !list.IsWhole || list.RefusesSomebody(isIPv4: true);

    private static Place PlaceOf(PjsipObject found, string prefix) => found.Find(prefix + "permit")?.Place ?? found.PlaceOf(prefix + "deny");

    private static bool Is(ConfigSetting setting, string name) => setting.Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}
