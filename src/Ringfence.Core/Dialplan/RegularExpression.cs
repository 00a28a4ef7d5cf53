namespace Ringfence.Core.Dialplan;

/// <summary>POSIX extended regular expressions, as far as dialplans use them, as languages.</summary>
/// <remarks>regcomp(3) with REG_EXTENDED, as REGEX() and =~ call it; matching is a search: anything may stand around what is not anchored.</remarks>
internal static class RegularExpression
{
    private const int MaxRepeat = 64;

    /// <returns>The texts in which it is found; null: it uses something that is not read here (classes such as [[:digit:]], back references, inner anchors).</returns>
    public static NumberLanguage? Found(string expression)
    {
        var branches = new List<NumberLanguage>();
        foreach (var branch in Branches(expression))
        {
            var isStart = branch.StartsWith('^');
            var isEnd = branch.EndsWith('$') && !branch.EndsWith("\\$", StringComparison.Ordinal);
            var body = branch[(isStart ? 1 : 0)..(isEnd ? ^1 : ^0)];
            if (new Parsing(body).Run() is not { } found)
            {
                return null;
            }

            found = isStart ? found : Languages.Concatenate(NumberLanguage.All, found);
            branches.Add(isEnd ? found : Languages.Concatenate(found, NumberLanguage.All));
        }

        return Languages.UnionOf(branches);
    }

    // Alternatives at the outermost level, each with anchors of its own.
    private static IEnumerable<string> Branches(string expression)
    {
        var (depth, start, isSet) = (0, 0, false);
        for (var at = 0; at < expression.Length; at++)
        {
            switch (expression[at])
            {
                case '\\':
                    at++;
                    break;
                case '[':
                    isSet = true;
                    break;
                case ']':
                    isSet = false;
                    break;
                case '(' when !isSet:
                    depth++;
                    break;
                case ')' when !isSet:
                    depth--;
                    break;
                case '|' when !isSet && depth == 0:
                    yield return expression[start..at];
                    start = at + 1;
                    break;
                default:
                    break;
            }
        }

        yield return expression[start..];
    }

    private sealed class Parsing(string text)
    {
        private int _at;

        public NumberLanguage? Run()
        {
            var found = Alternatives();
            return _at == text.Length ? found : null;
        }

        private NumberLanguage? Alternatives()
        {
            var found = Sequence();
            while (found is not null && _at < text.Length && text[_at] == '|')
            {
                _at++;
                found = Sequence() is { } other ? Languages.Union(found, other) : null;
            }

            return found;
        }

        private NumberLanguage? Sequence()
        {
            var found = NumberLanguage.Empty;
            while (_at < text.Length && text[_at] is not ('|' or ')'))
            {
                if (Repeated() is not { } next)
                {
                    return null;
                }

                found = Languages.Concatenate(found, next);
            }

            return found;
        }

        private NumberLanguage? Repeated()
        {
            var found = Atom();
            while (found is not null && _at < text.Length)
            {
                switch (text[_at])
                {
                    case '*':
                        _at++;
                        found = Languages.Star(found);
                        break;
                    case '+':
                        _at++;
                        found = Languages.Concatenate(found, Languages.Star(found));
                        break;
                    case '?':
                        _at++;
                        found = Languages.Union(found, NumberLanguage.Empty);
                        break;
                    case '{':
                        found = Bounded(found);
                        break;
                    default:
                        return found;
                }
            }

            return found;
        }

        private NumberLanguage? Bounded(NumberLanguage found)
        {
            var close = text.IndexOf('}', _at);
            var bounds = close < 0 ? [] : text[(_at + 1)..close].Split(',');
            if (bounds.Length is not (1 or 2) || !int.TryParse(bounds[0], out var least) || least is < 0 or > MaxRepeat)
            {
                return null;
            }

            var most = bounds.Length == 1 ? least : bounds[1].Length == 0 ? -1 : int.TryParse(bounds[1], out var given) ? given : -2;
            if (most is < -1 or > MaxRepeat || (most >= 0 && most < least))
            {
                return null;
            }

            _at = close + 1;
            var result = NumberLanguage.Empty;
            for (var i = 0; i < least; i++)
            {
                result = Languages.Concatenate(result, found);
            }

            var optional = Languages.Union(found, NumberLanguage.Empty);
            for (var i = least; i < most; i++)
            {
                result = Languages.Concatenate(result, optional);
            }

            return most < 0 ? Languages.Concatenate(result, Languages.Star(found)) : result;
        }

        private NumberLanguage? Atom()
        {
            var c = text[_at++];
            switch (c)
            {
                case '.':
                    return Languages.OfLength(1, 1);
                case '(':
                    var inner = Alternatives();
                    return inner is not null && _at < text.Length && text[_at++] == ')' ? inner : null;
                case '[':
                    return Set();
                case '\\':
                    return _at < text.Length && !char.IsAsciiLetterOrDigit(text[_at]) ? Languages.Only(text[_at++].ToString()) : null;
                case '^' or '$' or '*' or '+' or '?' or '{':
                    return null;
                default:
                    return Languages.Only(c.ToString());
            }
        }

        private NumberLanguage? Set()
        {
            var isNegated = _at < text.Length && text[_at] == '^';
            _at += isNegated ? 1 : 0;
            // A ] in the first place is itself a member.
            var close = text.IndexOf(']', Math.Min(_at + 1, text.Length));
            if (close < 0 || text.AsSpan(_at, close - _at).IndexOfAny('[', ']') >= 0)
            {
                return null;
            }

            var ranges = new List<(char First, char Last)>();
            for (; _at < close; _at++)
            {
                if (_at + 2 < close && text[_at + 1] == '-')
                {
                    ranges.Add((text[_at], text[_at + 2]));
                    _at += 2;
                }
                else
                {
                    ranges.Add((text[_at], text[_at]));
                }
            }

            _at = close + 1;
            var set = Languages.Repeat(ranges, 1, 1);
            return isNegated ? Languages.Except(Languages.OfLength(1, 1), set) : set;
        }
    }
}
