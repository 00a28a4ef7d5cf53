using System.Text;

namespace Ringfence.Core.Pbx;

/// <summary>A file with some of its lines changed; every other byte stays as it was.</summary>
internal static class EditedFile
{
    /// <param name="FirstLine">1-based, the first of the removed lines; where none is removed, the line that the added ones stand behind.</param>
    /// <param name="Removed">With their line ends.</param>
    /// <param name="Added">With their line ends.</param>
    internal readonly record struct Change(int FirstLine, IReadOnlyList<ReadOnlyMemory<byte>> Removed, IReadOnlyList<ReadOnlyMemory<byte>> Added);

    /// <param name="content">null: there is no such file yet.</param>
    /// <param name="edits">Of this file. Of two that replace or remove one line the first counts; a line that is not there is not changed.</param>
    public static byte[] Apply(byte[]? content, IReadOnlyList<FileEdit> edits)
    {
        content ??= [];
        var written = new MemoryStream(content.Length + 256);
        var at = 0;
        var starts = Starts(content);
        foreach (var change in Changes(content, edits, starts))
        {
            var start = starts[Math.Min(change.Removed.Count > 0 ? change.FirstLine - 1 : change.FirstLine, starts.Count - 1)];
            written.Write(content.AsSpan(at, start - at));
            foreach (var line in change.Added)
            {
                written.Write(line.Span);
            }

            at = start + change.Removed.Sum(static line => line.Length);
        }

        written.Write(content.AsSpan(at));
        return written.ToArray();
    }

    /// <summary>What is removed and added, from top to bottom.</summary>
    /// <inheritdoc cref="Apply" path="/param"/>
    public static IEnumerable<Change> Changes(byte[]? content, IReadOnlyList<FileEdit> edits) => Changes(content ?? [], edits, Starts(content ?? []));

    // Where each line begins, and behind the last where the file ends.
    private static List<int> Starts(byte[] content)
    {
        List<int> starts = [0];
        while (starts[^1] < content.Length)
        {
            starts.Add(starts[^1] + AsteriskFile.FirstLine(content.AsSpan(starts[^1])).Length);
        }

        return starts;
    }

    private static IEnumerable<Change> Changes(byte[] content, IReadOnlyList<FileEdit> edits, List<int> starts)
    {
        var end = content.AsSpan().IndexOf("\r\n"u8) >= 0 ? "\r\n" : "\n";
        var last = starts.Count - 1;
        var byLine = edits.ToLookup(edit => edit switch
        {
            ReplaceLine replaced => replaced.Line,
            RemoveLine removed => removed.Line,
            InsertLines inserted => Math.Min(inserted.Line, last),
            _ => last,
        });
        foreach (var number in byLine.Select(static group => group.Key).Where(number => number <= last).Order())
        {
            var raw = number >= 1 ? content.AsMemory(starts[number - 1], starts[number] - starts[number - 1]) : default;
            var own = byLine[number].FirstOrDefault(static edit => edit is ReplaceLine or RemoveLine);
            var behind = byLine[number].SelectMany(static edit => edit switch { InsertLines inserted => inserted.Lines, AppendLines appended => appended.Lines, _ => [] })
                .Select(line => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(line + end)).ToList();

            // The last line of a file may lack its end, and what comes behind it must not be joined to it.
            var isOpen = number >= 1 && !raw.Span.EndsWith("\n"u8);
            var kept = own switch
            {
                ReplaceLine replaced => Encoding.UTF8.GetBytes(replaced.Text + EndOf(raw.Span, isOpen && behind.Count > 0 ? end : "")),
                RemoveLine => null,
                _ when isOpen && behind.Count > 0 => [.. raw.Span, .. Encoding.UTF8.GetBytes(end)],
                _ => null,
            };
            if (own is null && kept is null)
            {
                yield return new Change(number, [], behind);
            }
            else
            {
                yield return new Change(number, [raw], kept is null ? behind : [kept, .. behind]);
            }
        }
    }

    private static string EndOf(ReadOnlySpan<byte> line, string otherwise) => line.EndsWith("\r\n"u8) ? "\r\n" : line.EndsWith("\n"u8) ? "\n" : otherwise;
}
