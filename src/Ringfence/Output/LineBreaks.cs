namespace Ringfence.Output;

/// <summary>Where a line is broken that is longer than the terminal is wide.</summary>
internal static class LineBreaks
{
    private const int LongestLabel = 12;
    private const int Hanging = 4;

    /// <returns>How far what follows the first piece is indented: to the column of the text behind a label ("Source    /var/log/..."), else a little.</returns>
    public static int IndentOf(string text)
    {
        var leading = text.Length - text.AsSpan().TrimStart(' ').Length;
        var gap = text.IndexOf("  ", leading, StringComparison.Ordinal);
        if (gap < 0 || gap > leading + LongestLabel)
        {
            return leading + Hanging;
        }

        return gap + text.AsSpan(gap).IndexOfAnyExcept(' ');
    }

    /// <param name="width">More than <paramref name="indent"/>, else a piece is a single letter.</param>
    /// <returns>Beginning and end of each piece, without the spaces between them.</returns>
    public static IEnumerable<(int Start, int End)> Of(string text, int width, int indent)
    {
        var start = 0;
        while (start < text.Length)
        {
            var room = Math.Max(1, start == 0 ? width : width - indent);
            if (text.Length - start <= room)
            {
                yield return (start, text.Length);
                yield break;
            }

            // Behind the label, or the first piece would be the label alone.
            var least = start == 0 ? Math.Min(indent, room) : start;
            var space = text.LastIndexOf(' ', start + room, start + room - least + 1);
            var end = space > least ? space : start + room;
            yield return (start, end);
            start = end;
            while (start < text.Length && text[start] == ' ')
            {
                start++;
            }
        }
    }
}
