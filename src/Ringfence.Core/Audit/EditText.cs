using Ringfence.Core.Pbx;

namespace Ringfence.Core.Audit;

/// <summary>An edit for people who make it by hand: where, and the lines as they are to be.</summary>
internal static class EditText
{
    public static IEnumerable<string> Of(Mend mend) => mend.HoldsSecret ? [] : mend.Edits.SelectMany(static edit => edit switch
    {
        ReplaceLine replaced => [$"{replaced.File}:{replaced.Line}: in place of this line: {Shown.Text(replaced.Text, 200)}"],
        RemoveLine removed => [$"{removed.File}:{removed.Line}: remove this line"],
        InsertLines inserted => inserted.Lines.Select(line => $"{inserted.File}:{inserted.Line}: add below: {Shown.Text(line, 200)}"),
        AppendLines appended => appended.Lines.Where(static line => line.Length > 0).Select(line => $"{appended.File}: add at the end: {Shown.Text(line, 200)}"),
        _ => (IEnumerable<string>)[],
    });
}
