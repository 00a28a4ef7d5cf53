using Ringfence.Core.Catalogue;

namespace Ringfence.Core.Pbx;

/// <summary>An object of PJSIP: an endpoint, AOR, auth, transport, identify, registration...</summary>
/// <param name="Type">As sorcery compares it, in lower case: "endpoint".</param>
/// <param name="Section">Where it was written; of one that pjsip_wizard.conf makes, what the wizard makes of its section.</param>
/// <param name="Kind">What the version says of such objects; null: it is not in the catalogue.</param>
internal sealed record PjsipObject(string Type, string Name, ConfigSection Section, OptionObject? Kind = null)
{
    // main/config_options.c and the handlers in res_pjsip: each value of these adds to those before it. Of all others the last counts.
    private static readonly string[] Accumulating =
        ["allow", "disallow", "permit", "deny", "acl", "contact_permit", "contact_deny", "contact_acl", "match", "contact", "local_net", "set_var", "list_item"];

    /// <summary>pjsip_wizard.conf made it.</summary>
    public bool IsFromWizard { get; init; }

    public Place Place => Section.Place;

    /// <summary>The value that counts where an option is given more than once; null: it is not given, and the version's default holds.</summary>
    public string? this[string option] => Section[option];

    /// <summary>The value in force: what is given, or the version's default; null: not given, and the default is not known.</summary>
    public string? Value(string option) => Section[option] ?? Kind?.Find(option)?.Default;

    public ConfigSetting? Find(string option) => Section.Find(option);

    /// <summary>The place of an option, or of the object where the option is not given.</summary>
    public Place PlaceOf(string option) => Section.Find(option)?.Place ?? Section.Place;

    /// <summary>Every setting of an option that counts: all where they add up, else the last.</summary>
    public IEnumerable<ConfigSetting> All(string option) =>
        Accumulating.Contains(option, StringComparer.OrdinalIgnoreCase) ? Section.All(option) : Section.Find(option) is { } last ? [last] : [];

    /// <summary>The parts of every value that counts of a list such as <c>auth=a,b</c>, blanks around them removed.</summary>
    public IEnumerable<(string Text, Place Place)> List(string option) => All(option)
        .SelectMany(setting => setting.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(part => (part, setting.Place)));
}
