using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit;

/// <summary>Two edits that do the same: a template's line that a hundred phones inherit is mended once.</summary>
internal sealed class SameEdit : IEqualityComparer<FileEdit>
{
    public static readonly SameEdit Instance = new();

    public bool Equals(FileEdit? x, FileEdit? y) => (x, y) switch
    {
        (InsertLines a, InsertLines b) => a.File == b.File && a.Line == b.Line && a.Lines.SequenceEqual(b.Lines, StringComparer.Ordinal),
        (AppendLines a, AppendLines b) => a.File == b.File && a.Lines.SequenceEqual(b.Lines, StringComparer.Ordinal),
        _ => object.Equals(x, y),
    };

    public int GetHashCode(FileEdit edit) => HashCode.Combine(edit.File, edit switch { ReplaceLine replaced => replaced.Line, RemoveLine removed => removed.Line, InsertLines inserted => inserted.Line, _ => 0 });
}
