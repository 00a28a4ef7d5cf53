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
        foreach (var file in Edits(result).GroupBy(static edit => edit.File).OrderBy(static file => file.Key, StringComparer.Ordinal))
        {
            // A patch is applied with -d at Asterisk's directory: what lies elsewhere, or is made anew by a program, people mend.
            if (file.Key.StartsWith('/') || file.Key.AsSpan().ContainsAny(" \t\n\\"))
            {
                patch.Append($"{Shown.Text(file.Key)} is to be mended by hand: it lies elsewhere, or its name can't stand in a patch\n");
                continue;
            }

            if (pbx.Files.Read($"{pbx.Directory.TrimEnd('/')}/{file.Key}") is { } written && GeneratedFiles.Is(written))
            {
                patch.Append($"{Shown.Text(file.Key)} is made anew by FreePBX: mend it there\n");
                continue;
            }

            Write(file.Key, pbx.Files.Read(file.Key.StartsWith('/') ? file.Key : $"{pbx.Directory.TrimEnd('/')}/{file.Key}"), [.. file], patch);
        }

        return patch.ToString();
    }

    /// <summary>Every edit of the findings that nobody need be asked about, once: a template's line that a hundred phones inherit is mended once.</summary>
    public static IReadOnlyList<FileEdit> Edits(AuditResult result) => [.. result.Findings.Select(static finding => finding.Fault.Mend).OfType<Mend>().Where(static mend => !mend.NeedsConsent && !mend.HoldsSecret).SelectMany(static mend => mend.Edits).Distinct(SameEdit.Instance)];

    private static void Write(string name, byte[]? content, IReadOnlyList<FileEdit> edits, StringBuilder patch)
    {
        var changes = EditedFile.Changes(content, edits).ToList();
        if (!changes.SelectMany(static change => change.Removed).All(static line => Utf8.IsValid(line.Span)))
        {
            // patch(1) passes over what is no diff, and a person reads it.
            patch.Append($"{Shown.Text(name)} holds bytes that are not UTF-8 where it is to be changed: mend it by hand\n");
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
