namespace Ringfence.Core.Pbx;

/// <summary>What Asterisk makes of a path in #include: glob(3) with GLOB_BRACE and GLOB_NOMAGIC, in the C locale.</summary>
/// <remarks>
/// Measured on 22.10.1: <c>{b*,a*}</c> is taken from left to right, each sorted by itself; where no alternative is there, braces are plain characters; <c>\</c> takes the meaning of what
/// follows it; a name that begins with a dot fits only a pattern that does; a directory that matches is passed over, and one that is in the way ends nothing.
/// </remarks>
internal static class PathPattern
{
    // A page of braces is 2^1,000 paths, and a link to its own directory is a tree without end.
    private const int MostAlternatives = 1_000;
    private const int MostPaths = 20_000;

    /// <summary>Whether it is more than the name of one file.</summary>
    public static bool Is(string path) => path.AsSpan().IndexOfAny(@"*?[{\") >= 0;

    /// <returns>The pattern that fits that path alone.</returns>
    public static string Escape(string path) =>
        Is(path) ? string.Concat(path.Select(static c => c is '*' or '?' or '[' or '{' or '}' or '\\' ? $"\\{c}" : c.ToString())) : path;

    /// <param name="pattern">An absolute path.</param>
    /// <param name="names">What lies in a directory, without "." and "..", in any order; nothing where it is no directory.</param>
    /// <param name="isFile">Whether a regular file is there.</param>
    /// <param name="isDirectory">Whether a directory is there.</param>
    public static IReadOnlyList<string> Match(string pattern, Func<string, IEnumerable<string>> names, Func<string, bool> isFile, Func<string, bool> isDirectory)
    {
        List<string> found = [];
        foreach (var alternative in Alternatives(pattern).Take(MostAlternatives))
        {
            found.AddRange(Walk(alternative).Order(StringComparer.Ordinal));
        }

        return found.Count == 0 && pattern.Contains('{', StringComparison.Ordinal) ? [.. Walk(pattern).Order(StringComparer.Ordinal)] : found;

        IEnumerable<string> Walk(string path)
        {
            IEnumerable<string> at = [""];
            var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
            for (var i = 0; i < parts.Length; i++)
            {
                var (part, isThere) = (parts[i], i == parts.Length - 1 ? isFile : isDirectory);
                at = [.. at.SelectMany(directory => part.AsSpan().IndexOfAny("*?[") >= 0 ? names(directory.Length == 0 ? "/" : directory).Where(name => Fits(part, name)).Select(name => $"{directory}/{name}") : [$"{directory}/{Plain(part)}"])
                    .Where(isThere).Take(MostPaths)];
            }

            return at;
        }
    }

    /// <summary>Whether a name fits one part of a pattern, between two slashes.</summary>
    public static bool Fits(string part, string name)
    {
        if (name.StartsWith('.') && !part.StartsWith('.') && !part.StartsWith("\\.", StringComparison.Ordinal))
        {
            return false;
        }

        // Only the last star need be tried again: what the ones before it took is enough.
        var (at, i, star, taken) = (0, 0, -1, 0);
        while (i < name.Length)
        {
            if (at < part.Length && part[at] == '*')
            {
                (star, taken, at) = (at, i, at + 1);
            }
            else if (at < part.Length && FitsOne(part, ref at, name[i]))
            {
                i++;
            }
            else if (star >= 0)
            {
                (at, i) = (star + 1, ++taken);
            }
            else
            {
                return false;
            }
        }

        return part.AsSpan(at).TrimStart('*').IsEmpty;
    }

    private static bool FitsOne(string part, ref int at, char c)
    {
        switch (part[at])
        {
            case '?':
                at++;
                return true;
            case '[' when Close(part, at) is > 0 and var close:
                var isIn = IsIn(part.AsSpan(at + 1, close - at - 1), c);
                at = close + 1;
                return isIn;
            case '\\' when at + 1 < part.Length:
                at += 2;
                return part[at - 1] == c;
            default:
                return part[at++] == c;
        }
    }

    // A ] in the first place is itself a member; 0: the [ is a plain character.
    private static int Close(string part, int open)
    {
        var first = open + 1;
        first += first < part.Length && part[first] is '!' or '^' ? 1 : 0;
        for (var at = first; at < part.Length && part[at] != '\\'; at++)
        {
            if (part.AsSpan(at).StartsWith("[:") && part.IndexOf(":]", at, StringComparison.Ordinal) is > 0 and var end)
            {
                at = end + 1;
            }
            else if (part[at] == ']' && at > first)
            {
                return at;
            }
        }

        return 0;
    }

    private static bool IsIn(ReadOnlySpan<char> set, char c)
    {
        var isNegated = set.Length > 0 && set[0] is '!' or '^';
        set = isNegated ? set[1..] : set;
        var isIn = false;
        while (!set.IsEmpty)
        {
            if (set.StartsWith("[:") && set.IndexOf(":]") is > 0 and var end)
            {
                isIn |= IsOf(set[2..end], c);
                set = set[(end + 2)..];
            }
            else if (set.Length > 2 && set[1] == '-')
            {
                isIn |= c >= set[0] && c <= set[2];
                set = set[3..];
            }
            else
            {
                isIn |= c == set[0];
                set = set[1..];
            }
        }

        return isIn != isNegated;
    }

    private static bool IsOf(ReadOnlySpan<char> kind, char c) => kind switch
    {
        "digit" => char.IsAsciiDigit(c),
        "alpha" => char.IsAsciiLetter(c),
        "alnum" => char.IsAsciiLetterOrDigit(c),
        "lower" => char.IsAsciiLetterLower(c),
        "upper" => char.IsAsciiLetterUpper(c),
        "xdigit" => char.IsAsciiHexDigit(c),
        "space" => c is ' ' or (>= '\t' and <= '\r'),
        "punct" => char.IsAscii(c) && (char.IsPunctuation(c) || char.IsSymbol(c)),
        _ => false,
    };

    private static string Plain(string part)
    {
        if (!part.Contains('\\', StringComparison.Ordinal))
        {
            return part;
        }

        var plain = new System.Text.StringBuilder(part.Length);
        for (var at = 0; at < part.Length; at++)
        {
            at += part[at] == '\\' && at + 1 < part.Length ? 1 : 0;
            plain.Append(part[at]);
        }

        return plain.ToString();
    }

    // "a{b,c{d,e}}" is ab, acd and ace; the first brace that is never closed makes all of them plain.
    private static IEnumerable<string> Alternatives(string pattern)
    {
        if (Braces(pattern) is not { } inner)
        {
            return [pattern];
        }

        var (open, close) = (inner[0], inner[^1]);
        return inner.Zip(inner.Skip(1)).SelectMany(part => Alternatives(string.Concat(pattern.AsSpan(0, open), pattern.AsSpan(part.First + 1, part.Second - part.First - 1), pattern.AsSpan(close + 1))));
    }

    // Where the first pair of braces opens, its commas, and where it closes.
    private static List<int>? Braces(string pattern)
    {
        List<int> found = [];
        var depth = 0;
        for (var at = 0; at < pattern.Length; at++)
        {
            switch (pattern[at])
            {
                case '\\':
                    at++;
                    break;
                case '{':
                    if (depth++ == 0)
                    {
                        found.Add(at);
                    }

                    break;
                case ',' when depth == 1:
                    found.Add(at);
                    break;
                case '}' when depth > 0:
                    if (--depth == 0)
                    {
                        found.Add(at);
                        return found;
                    }

                    break;
                default:
                    break;
            }
        }

        return null;
    }
}
