using System.Text;

namespace Ringfence.Core.Dialplan;

/// <summary>How Asterisk compares and matches the names of extensions: <c>100</c>, and patterns such as <c>_9NXX.</c></summary>
/// <remarks>main/pbx.c of Asterisk 22: ext_cmp, _extension_match_core, ext_strncpy, matchcid; the way with extenpatternmatchnew=no, which is the default.</remarks>
internal static class ExtensionName
{
    private const int AnyOneOrMore = 0x18000;
    private const int AnyNoneOrMore = 0x28000;
    private const int End = 0x30000;
    private const int BrokenSet = 0x40000;

    public static bool IsPattern(string name) => name.StartsWith('_');

    /// <summary>The name as it is matched: without blanks and, unless <paramref name="keepDashes"/>, without hyphens, both outside of sets.</summary>
    public static string Normalize(string name, bool keepDashes = false)
    {
        var kept = new StringBuilder(name.Length);
        var isInSet = false;
        foreach (var c in name)
        {
            isInSet = c switch { '[' => isInSet || IsPattern(name), ']' => false, _ => isInSet };
            if (isInSet || !(c == ' ' || (c == '-' && !keepDashes)))
            {
                kept.Append(c);
            }
        }

        return kept.ToString();
    }

    /// <summary>The order in which Asterisk tries the extensions of a context: names before patterns, narrow patterns before wide ones.</summary>
    /// <returns>0: one is the other under another name (<c>_X</c> and <c>_[0-9]</c>), and their priorities are put together.</returns>
    public static int Compare(string left, string right) =>
        (IsPattern(left), IsPattern(right)) switch
        {
            (false, true) => -1,
            (true, false) => 1,
            (false, false) => string.CompareOrdinal(left.Replace("-", "", StringComparison.Ordinal), right.Replace("-", "", StringComparison.Ordinal)),
            (true, true) => ComparePatterns(left, right),
        };

    /// <param name="pattern">A name or pattern, as <see cref="Normalize"/> gives it.</param>
    /// <param name="dialled">Every character of it is taken literally; hyphens are skipped.</param>
    public static bool Matches(string pattern, string dialled)
    {
        if (!IsPattern(pattern))
        {
            // Names are compared by the thousand, and few have a hyphen.
            return !pattern.Contains('-', StringComparison.Ordinal) && !dialled.Contains('-', StringComparison.Ordinal) ? pattern == dialled
                : string.Equals(pattern.Replace("-", "", StringComparison.Ordinal), dialled.Replace("-", "", StringComparison.Ordinal), StringComparison.Ordinal);
        }

        return (IsPattern(dialled) && ComparePatterns(pattern, dialled) == 0) || MatchesPattern(pattern, dialled);
    }

    /// <param name="pattern">Behind the slash of <c>_X./5551234</c>; "" matches a caller who has no number.</param>
    public static bool MatchesCaller(string pattern, string? callerId) =>
        string.IsNullOrEmpty(callerId) ? pattern.Length == 0 : Matches(pattern, callerId);

    /// <summary>Each place of a pattern behind its underscore, up to a dot or exclamation mark, with the characters that fit there.</summary>
    /// <returns>null: the pattern matches nothing: a set is not closed, or it ends in an empty one.</returns>
    public static (IReadOnlyList<IReadOnlyList<(char First, char Last)>> Places, char Tail)? Places(string pattern)
    {
        var places = new List<IReadOnlyList<(char, char)>>();

        // An empty set is skipped, but only when another character is there to look at.
        var wantsMore = false;
        for (var at = 1; at < pattern.Length && pattern[at] != '/'; at++)
        {
            switch (pattern[at])
            {
                case '-':
                    break;
                case '.' or '!':
                    return (places, wantsMore ? '.' : pattern[at]);
                case '[':
                    var close = pattern.IndexOf(']', at);
                    if (close < 0)
                    {
                        return null;
                    }

                    if (close > at + 1)
                    {
                        places.Add(SetRanges(pattern.AsSpan(at + 1, close - at - 1)));
                    }

                    wantsMore = close == at + 1;
                    at = close;
                    continue;
                case 'n' or 'N':
                    places.Add([('2', '9')]);
                    break;
                case 'x' or 'X':
                    places.Add([('0', '9')]);
                    break;
                case 'z' or 'Z':
                    places.Add([('1', '9')]);
                    break;
                case var c:
                    places.Add([(c, c)]);
                    break;
            }

            wantsMore &= pattern[at] == '-';
        }

        return wantsMore ? null : (places, '\0');
    }

    private static List<(char First, char Last)> SetRanges(ReadOnlySpan<char> set)
    {
        var ranges = new List<(char, char)>();
        for (var i = 0; i < set.Length; i++)
        {
            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                ranges.Add((set[i], set[i + 2]));
                i += 2;
            }
            else
            {
                ranges.Add((set[i], set[i]));
            }
        }

        return ranges;
    }

    private static bool MatchesPattern(string pattern, string dialled)
    {
        if (Places(pattern) is not var (places, rest))
        {
            return false;
        }

        var at = 0;
        foreach (var c in dialled)
        {
            if (c == '-')
            {
                continue;
            }

            if (at == places.Count)
            {
                return rest != '\0';
            }

            if (!places[at].Any(range => c >= range.First && c <= range.Last))
            {
                return false;
            }

            at++;
        }

        return at == places.Count && rest != '.';
    }

    private static int ComparePatterns(string left, string right)
    {
        var (l, r) = (1, 1);
        Span<byte> leftSet = stackalloc byte[256];
        Span<byte> rightSet = stackalloc byte[256];
        while (true)
        {
            leftSet.Clear();
            rightSet.Clear();
            var leftWeight = Weigh(left, ref l, leftSet);
            var rightWeight = Weigh(right, ref r, rightSet);
            if (leftWeight != rightWeight)
            {
                return leftWeight - rightWeight;
            }

            // Of two sets of one size and one lowest character, the one with the lower characters goes first.
            var order = rightSet.SequenceCompareTo(leftSet);
            if (order != 0 || leftWeight == End)
            {
                return order;
            }
        }
    }

    // The lower, the narrower: the size of the set, then its lowest character.
    private static int Weigh(string pattern, ref int at, Span<byte> set)
    {
        while (true)
        {
            while (at < pattern.Length && pattern[at] == '-')
            {
                at++;
            }

            if (at >= pattern.Length)
            {
                return End;
            }

            var c = pattern[at++];
            switch (c)
            {
                case '.':
                    return AnyOneOrMore;
                case '!':
                    return AnyNoneOrMore;
                case 'n' or 'N':
                    return Fill(set, '2', '9');
                case 'x' or 'X':
                    return Fill(set, '0', '9');
                case 'z' or 'Z':
                    return Fill(set, '1', '9');
                case '[':
                    break;
                default:
                    return Fill(set, c, c);
            }

            var close = pattern.IndexOf(']', at);
            if (close < 0)
            {
                return BrokenSet;
            }

            var ranges = SetRanges(pattern.AsSpan(at, close - at));
            at = close + 1;
            var weight = 0;
            var lowest = 0xFF;
            foreach (var (first, last) in ranges)
            {
                lowest = Math.Min(lowest, (byte)first);
                for (var member = (int)(byte)first; member <= (byte)last; member++)
                {
                    weight += set[member] == 0 ? 0x100 : 0;
                    set[member] = 1;
                }
            }

            if (weight > 0)
            {
                return weight | lowest;
            }
        }
    }

    private static int Fill(Span<byte> set, char first, char last)
    {
        set[(byte)first..((byte)last + 1)].Fill(1);
        return ((last - first + 1) << 8) | (byte)first;
    }
}
