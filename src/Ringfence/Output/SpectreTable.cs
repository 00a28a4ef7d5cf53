using Spectre.Console;

namespace Ringfence.Output;

/// <summary>A table for a terminal. By itself, so that Spectre.Console is loaded only where a table is drawn.</summary>
internal static class SpectreTable
{
    public static void Write(PrintSettings settings, IReadOnlyList<string> headings, IReadOnlyList<Span[]> rows)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = settings.IsColoured ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = settings.IsColoured ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(settings.Output),
        });
        console.Profile.Width = settings.Width;
        var table = new Table { Border = TableBorder.Simple };
        foreach (var heading in headings)
        {
            table.AddColumn(new TableColumn(new Text(heading, new Style(decoration: Decoration.Bold))) { NoWrap = heading != headings[^1] });
        }

        foreach (var row in rows)
        {
            // Text and not markup: "[red]" in an account name is five letters in brackets.
            table.AddRow(row.Select(cell => new Text(Terminal.Safe(cell.Text), StyleOf(cell.Tone))));
        }

        console.Write(table);
    }

    private static Style StyleOf(Tone tone) => tone switch
    {
        Tone.Good => new Style(Color.Green),
        Tone.Warning => new Style(Color.Olive),
        Tone.Bad => new Style(Color.Maroon),
        Tone.Faint => new Style(decoration: Decoration.Dim),
        Tone.Plain => Style.Plain,
        _ => Style.Plain,
    };
}
