using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit;

/// <summary>An edit for people who make it by hand: where, and the lines as they are to be.</summary>
internal static class EditText
{
    /// <summary>Of one mend; those of a template that two hundred phones inherit are not all told.</summary>
    private const int MostEdits = 8;

    /// <summary>All of them, for a program.</summary>
    public static IEnumerable<string> Of(Mend mend) => Told(mend).SelectMany(Of);

    /// <summary>The first of them, and how many more there are.</summary>
    public static IEnumerable<string> First(Mend mend)
    {
        foreach (var line in Told(mend).Take(MostEdits).SelectMany(Of))
        {
            yield return line;
        }

        if (Told(mend).Count > MostEdits)
        {
            yield return $"and {Told(mend).Count - MostEdits} more edits of this kind; --format patch has all";
        }
    }

    // What it keeps of the old line may be a comment in which a password is noted.
    private static string Line(string line)
    {
        var comment = ShownValues.CommentAt(line) ?? line.Length;
        return Shown.Text(SecretOptions.WithoutSecret(PlainComment.Is(line[comment..]) ? line : line[..comment].TrimEnd()), 200);
    }

    private static IReadOnlyList<FileEdit> Told(Mend mend) => mend.HoldsSecret ? [] : mend.Edits;

    private static IEnumerable<string> Of(FileEdit edit) => edit switch
    {
        ReplaceLine replaced => [$"{replaced.File}:{replaced.Line}: in place of this line: {Line(replaced.Text)}"],
        RemoveLine removed => [$"{removed.File}:{removed.Line}: remove this line"],
        InsertLines inserted => inserted.Lines.Select(line => $"{inserted.File}:{inserted.Line}: add below: {Line(line)}"),
        AppendLines appended => appended.Lines.Where(static line => line.Length > 0).Select(line => $"{appended.File}: add at the end: {Line(line)}"),
        _ => [],
    };
}
