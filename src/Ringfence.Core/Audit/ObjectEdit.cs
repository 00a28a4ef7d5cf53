using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit;

/// <summary>Edits of one object of PJSIP: they change its own section, and what it inherits stays as it is for others.</summary>
internal static class ObjectEdit
{
    private const string Wizard = "pjsip_wizard.conf";

    /// <summary>Makes an option have that value. What an object of the wizard calls "context" is written as "endpoint/context" there.</summary>
    public static FileEdit Set(PjsipObject found, string option, string value) =>
        found.Place.File != Wizard ? OptionEdit.Set(found.Section, option, value)
            : found.Find(option) is { IsInherited: false } setting && setting.Place != found.Place ? new ReplaceLine(setting.Place.File, setting.Place.Line, Line(found, option, value))
            : OptionEdit.Add(found.Section, Line(found, option, value));

    /// <summary>As it is written in the object's file.</summary>
    public static string Line(PjsipObject found, string option, string value) => $"{(found.Place.File == Wizard ? WizardPrefix(found.Type) : "")}{option} = {value}";

    /// <summary>Takes the object out of its file; the comments beside it stay.</summary>
    /// <returns>null: it is a part of a section of pjsip_wizard.conf, or stands in several files.</returns>
    public static IReadOnlyList<FileEdit>? Remove(PjsipObject found) =>
        found.Place.File == Wizard || found.Section.Settings.Any(setting => !setting.IsInherited && setting.Place.File != found.Place.File)
            ? null
            : [.. found.Section.Settings.Where(static setting => !setting.IsInherited).Select(static setting => setting.Place).Prepend(found.Place).Distinct().Select(static place => new RemoveLine(place.File, place.Line))];

    private static string WizardPrefix(string type) => type switch
    {
        "endpoint" or "aor" or "registration" or "identify" => type + "/",
        "auth" => "inbound_auth/",
        _ => "",
    };
}
