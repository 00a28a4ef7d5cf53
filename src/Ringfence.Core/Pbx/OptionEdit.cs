namespace Ringfence.Core.Pbx;

/// <summary>Edits that give an option a value.</summary>
internal static class OptionEdit
{
    /// <returns>The option's own line with the value, or a new one under the section's head where it has none or only inherits it.</returns>
    public static FileEdit Set(ConfigSection section, string name, string value) => section.Find(name) is { IsInherited: false } found
        ? new ReplaceLine(found.Place.File, found.Place.Line, $"{found.Name} = {value}")
        : Add(section, $"{name} = {value}");

    /// <returns>A line above all others of the section.</returns>
    public static FileEdit Add(ConfigSection section, string line) => new InsertLines(section.Place.File, section.Place.Line, [line]);
}
