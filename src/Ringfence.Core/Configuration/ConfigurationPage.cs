using System.Text;

namespace Ringfence.Core.Configuration;

/// <summary>What people read about ringfence.conf, made from <see cref="ConfigKeys"/>: a test keeps the files in the tree equal to it.</summary>
internal static class ConfigurationPage
{
    /// <summary>The text of docs/configuration.md.</summary>
    public static string Markdown()
    {
        var page = new StringBuilder();
        page.Append("""
            # ringfence.conf

            `/etc/ringfence/ringfence.conf` has Asterisk's own syntax: sections, `key = value`, comments behind `;` (a semicolon in a value is `\;`), block
            comments `;-- --;`, `#include`, templates. `#exec` is refused. Every key may be left out: with an empty file `ringfence guard` does what suits a
            small office. `ringfence init` writes a file that fits the machine.

            Durations are a number with `s`, `m`, `h`, `d` or `w`: `90s`, `10m`, `1h30m`, `7d`. A list may be written with commas, by giving the key several
            times, or both. All mistakes are told at once, each with its place:

            ```
            ringfence.conf:14: first_ban is "10": expected a duration such as 10m or 2h
            ```

            <!-- Made from src/Ringfence.Core/Configuration/ConfigKeys.cs by RINGFENCE_UPDATE=1 ./test; don't edit. -->

            ## Presets

            | preset | does |
            |---|---|

            """.ReplaceLineEndings("\n"));
        foreach (var preset in Preset.All)
        {
            page.Append($"| `{preset.Name}`{(preset == Preset.All[0] ? " (default)" : "")} | {preset.Meaning} |\n");
        }

        foreach (var (section, meaning) in ConfigKeys.Sections)
        {
            page.Append($"\n## [{section}]\n\n{meaning}\n\n| key | value | default | meaning | example |\n|---|---|---|---|---|\n");
            foreach (var key in ConfigKeys.All.Where(key => key.Section == section))
            {
                page.Append($"| `{key.Name}` | {key.Type}{(key.KeepsCommas ? "; several lines" : key.IsList ? "; list" : "")} | {key.Default} | {key.Meaning} | `{key.Name} = {key.Example.Replace("|", "\\|", StringComparison.Ordinal)}` |\n");
            }
        }

        page.Append($"\n## [{NotifierKeys.Prefix}NAME]\n\n{NotifierKeys.Meaning}\n\n| key | for | value | default | meaning | example |\n|---|---|---|---|---|---|\n");
        foreach (var key in NotifierKeys.All)
        {
            page.Append($"| `{key.Name}` | {key.For} | {key.Type}{(key.IsList ? "; list" : "")} | {key.Default} | {key.Meaning} | `{key.Name} = {key.Example}` |\n");
        }

        return page.ToString();
    }

    /// <summary>The text of packaging/ringfence.conf.example: every key, commented out, with its default; reading it gives the default configuration.</summary>
    public static string Example()
    {
        var text = new StringBuilder("; ringfence.conf: every key, with its default; a key that has none with an example, marked so.\n; docs/configuration.md explains the syntax.\n");
        foreach (var (section, meaning) in ConfigKeys.Sections)
        {
            // A section of a door is one: each there is holds what it says.
            text.Append($"\n{(NamedSections.All.Any(kind => kind.Section == section) ? "; " : "")}[{section}]\n");
            foreach (var line in Wrapped(meaning))
            {
                text.Append("; ").Append(line).Append('\n');
            }

            foreach (var key in ConfigKeys.All.Where(key => key.Section == section))
            {
                text.Append('\n');
                foreach (var line in Wrapped(key.Meaning).Append($"{Capital(key.Type)}{(key.KeepsCommas ? "; several lines of it" : key.IsList ? "; several with commas" : "")}. Default: {key.Default}."))
                {
                    text.Append("; ").Append(line).Append('\n');
                }

                text.Append(key.IsUnset ? $"; example: {key.Name} = {key.Example}\n" : $";{key.Name} = {key.Default}\n");
            }
        }

        text.Append("\n; example: [notify boss]\n");
        foreach (var line in Wrapped(NotifierKeys.Meaning))
        {
            text.Append("; ").Append(line).Append('\n');
        }

        foreach (var key in NotifierKeys.All)
        {
            text.Append('\n');
            foreach (var line in Wrapped(key.Meaning).Append($"{Capital(key.Type)}{(key.IsList ? "; several with commas" : "")}. For: {key.For}. Default: {key.Default}."))
            {
                text.Append("; ").Append(line).Append('\n');
            }

            text.Append($"; example: {key.Name} = {key.Example}\n");
        }

        return text.ToString();
    }

    /// <summary>Lines of at most so many characters, where no word is longer.</summary>
    public static IEnumerable<string> Wrapped(string text, int width = 98)
    {
        var line = new StringBuilder();
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line.ToString();
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        if (line.Length > 0)
        {
            yield return line.ToString();
        }
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
