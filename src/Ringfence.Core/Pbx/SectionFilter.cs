namespace Ringfence.Core.Pbx;

/// <summary>What stands behind the plus of <c>[name](+type=endpoint)</c>: which of the sections of that name is meant.</summary>
/// <remarks>
/// main/config.c, does_category_match, measured on 22.10.1: terms parted by &amp;, each a name and a value that are POSIX extended regular expressions, found anywhere in an option's
/// name and value, in this case and no other; a term without = fits nothing. Templates are looked at only where TEMPLATES=include (or restrict) is one of the terms.
/// </remarks>
internal static class SectionFilter
{
    /// <returns>null: one of its expressions is not read here.</returns>
    public static bool? Fits(ConfigSection section, string filter)
    {
        var isTemplateMeant = false;
        foreach (var term in filter.Length == 0 ? [] : filter.Split('&'))
        {
            if (term.Split('=') is not [var name, var value, ..])
            {
                return false;
            }

            (name, value) = (name.Trim(), value.Trim());
            if (name == "TEMPLATES")
            {
                var isRestricted = value.Equals("restrict", StringComparison.OrdinalIgnoreCase);
                if ((!isRestricted && !value.Equals("include", StringComparison.OrdinalIgnoreCase)) || (isRestricted && !section.IsTemplate))
                {
                    return false;
                }

                isTemplateMeant = true;
                continue;
            }

            if (Parse(name) is not { } names || Parse(value) is not { } values)
            {
                return null;
            }

            if (!section.Settings.Any(setting => IsFound(names, setting.Name) && IsFound(values, setting.Value)))
            {
                return false;
            }
        }

        return isTemplateMeant || !section.IsTemplate;
    }

    // One character of an expression: null is any, and it may be there again or not at all.
    private readonly record struct Atom(char? Character, bool MayMiss, bool MayRepeat);

    private sealed record Branch(IReadOnlyList<Atom> Atoms, bool IsAtStart, bool IsAtEnd);

    private static List<Branch>? Parse(string expression)
    {
        List<Branch> branches = [];
        foreach (var text in expression.Split('|'))
        {
            List<Atom> atoms = [];
            var isAtEnd = text.EndsWith('$');
            foreach (var c in text.AsSpan(text.StartsWith('^') ? 1 : 0).TrimEnd('$'))
            {
                if (c is '*' or '+' or '?')
                {
                    if (atoms is not [.., { MayMiss: false, MayRepeat: false } last])
                    {
                        return null;
                    }

                    atoms[^1] = last with { MayMiss = c is '*' or '?', MayRepeat = c is '*' or '+' };
                }
                else if (c is '(' or ')' or '[' or ']' or '{' or '}' or '\\' or '^' or '$' or '"' or '\'')
                {
                    return null;
                }
                else
                {
                    atoms.Add(new Atom(c == '.' ? null : c, MayMiss: false, MayRepeat: false));
                }
            }

            branches.Add(new Branch(atoms, text.StartsWith('^'), isAtEnd));
        }

        return branches;
    }

    private static bool IsFound(List<Branch> branches, string text) => branches.Exists(branch => IsFound(branch, text));

    // All places in the expression at once, so that no text makes it search twice.
    private static bool IsFound(Branch branch, string text)
    {
        var at = new bool[branch.Atoms.Count + 1];
        for (var i = 0; i <= text.Length; i++)
        {
            at[0] |= i == 0 || !branch.IsAtStart;
            for (var place = 0; place < branch.Atoms.Count; place++)
            {
                at[place + 1] |= at[place] && branch.Atoms[place].MayMiss;
            }

            if (at[^1] && (!branch.IsAtEnd || i == text.Length))
            {
                return true;
            }

            for (var place = branch.Atoms.Count; i < text.Length && place > 0; place--)
            {
                var atom = branch.Atoms[place - 1];
                var isSame = atom.Character is null || atom.Character == text[i];
                at[place] = isSame && (at[place - 1] || (at[place] && atom.MayRepeat));
            }

            at[0] = false;
        }

        return false;
    }
}
