using Ringfence.Core.Catalogue;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>An option of another kind of object.</summary>
internal static class MisplacedOption
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1101",
        Name = "misplaced-option",
        Severity = Severity.High,
        // Measured on 22.10.1: contact_acl in an aor: the aor is lost, and its phone's REGISTER is answered with 404.
        Why = "The option exists, but not in this kind of object. Asterisk refuses the whole object for it, so neither the option nor anything else of the object is in force.",
        Fix = "Move the line to an object of the kind that has the option. Access lists (acl, contact_acl, permit, deny) belong to the endpoint, not to its aor or auth.",
        Bad = """
            [1001]
            type = endpoint
            aors = 1001
            [1001]
            type = aor
            max_contacts = 1
            contact_acl = office ; here
            [1001-auth]
            type = auth
            username = 1001
            password = Xk9-mP2vL8-qR5w
            max_contacts = 1 ; here
            """,
        Good = """
            [1001]
            type = endpoint
            aors = 1001
            contact_acl = office
            [1001]
            type = aor
            max_contacts = 1
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Channel-Drivers/SIP/Configuring-res_pjsip/PJSIP-Configuration-Sections-and-Relationships/"),
        Topic = AuditTopic.Options,
        NeedsOptions = true,
        Check = Check,
    };

    private static readonly string[] AccessLists = ["acl", "contact_acl", "permit", "deny", "contact_permit", "contact_deny"];

    /// <summary>The kinds of the same file that have the option, by their own name for it.</summary>
    public static IEnumerable<string> Owners(OptionCatalogue options, JudgedSetting wrong) =>
        wrong.Section.Kind.Reading == OptionReading.Plain ? []
            : options.Objects(wrong.Section.Kind.File).Where(kind => kind.Lists(wrong.Setting.Name)).Select(static kind => kind.Kind);

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) => SettingFaults.PerLine(
        from wrong in pbx.RemarkableSettings
        where wrong.Option is null && wrong.Section.Kind.IsComplete && Owners(pbx.Options, wrong).Any()
        select wrong,
        wrong => new Fault(wrong.Setting.Place, wrong.Section.Name,
            $"{Shown.Text(wrong.Setting.Name)} is an option of {string.Join(", ", Named(Owners(pbx.Options, wrong)))} and not of {wrong.Section.Kind.Kind}: {wrong.Section.WhatIsLost}")
        {
            Mend = Moved(pbx, wrong),
        });

    // An acl object holds for every packet: whoever wrote a list into an aor means the endpoint.
    private static IEnumerable<string> Named(IEnumerable<string> owners) => owners.Where(static owner => owner != "acl").DefaultIfEmpty("acl");

    // An access list is moved to the endpoint whose aor or auth it stood in, where there is but one. To take any other line away would let in whom the refused object keeps out.
    private static Mend Moved(PbxSnapshot pbx, JudgedSetting wrong)
    {
        var setting = wrong.Setting;
        var users = pbx.Pjsip.Naming("endpoint", wrong.Section.Kind.Kind == "aor" ? "aors" : "auth", wrong.Section.Section.Name).ToList();
        return wrong.Section is { IsFromWizard: false, Kind.Kind: "aor" or "auth" } && !setting.IsInherited && AccessLists.Contains(setting.Name, StringComparer.OrdinalIgnoreCase)
            && users is [{ IsFromWizard: false } endpoint]
            ? new Mend($"move the line to endpoint {Shown.Text(endpoint.Name)}",
                new RemoveLine(setting.Place.File, setting.Place.Line), new InsertLines(endpoint.Place.File, endpoint.Place.Line, [$"{setting.Name} = {setting.Value}"]))
            : new Mend("write the line where it belongs, and remove it here");
    }
}
