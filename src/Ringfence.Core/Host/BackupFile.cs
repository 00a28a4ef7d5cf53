using System.Globalization;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Host;

/// <summary>A file or directory where backups lie, and the day it was written last.</summary>
internal sealed record BackupFile(DateOnly Day, FileEntry Entry)
{
    private static readonly string[] Marks = ["asterisk", "freepbx", "issabel", "elastix", "pbx"];

    /// <summary>FreePBX's own place, or a name that says it.</summary>
    public bool IsOfPbx => Entry.Kind == 'f'
        && (Entry.Path.StartsWith("/var/spool/asterisk/backup/", StringComparison.Ordinal) || Array.Exists(Marks, mark => Entry.Name.Contains(mark, StringComparison.OrdinalIgnoreCase)));

    public static IReadOnlyList<BackupFile> All(PbxSnapshot pbx) =>
        [.. FactLines.Of(pbx, HostFact.Backups).Select(static line => Parse(line.Text, line.Place)).OfType<BackupFile>()];

    private static BackupFile? Parse(string line, Place place) =>
        line.Length > 11 && DateOnly.TryParseExact(line.AsSpan(0, 10), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && FileEntry.Parse(line[11..], place) is { } entry
            ? new BackupFile(day, entry) : null;
}
