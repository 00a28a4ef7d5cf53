using System.Text;
using System.Text.Unicode;
using Ringfence.Core.Audit.Rules.Options;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit.Reports;

/// <summary>
/// The mends that a program can do, as one patch: <c>patch -d /etc/asterisk -p1</c>. Without lines of context, so that no password that stands beside a change is in it;
/// it fits only the files as they were read.
/// </summary>
internal static class PatchReport
{
    /// <returns>Empty: there is nothing that a program can mend.</returns>
    public static string Write(AuditResult result, PbxSnapshot pbx)
    {
        var patch = new StringBuilder();
        if (result.AllowedText is { } allowed)
        {
            patch.Append($"# {allowed}\n");
        }

        var refused = WithSecrets(Edits(Mends(result)), pbx);
        foreach (var place in refused.OrderBy(static place => place.File, StringComparer.Ordinal).ThenBy(static place => place.Line))
        {
            patch.Append($"# {Shown.Text(place.File)}:{place.Line} is to be mended by hand: the line, or its comment, holds what may be a password or a PIN\n");
        }

        // A mend is done as a whole or not at all.
        var edits = Edits(Mends(result).Where(mend => !mend.Edits.Any(edit => LineOf(edit) is { } line && refused.Contains(new Place(edit.File, line)))));
        var twice = ReadTwice(edits, pbx);
        foreach (var file in edits.GroupBy(static edit => edit.File).OrderBy(static file => file.Key, StringComparer.Ordinal))
        {
            // A patch is applied with -d at Asterisk's directory: what lies elsewhere, or is made anew by a program, people mend.
            if (file.Key.StartsWith('/') || file.Key.AsSpan().ContainsAny(" \t\n\\"))
            {
                patch.Append($"# {Shown.Text(file.Key)} is to be mended by hand: it lies elsewhere, or its name can't stand in a patch\n");
                continue;
            }

            if (twice.Contains(file.Key))
            {
                patch.Append($"# {Shown.Text(file.Key)} is to be mended by hand: another name of it, or its twin, is to be changed too\n");
                continue;
            }

            if (Content(file.Key, pbx) is { } written && GeneratedFiles.Is(written))
            {
                patch.Append($"# {Shown.Text(file.Key)} is made anew by FreePBX: mend it there\n");
                continue;
            }

            Write(file.Key, Content(file.Key, pbx), [.. file], patch);
        }

        return patch.ToString();
    }

    private static byte[]? Content(string file, PbxSnapshot pbx) => pbx.Files.Read(file.StartsWith('/') ? file : $"{pbx.Directory.TrimEnd('/')}/{file}");

    // x.conf, ./x.conf and a link to it are one file: changed a second time, lines with other numbers would be met. By what is in them, so that no kind of link is overlooked.
    private static HashSet<string> ReadTwice(IReadOnlyList<FileEdit> edits, PbxSnapshot pbx) =>
        [.. edits.Select(static edit => edit.File).Distinct(StringComparer.Ordinal).Select(file => (File: file, Content: Content(file, pbx))).Where(static file => file.Content is { Length: > 0 })
            .GroupBy(static file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(file.Content!)), StringComparer.Ordinal)
            .Where(static same => same.Skip(1).Any()).SelectMany(static same => same).Select(static file => file.File)];

    /// <summary>Every edit of the findings that nobody need be asked about, once: a template's line that a hundred phones inherit is mended once.</summary>
    public static IReadOnlyList<FileEdit> Edits(AuditResult result) => Edits(Mends(result));

    private static IReadOnlyList<FileEdit> Edits(IEnumerable<Mend> mends) => [.. mends.SelectMany(static mend => mend.Edits).Distinct(SameEdit.Instance)];

    private static IEnumerable<Mend> Mends(AuditResult result) =>
        result.Findings.Select(static finding => finding.Fault.Mend).OfType<Mend>().Where(static mend => !mend.NeedsConsent && !mend.HoldsSecret);

    private static int? LineOf(FileEdit edit) => edit switch { ReplaceLine replaced => replaced.Line, RemoveLine removed => removed.Line, _ => null };

    // A patch shows what it takes away, too.
    private static HashSet<Place> WithSecrets(IReadOnlyList<FileEdit> edits, PbxSnapshot pbx) =>
        [.. from file in edits.Where(static edit => LineOf(edit) is not null).GroupBy(static edit => edit.File)
            from change in EditedFile.Changes(Content(file.Key, pbx), [.. file])
            where change.Removed.Any(line => HoldsSecret(line, pbx)) || change.Added.Any(KeepsSecret)
            select new Place(file.Key, change.FirstLine)];

    private static void Write(string name, byte[]? content, IReadOnlyList<FileEdit> edits, StringBuilder patch)
    {
        var changes = EditedFile.Changes(content, edits).ToList();
        if (!changes.SelectMany(static change => change.Removed).All(static line => Utf8.IsValid(line.Span)))
        {
            // patch(1) passes over what is no diff, and a person reads it.
            patch.Append($"# {Shown.Text(name)} holds bytes that are not UTF-8 where it is to be changed: mend it by hand\n");
            return;
        }

        patch.Append(content is null ? "--- /dev/null\n" : $"--- a/{name.TrimStart('/')}\n").Append($"+++ b/{name.TrimStart('/')}\n");
        var added = 0;
        foreach (var change in changes)
        {
            // Of nothing that is removed, or nothing that is added, the line before is named (diff(1), unified format).
            var newStart = change.FirstLine + added + (change.Removed.Count == 0 ? 1 : 0) - (change.Added.Count == 0 ? 1 : 0);
            patch.Append($"@@ -{change.FirstLine},{change.Removed.Count} +{newStart},{change.Added.Count} @@\n");
            Write(patch, '-', change.Removed);
            Write(patch, '+', change.Added);
            added += change.Added.Count - change.Removed.Count;
        }
    }

    private static bool HoldsSecret(ReadOnlyMemory<byte> removed, PbxSnapshot pbx)
    {
        var text = Encoding.UTF8.GetString(removed.Span).Trim();
        var comment = ShownValues.CommentAt(text) ?? text.Length;
        var bare = text[..comment].TrimEnd();
        return !PlainComment.Is(text[comment..]) || ShownValues.Of(pbx).Line(bare).Text != bare;
    }

    // What a mend puts in its place is ours, save for what it keeps of the line.
    private static bool KeepsSecret(ReadOnlyMemory<byte> added) => Encoding.UTF8.GetString(added.Span).Trim() is var text && SecretOptions.WithoutSecret(text) != text;

    private static void Write(StringBuilder patch, char sign, IReadOnlyList<ReadOnlyMemory<byte>> lines)
    {
        foreach (var line in lines)
        {
            patch.Append(sign).Append(Encoding.UTF8.GetString(line.Span));
            if (!line.Span.EndsWith("\n"u8))
            {
                patch.Append("\n\\ No newline at end of file\n");
            }
        }
    }
}
