namespace Ringfence.Core.Dialplan;

/// <summary>POSIX extended regular expressions, as far as dialplans use them, as languages.</summary>
/// <remarks>regcomp(3) with REG_EXTENDED, as REGEX() and =~ call it; matching is a search: anything may stand around what is not anchored.</remarks>
internal static class RegularExpression
{
    private const int MaxRepeat = 64;

    /// <summary>Of a longer one, or one that can go on in more ways, what it finds is not known: twenty characters can ask for a million states.</summary>
    private const int MaxPlaces = 1_000;

    private const int MaxWays = 20_000;

    private const long MaxWork = 1_000_000;

    /// <returns>The texts in which it is found; null: it is too large, or uses something that is not read here (classes such as [[:digit:]], back references, inner anchors).</returns>
    public static NumberLanguage? Found(string expression)
    {
        var places = new Places();
        var starts = new List<int>();
        foreach (var branch in Branches(expression))
        {
            var isStart = branch.StartsWith('^');
            var isEnd = branch.EndsWith('$') && !branch.EndsWith("\\$", StringComparison.Ordinal);
            var body = branch[(isStart ? 1 : 0)..(isEnd ? ^1 : ^0)];
            if (new Parsing(body, places).Run() is not { } found)
            {
                return null;
            }

            starts.Add(places.Begin(found, isStart, isEnd));
        }

        return LanguageWork.Within(MaxWork, () => places.Builder.Build(starts), null);
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

    /// <summary>A part of an expression by its places, one for each character that it takes: those that it can begin with, and end with.</summary>
    private sealed record Part(bool IsNullable, IReadOnlyList<int> First, IReadOnlyList<int> Last)
    {
        public static Part Empty { get; } = new(true, [], []);

        public Part Or(Part other) => new(IsNullable || other.IsNullable, [.. First, .. other.First], [.. Last, .. other.Last]);
    }

    // Glushkov's automaton: a state for each place, entered by its own characters; it is made deterministic once, at the end.
    private sealed class Places
    {
        private readonly List<IReadOnlyList<(char First, char Last)>> _taken = [];
        private int _ways;

        public LanguageBuilder Builder { get; } = new();

        public bool IsTooLarge => _taken.Count > MaxPlaces || _ways > MaxWays;

        public Part Add(IReadOnlyList<(char First, char Last)> ranges)
        {
            var place = Builder.Add();
            _taken.Add(ranges);
            return new Part(false, [place], [place]);
        }

        public Part Then(Part left, Part right)
        {
            Join(left.Last, right.First);
            return new Part(
                left.IsNullable && right.IsNullable,
                left.IsNullable ? [.. left.First, .. right.First] : left.First,
                right.IsNullable ? [.. left.Last, .. right.Last] : right.Last);
        }

        public Part Again(Part part)
        {
            Join(part.Last, part.First);
            return part;
        }

        public int Begin(Part part, bool isStart, bool isEnd)
        {
            var start = Add([]).First[0];
            var rest = Add([]).First[0];
            Join([start], part.First);
            if (!isStart)
            {
                Builder.AnyEdge(start, start);
            }

            Builder.Accept(rest);
            Builder.AnyEdge(rest, rest);
            foreach (var end in part.IsNullable ? [start, .. part.Last] : part.Last)
            {
                Builder.Accept(end);
                if (!isEnd)
                {
                    Builder.AnyEdge(end, rest);
                }
            }

            return start;
        }

        private void Join(IReadOnlyList<int> from, IReadOnlyList<int> to)
        {
            _ways += from.Count * to.Count;
            if (IsTooLarge)
            {
                return;
            }

            foreach (var place in from)
            {
                foreach (var next in to)
                {
                    foreach (var (first, last) in _taken[next])
                    {
                        Builder.Edge(place, first, last, next);
                    }
                }
            }
        }
    }

    private sealed class Parsing(string text, Places places)
    {
        private int _at;
        private int _atoms;

        public Part? Run()
        {
            var found = Alternatives();
            return _at == text.Length && !places.IsTooLarge ? found : null;
        }

        private Part? Alternatives()
        {
            var found = Sequence();
            while (found is not null && _at < text.Length && text[_at] == '|')
            {
                _at++;
                found = Sequence() is { } other ? found.Or(other) : null;
            }

            return found;
        }

        private Part? Sequence()
        {
            var found = Part.Empty;
            while (_at < text.Length && text[_at] is not ('|' or ')'))
            {
                if (Repeated() is not { } next)
                {
                    return null;
                }

                found = places.Then(found, next);
            }

            return found;
        }

        private Part? Repeated()
        {
            var start = _at;
            var found = Atom();
            while (found is not null && _at < text.Length)
            {
                switch (text[_at])
                {
                    case '*':
                        _at++;
                        found = places.Again(found) with { IsNullable = true };
                        break;
                    case '+':
                        _at++;
                        found = places.Again(found);
                        break;
                    case '?':
                        _at++;
                        found = found with { IsNullable = true };
                        break;
                    case '{':
                        found = Bounded(text[start.._at]);
                        break;
                    default:
                        return found;
                }
            }

            return found;
        }

        private Part? Bounded(string repeated)
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
            var result = Part.Empty;
            for (var i = 0; i < Math.Max(most, most < 0 ? least + 1 : least); i++)
            {
                // Each has places of its own, so it is read again.
                var inner = new Parsing(repeated, places) { _atoms = _atoms };
                if (inner.Run() is not { } part)
                {
                    return null;
                }

                _atoms = inner._atoms;
                part = most < 0 && i == least ? places.Again(part) : part;
                result = places.Then(result, i < least ? part : part with { IsNullable = true });
            }

            return result;
        }

        private Part? Atom()
        {
            // Those of no width too: () a thousand deep, and each again 64 times.
            if (++_atoms > MaxPlaces || places.IsTooLarge)
            {
                return null;
            }

            var c = text[_at++];
            switch (c)
            {
                case '.':
                    return places.Add([('\0', NumberLanguage.LastSymbol)]);
                case '(':
                    var inner = Alternatives();
                    return inner is not null && _at < text.Length && text[_at++] == ')' ? inner : null;
                case '[':
                    return Set();
                case '\\':
                    return _at < text.Length && !char.IsAsciiLetterOrDigit(text[_at]) ? Only(text[_at++]) : null;
                case '^' or '$' or '*' or '+' or '?' or '{':
                    return null;
                default:
                    return Only(c);
            }
        }

        private Part Only(char c)
        {
            var symbol = c < NumberLanguage.LastSymbol ? c : NumberLanguage.LastSymbol;
            return places.Add([(symbol, symbol)]);
        }

        private Part? Set()
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
            var taken = isNegated ? Languages.Except(Languages.OfLength(1, 1), set) : set;
            return places.Add([.. taken.Edges(0).Select(static edge => (edge.First, edge.Last))]);
        }
    }
}
