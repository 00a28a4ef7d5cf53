using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit;

/// <summary>Edits of one section: they change the section itself, and what it inherits stays as it is for others.</summary>
internal static class SectionEdit
{
    private const string Wizard = "pjsip_wizard.conf";

    /// <summary>Makes an option have that value.</summary>
    public static FileEdit Set(PjsipObject found, string option, string value) =>
        Set(found.Section, found.Place.File == Wizard ? $"{WizardPrefix(found.Type)}{option}" : option, value, option);

    /// <inheritdoc cref="Set(PjsipObject, string, string)"/>
    public static FileEdit Set(ConfigSection section, string option, string value) => Set(section, option, value, option);

    /// <summary>Takes the object out of its file; the comments beside it stay.</summary>
    /// <returns>null: it is a part of a section of pjsip_wizard.conf, or stands in several files.</returns>
    public static IReadOnlyList<FileEdit>? Remove(PjsipObject found) =>
        found.Place.File == Wizard || found.Section.Settings.Any(setting => !setting.IsInherited && setting.Place.File != found.Place.File)
            ? null
            : [.. found.Section.Settings.Where(static setting => !setting.IsInherited).Select(static setting => setting.Place).Prepend(found.Place).Distinct().Select(static place => new RemoveLine(place.File, place.Line))];

    // What an object of the wizard calls "context" is written as "endpoint/context".
    private static FileEdit Set(ConfigSection section, string written, string value, string option) =>
        section.Find(option) is { IsInherited: false } setting
            ? new ReplaceLine(setting.Place.File, setting.Place.Line, $"{written} = {value}")
            : new InsertLines(section.Place.File, section.Place.Line, [$"{written} = {value}"]);

    private static string WizardPrefix(string type) => type switch
    {
        "endpoint" or "aor" or "registration" or "identify" => type + "/",
        "auth" => "inbound_auth/",
        _ => "",
    };
}
