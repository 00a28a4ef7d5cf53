using Ringfence.Core.Pbx;

namespace Ringfence.Core.Configuration;

/// <summary>Sets keys of one section in the text of a ringfence.conf, and leaves every other line as its owner wrote it.</summary>
internal static class ConfigEdit
{
    /// <summary>What is there of these keys is replaced where it stands; what is not, commented out or in no such section, is added.</summary>
    /// <param name="text">The whole file; its includes are not looked at.</param>
    /// <param name="section">"hep".</param>
    /// <returns>The whole file.</returns>
    public static string Set(string text, string section, IReadOnlyList<(string Key, string Value)> settings)
    {
        var lines = text.Split('\n').ToList();
        var header = lines.FindIndex(line => IsHeader(line, section));
        if (header < 0)
        {
            return $"{text.TrimEnd('\n')}{(text.Length == 0 ? "" : "\n\n")}[{section}]\n{string.Concat(settings.Select(setting => $"{Line(setting)}\n"))}";
        }

        var end = lines.FindIndex(header + 1, static line => line.TrimStart().StartsWith('['));
        end = end < 0 ? lines.Count : end;
        foreach (var setting in settings)
        {
            end += Place(lines, header, end, setting);
        }

        return string.Join('\n', lines);
    }

    // Returns by how many lines the section grows.
    private static int Place(List<string> lines, int header, int end, (string Key, string Value) setting)
    {
        // The last one counts, as for the reader; one that is commented out is where init left room for it.
        var at = lines.FindLastIndex(end - 1, end - header - 1, line => IsOf(line, setting.Key));
        at = at >= 0 ? at : lines.FindLastIndex(end - 1, end - header - 1, line => line.TrimStart() is [';', .. var rest] && IsOf(rest, setting.Key));
        if (at >= 0)
        {
            lines[at] = Line(setting);
            return 0;
        }

        // Behind the last line that says something: the empty ones belong to the next section.
        var last = lines.FindLastIndex(end - 1, end - header, static line => line.Trim().Length > 0);
        lines.Insert(last + 1, Line(setting));
        return 1;
    }

    private static bool IsHeader(string line, string section)
    {
        var text = line.Trim();
        return text.StartsWith('[') && text.IndexOf(']', StringComparison.Ordinal) is > 0 and var close && text[1..close].Trim().Equals(section, StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsOf(string line, string key)
    {
        var text = line.TrimStart();
        return text.StartsWith(key, StringComparison.OrdinalIgnoreCase) && text[key.Length..].TrimStart().StartsWith('=');
    }

    // A path or a password with a line end or a semicolon in it must not become another key.
    private static string Line((string Key, string Value) setting) =>
        $"{setting.Key} = {Shown.Text(setting.Value, 4_096).Replace(";", "\\;", StringComparison.Ordinal)}";
}
