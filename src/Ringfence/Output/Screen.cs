using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Ringfence.Output;

/// <summary>What colour means; without colour it means nothing.</summary>
internal enum Tone
{
    Plain,
    Good,
    Warning,
    Bad,
    Faint,
}

/// <summary>A piece of a line or of a table. Its text is made safe when it is printed.</summary>
internal readonly record struct Span(string Text, Tone Tone = Tone.Plain)
{
    public static implicit operator Span(string text) => new(text);
}

/// <summary>Prints for people: times in the machine's zone, colour only on a terminal that wants it, everything through <see cref="Terminal.Safe"/>.</summary>
internal sealed class Screen(PrintSettings settings)
{
    private const int NarrowColumns = 90;

    private const int Gap = 2;

    public TimeProvider Clock => settings.Clock;

    /// <summary>One line; on a terminal that is narrower, as many as it takes, broken between words and indented under the first.</summary>
    public void Line(params ReadOnlySpan<Span> spans)
    {
        List<Span> safe = [];
        foreach (var span in spans)
        {
            safe.Add(span with { Text = Terminal.Safe(span.Text) });
        }

        if (!settings.IsTerminal || safe.Sum(span => span.Text.Length) <= settings.Width)
        {
            safe.ForEach(span => settings.Output.Write(Coloured(span.Text, span.Tone)));
            settings.Output.WriteLine();
            return;
        }

        var text = string.Concat(safe.Select(span => span.Text));
        var indent = LineBreaks.IndentOf(text);
        foreach (var (start, end) in LineBreaks.Of(text, settings.Width, indent))
        {
            settings.Output.Write(start == 0 ? "" : new string(' ', indent));
            Write(safe, start, end);
            settings.Output.WriteLine();
        }
    }

    /// <summary>A line that stays one line: of a file, to be copied.</summary>
    public void Verbatim(string line) => settings.Output.WriteLine(Terminal.Safe(line));

    private void Write(List<Span> spans, int start, int end)
    {
        var at = 0;
        foreach (var span in spans)
        {
            var (from, to) = (Math.Max(start - at, 0), Math.Min(end - at, span.Text.Length));
            if (from < to)
            {
                settings.Output.Write(Coloured(span.Text[from..to], span.Tone));
            }

            at += span.Text.Length;
        }
    }

    /// <summary>A note beside the answer, such as where it comes from: to stderr, so that a pipe gets the answer alone.</summary>
    public void Note(string text) => settings.Error.WriteLine(Terminal.SafeLines(text));

    /// <summary>One JSON document on one line.</summary>
    public void Json<T>(T value, JsonTypeInfo<T> type) => settings.Output.WriteLine(JsonSerializer.Serialize(value, type));

    /// <summary>Columns, as wide as their widest cell. On a terminal the last one is wrapped into what is left of the width, and there are headings.</summary>
    /// <param name="isNamed">Also piped, and on a narrow terminal where it fits, there are headings: figures alone say nothing.</param>
    public void Table(IReadOnlyList<string> headings, IReadOnlyList<Span[]> rows, bool isNamed = false)
    {
        if (rows.Count == 0)
        {
            return;
        }

        var widths = Enumerable.Range(0, headings.Count).Select(column => rows.Max(row => Terminal.Safe(row[column].Text).Length)).ToArray();
        int[] named = [.. widths.Zip(headings, static (width, heading) => Math.Max(width, heading.Length))];
        var isNarrow = settings.IsTerminal && settings.Width < NarrowColumns && headings.Count > 3;
        if (isNarrow && (!isNamed || named.Sum() + (Gap * (headings.Count - 1)) > settings.Width))
        {
            // Figures without names say nothing.
            Stacked(isNamed ? [[.. headings.Select(static heading => new Span(heading, Tone.Faint))], .. rows] : rows);
            return;
        }

        if (settings.IsTerminal && !isNarrow)
        {
            SpectreTable.Write(settings, headings, rows);
            return;
        }

        // Piped: one row per line, no tabs, columns apart by two spaces or more. A narrow terminal has no room for lines between them.
        if (isNamed)
        {
            Row([.. headings.Select(static heading => new Span(heading))], named);
        }

        foreach (var row in rows)
        {
            Row(row, isNamed ? named : widths);
        }
    }

    private void Row(Span[] row, int[] widths)
    {
        var last = Array.FindLastIndex(row, static cell => !string.IsNullOrWhiteSpace(cell.Text));
        for (var column = 0; column <= last; column++)
        {
            var text = Terminal.Safe(row[column].Text);
            settings.Output.Write(column < last ? Coloured(text, row[column].Tone) + new string(' ', widths[column] - text.Length + Gap) : Coloured(text.TrimEnd(), row[column].Tone));
        }

        settings.Output.WriteLine();
    }

    // What is left for the last column would be a word wide: it gets a line of its own, under the others.
    private void Stacked(IReadOnlyList<Span[]> rows)
    {
        foreach (var row in rows)
        {
            var spans = row[..^1].Where(cell => cell.Text.Length > 0).SelectMany(cell => (Span[])[cell, "  "]).ToArray();
            Line(spans.Length == 0 ? [] : spans.AsSpan(0, spans.Length - 1));
            foreach (var line in Core.Configuration.ConfigurationPage.Wrapped(row[^1].Text, settings.Width - 4))
            {
                Line(row[^1] with { Text = $"    {line}" });
            }
        }
    }

    /// <returns>"2026-11-20 09:15:30 +01:00": the offset changes twice a year, and who compares with a log of UTC needs it.</returns>
    public string Time(DateTimeOffset time) => Time(time, settings.Clock.LocalTimeZone);

    public static string Time(DateTimeOffset time, TimeZoneInfo zone) =>
        TimeZoneInfo.ConvertTime(time, zone).ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    private string Coloured(string text, Tone tone)
    {
        if (!settings.IsColoured || tone == Tone.Plain)
        {
            return text;
        }

        // ECMA-48 section 8.3.117, the eight colours that every terminal has.
        var code = tone switch
        {
            Tone.Good => "32",
            Tone.Warning => "33",
            Tone.Bad => "31",
            Tone.Faint => "2",
            _ => "0",
        };
        return $"\e[{code}m{text}\e[0m";
    }
}
