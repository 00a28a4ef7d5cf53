namespace Ringfence.Core.Dialplan;

/// <summary>Sets of dialled texts made of others. One that would become too large ends in a <see cref="LanguageTooLargeException"/>.</summary>
internal static class Languages
{
    /// <summary>What a phone's keys and a trunk send: digits, <c>*</c>, <c>#</c>, A to D; one or more.</summary>
    public static NumberLanguage Keys { get; } = Repeat("0123456789*#ABCD", 1);

    /// <summary>What a SIP request can name: any text, empty or not, but none that begins with an underscore, which Asterisk would compare with patterns.</summary>
    public static NumberLanguage Dialled { get; } = MakeDialled();

    /// <summary>The texts that an extension's name or pattern fits, hyphens anywhere included, as Asterisk skips them.</summary>
    /// <remarks>Texts that begin with an underscore are left out; a name with a character beyond ASCII fits none here.</remarks>
    public static NumberLanguage Fitting(string pattern)
    {
        if (!pattern.All(char.IsAscii))
        {
            return NumberLanguage.None;
        }

        var builder = new LanguageBuilder();
        var state = Dashed(builder);
        if (!ExtensionName.IsPattern(pattern))
        {
            foreach (var c in pattern.Where(static c => c != '-'))
            {
                state = Next(builder, state, [(c, c)]);
            }

            builder.Accept(state);
            return builder.Build(0);
        }

        if (ExtensionName.Places(pattern) is not var (places, rest))
        {
            return NumberLanguage.None;
        }

        foreach (var place in places)
        {
            state = Next(builder, state, place);
        }

        switch (rest)
        {
            case '.':
                state = Next(builder, state, [('\0', NumberLanguage.LastSymbol)]);
                builder.AnyEdge(state, state);
                break;
            case '!':
                builder.AnyEdge(state, state);
                break;
            default:
                break;
        }

        builder.Accept(state);
        return builder.Build(0);
    }

    public static NumberLanguage Only(string text)
    {
        var builder = new LanguageBuilder();
        var state = builder.Add();
        foreach (var c in text)
        {
            var next = builder.Add();
            var symbol = c < NumberLanguage.LastSymbol ? c : NumberLanguage.LastSymbol;
            builder.Edge(state, symbol, symbol, next);
            state = next;
        }

        builder.Accept(state);
        return builder.Build(0);
    }

    /// <summary>Texts of these characters alone, of a length from <paramref name="atLeast"/> to <paramref name="atMost"/>.</summary>
    public static NumberLanguage Repeat(string characters, int atLeast, int atMost = int.MaxValue) =>
        Repeat([.. characters.Where(char.IsAscii).Select(static c => (c, c))], atLeast, atMost);

    /// <inheritdoc cref="Repeat(string, int, int)"/>
    public static NumberLanguage Repeat(IReadOnlyList<(char First, char Last)> ranges, int atLeast, int atMost = int.MaxValue)
    {
        var builder = new LanguageBuilder();
        var isEndless = atMost == int.MaxValue;
        var last = isEndless ? atLeast : atMost;
        for (var length = 0; length <= last; length++)
        {
            builder.Add(accepts: length >= atLeast);
        }

        for (var length = 0; length <= last; length++)
        {
            if (length < last || isEndless)
            {
                foreach (var (first, end) in ranges)
                {
                    builder.Edge(length, first, end, Math.Min(length + 1, last));
                }
            }
        }

        return builder.Build(0);
    }

    public static NumberLanguage OfLength(int atLeast, int atMost = int.MaxValue) => Repeat([('\0', NumberLanguage.LastSymbol)], atLeast, atMost);

    public static NumberLanguage Intersect(NumberLanguage left, NumberLanguage right) =>
        left.IsNone || right.IsNone ? NumberLanguage.None
        : left.Equals(NumberLanguage.All) ? right
        : right.Equals(NumberLanguage.All) || left.Equals(right) ? left
        : LanguageMemory.Of(LanguageOperation.Intersect, left, right, static (left, right) => Product(left, right, static (l, r) => l && r, needsLeft: true, needsRight: true));

    public static NumberLanguage Except(NumberLanguage left, NumberLanguage right) =>
        left.IsNone || right.IsNone ? left
        : LanguageMemory.Of(LanguageOperation.Except, left, right, static (left, right) => Product(left, right, static (l, r) => l && !r, needsLeft: true, needsRight: false));

    public static NumberLanguage Union(NumberLanguage left, NumberLanguage right) =>
        left.IsNone ? right : right.IsNone ? left
        : LanguageMemory.Of(LanguageOperation.Union, left, right, static (left, right) => Product(left, right, static (l, r) => l || r, needsLeft: false, needsRight: false));

    public static NumberLanguage UnionOf(IEnumerable<NumberLanguage> languages)
    {
        var builder = new LanguageBuilder();
        var starts = languages.Where(static language => !language.IsNone).Select(language => builder.Include(language)).ToList();
        return starts.Count == 0 ? NumberLanguage.None : builder.Build(starts);
    }

    public static NumberLanguage Not(NumberLanguage language) => Except(NumberLanguage.All, language);

    public static bool Overlap(NumberLanguage left, NumberLanguage right) => Any(left, right, static (l, r) => l && r, needsRight: true);

    public static bool IsWithin(NumberLanguage inner, NumberLanguage outer) =>
        inner.Equals(outer) || outer.Equals(NumberLanguage.All) || !Any(inner, outer, static (inner, outer) => inner && !outer, needsRight: false);

    /// <summary>What may follow, so that the whole is in <paramref name="language"/>.</summary>
    public static NumberLanguage From(NumberLanguage language, int state)
    {
        if (state == NumberLanguage.Dead)
        {
            return NumberLanguage.None;
        }

        var builder = new LanguageBuilder();
        builder.Include(language);
        return builder.Build(state);
    }

    /// <summary>What is left of the texts without their first characters.</summary>
    public static NumberLanguage Behind(NumberLanguage language, int count)
    {
        HashSet<int> states = [0];
        for (var at = 0; at < count && states.Count > 0; at++)
        {
            states = [.. states.SelectMany(state => language.Edges(state)).Select(static edge => edge.Target)];
            LanguageWork.Spend(states.Count);
        }

        if (language.IsNone || states.Count == 0)
        {
            return NumberLanguage.None;
        }

        var builder = new LanguageBuilder();
        builder.Include(language);
        return builder.Build(states);
    }

    /// <summary>The texts that lead from the start to this state.</summary>
    public static NumberLanguage To(NumberLanguage language, int from, int to)
    {
        var builder = new LanguageBuilder();
        builder.Include(language, keepsAccepting: false);
        builder.Accept(to);
        return builder.Build(from);
    }

    /// <summary>The texts that lead from a state to where <paramref name="ending"/> completes the whole.</summary>
    public static NumberLanguage Between(NumberLanguage language, int from, string ending)
    {
        var builder = new LanguageBuilder();
        builder.Include(language, keepsAccepting: false);
        for (var state = 0; state < language.States; state++)
        {
            if (language.Follow(state, ending) is not NumberLanguage.Dead and var end && language.Accepts(end))
            {
                builder.Accept(state);
            }
        }

        return builder.Build(from);
    }

    public static IReadOnlyList<int> ReachedFrom(NumberLanguage language, int from)
    {
        var seen = new List<int> { from };
        for (var at = 0; at < seen.Count; at++)
        {
            seen.AddRange(language.Edges(seen[at]).Select(static edge => edge.Target).Distinct().Where(target => !seen.Contains(target)).ToList());
        }

        return seen;
    }

    public static NumberLanguage Concatenate(NumberLanguage left, NumberLanguage right)
    {
        var builder = new LanguageBuilder();
        var start = builder.Include(left, keepsAccepting: right.Accepts(0));
        var next = builder.Include(right);
        for (var state = 0; state < left.States; state++)
        {
            if (left.Accepts(state))
            {
                foreach (var edge in right.Edges(0))
                {
                    builder.Edge(start + state, edge.First, edge.Last, next + edge.Target);
                }
            }
        }

        return builder.Build(start);
    }

    /// <summary>None, one or more of it, one behind another.</summary>
    public static NumberLanguage Star(NumberLanguage language)
    {
        var builder = new LanguageBuilder();
        var empty = builder.Add(accepts: true);
        var start = builder.Include(language);
        for (var state = 0; state < language.States; state++)
        {
            if (language.Accepts(state))
            {
                foreach (var edge in language.Edges(0))
                {
                    builder.Edge(start + state, edge.First, edge.Last, start + edge.Target);
                }
            }
        }

        return builder.Build(empty, start);
    }

    /// <summary>The texts of which ${TEXT:offset:length} is in <paramref name="wanted"/>.</summary>
    /// <remarks>main/pbx_variables.c, substring: an offset below 0 counts from the end; a length below 0 leaves so many off the end.</remarks>
    public static NumberLanguage? SliceFrom(NumberLanguage wanted, int offset, int length)
    {
        var cut = length == int.MaxValue ? wanted : length >= 0 ? BeginsWith(wanted, length) : EndsLater(wanted, -(long)length);
        return cut is null ? null : offset >= 0 ? Skipped(cut, offset) : LastOf(cut, -(long)offset);
    }

    /// <summary>The texts that are in <paramref name="wanted"/> once every character that is not in these ranges is taken out.</summary>
    public static NumberLanguage FilterFrom(NumberLanguage wanted, IReadOnlyList<(char First, char Last)> kept)
    {
        var builder = new LanguageBuilder();
        for (var state = 0; state < wanted.States; state++)
        {
            builder.Add(wanted.Accepts(state));
        }

        for (var state = 0; state < wanted.States; state++)
        {
            for (var symbol = '\0'; symbol <= NumberLanguage.LastSymbol; symbol++)
            {
                var isKept = kept.Any(range => symbol >= range.First && symbol <= range.Last);
                var target = isKept ? wanted.Step(state, symbol) : state;
                if (target != NumberLanguage.Dead)
                {
                    builder.Edge(state, symbol, symbol, target);
                }
            }
        }

        return builder.Build(0);
    }

    /// <summary>Digits that are a number below, at or above this one, leading zeros allowed; one digit or more.</summary>
    public static NumberLanguage Below(long bound)
    {
        var digits = bound.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (bound <= 0)
        {
            return NumberLanguage.None;
        }

        // Zeros, then shorter than the bound, or equal up to a place where the digit is lower.
        var shorter = Repeat("0123456789", 0, digits.Length - 1);
        var parts = new List<NumberLanguage> { shorter };
        for (var at = 0; at < digits.Length; at++)
        {
            if (digits[at] > '0')
            {
                parts.Add(Sequence([.. digits[..at].Select(static c => (c, c)), ('0', (char)(digits[at] - 1)), .. Enumerable.Repeat(('0', '9'), digits.Length - at - 1)]));
            }
        }

        return Intersect(AfterZeros(UnionOf(parts)), Repeat("0123456789", 1));
    }

    /// <inheritdoc cref="Below"/>
    public static NumberLanguage Exactly(long number) =>
        Intersect(AfterZeros(Only(number.ToString(System.Globalization.CultureInfo.InvariantCulture))), Repeat("0123456789", 1));

    private static NumberLanguage Sequence(IReadOnlyList<(char First, char Last)> places)
    {
        var builder = new LanguageBuilder();
        var state = builder.Add();
        foreach (var (first, last) in places)
        {
            var next = builder.Add();
            builder.Edge(state, first, last, next);
            state = next;
        }

        builder.Accept(state);
        return builder.Build(0);
    }

    private static NumberLanguage AfterZeros(NumberLanguage language)
    {
        var builder = new LanguageBuilder();
        var zeros = builder.Add();
        var start = builder.Include(language);
        builder.Edge(zeros, '0', '0', zeros);
        builder.Edge(zeros, '0', '0', start);
        return builder.Build(zeros, start);
    }

    private static NumberLanguage Product(NumberLanguage left, NumberLanguage right, Func<bool, bool, bool> accepts, bool needsLeft, bool needsRight)
    {
        var numbers = new Dictionary<(int, int), int> { [(0, 0)] = 0 };
        var pairs = new List<(int Left, int Right)> { (0, 0) };
        var edges = new List<List<LanguageEdge>>();
        for (var at = 0; at < pairs.Count; at++)
        {
            var found = new List<LanguageEdge>();
            foreach (var (first, last, l, r) in Steps(left, pairs[at].Left, right, pairs[at].Right))
            {
                if ((needsLeft && l == NumberLanguage.Dead) || (needsRight && r == NumberLanguage.Dead))
                {
                    continue;
                }

                if (!numbers.TryGetValue((l, r), out var number))
                {
                    LanguageWork.Spend(1);
                    numbers[(l, r)] = number = pairs.Count;
                    pairs.Add((l, r));
                }

                found.Add(new LanguageEdge(first, last, number));
            }

            edges.Add(found);
        }

        return LanguageMinimum.Of(edges,
            [.. pairs.Select(pair => accepts(pair.Left != NumberLanguage.Dead && left.Accepts(pair.Left), pair.Right != NumberLanguage.Dead && right.Accepts(pair.Right)))]);
    }

    // Whether there is a text of the left one of which this holds; found without making the automaton of all that there are.
    private static bool Any(NumberLanguage left, NumberLanguage right, Func<bool, bool, bool> holds, bool needsRight)
    {
        if (left.IsNone || (needsRight && right.IsNone))
        {
            return false;
        }

        var seen = new HashSet<(int, int)> { (0, 0) };
        var pairs = new Stack<(int Left, int Right)>([(0, 0)]);
        while (pairs.TryPop(out var pair))
        {
            if (holds(left.Accepts(pair.Left), pair.Right != NumberLanguage.Dead && right.Accepts(pair.Right)))
            {
                return true;
            }

            foreach (var (_, _, l, r) in Steps(left, pair.Left, right, pair.Right))
            {
                if (l != NumberLanguage.Dead && !(needsRight && r == NumberLanguage.Dead) && seen.Add((l, r)))
                {
                    LanguageWork.Spend(1);
                    pairs.Push((l, r));
                }
            }
        }

        return false;
    }

    private static IEnumerable<(char First, char Last, int Left, int Right)> Steps(NumberLanguage left, int l, NumberLanguage right, int r)
    {
        var leftEdges = l == NumberLanguage.Dead ? [] : left.Edges(l);
        var rightEdges = r == NumberLanguage.Dead ? [] : right.Edges(r);
        var (i, j, from) = (0, 0, 0);
        while (i < leftEdges.Length || j < rightEdges.Length)
        {
            var (leftFirst, leftLast) = i < leftEdges.Length ? (leftEdges[i].First, leftEdges[i].Last) : (char.MaxValue, char.MaxValue);
            var (rightFirst, rightLast) = j < rightEdges.Length ? (rightEdges[j].First, rightEdges[j].Last) : (char.MaxValue, char.MaxValue);
            from = Math.Max(from, Math.Min(leftFirst, rightFirst));
            var isLeft = from >= leftFirst;
            var isRight = from >= rightFirst;
            var end = Math.Min(isLeft ? leftLast : leftFirst - 1, isRight ? rightLast : rightFirst - 1);
            yield return ((char)from, (char)end, isLeft ? leftEdges[i].Target : NumberLanguage.Dead, isRight ? rightEdges[j].Target : NumberLanguage.Dead);
            from = end + 1;
            i += isLeft && end == leftLast ? 1 : 0;
            j += isRight && end == rightLast ? 1 : 0;
        }
    }

    // The first characters, as far as there are any, and then the rest.
    private static NumberLanguage? Skipped(NumberLanguage wanted, int count)
    {
        if (count == 0)
        {
            return wanted;
        }

        var builder = new LanguageBuilder();
        var start = builder.Include(wanted);
        var emptyIsWanted = wanted.Accepts(0);
        var skip = start;
        for (var left = 0; left < count; left++)
        {
            var before = builder.Add(emptyIsWanted);
            builder.AnyEdge(before, skip);
            skip = before;
        }

        return builder.Build(skip);
    }

    // Texts whose first characters (all of them, where there are fewer) are wanted.
    private static NumberLanguage? BeginsWith(NumberLanguage wanted, int count)
    {
        var builder = new LanguageBuilder();
        var rest = builder.Add(accepts: true);
        builder.AnyEdge(rest, rest);
        var numbers = new Dictionary<(int State, int Used), int>();
        var queue = new Queue<(int State, int Used)>();
        var start = Number((0, 0));
        while (queue.TryDequeue(out var at))
        {
            if (at.Used == count)
            {
                if (wanted.Accepts(at.State))
                {
                    builder.AnyEdge(numbers[at], rest);
                }

                continue;
            }

            foreach (var edge in wanted.Edges(at.State))
            {
                builder.Edge(numbers[at], edge.First, edge.Last, Number((edge.Target, at.Used + 1)));
            }
        }

        return builder.Build(start);

        int Number((int State, int Used) pair)
        {
            if (!numbers.TryGetValue(pair, out var number))
            {
                numbers[pair] = number = builder.Add(wanted.Accepts(pair.State));
                queue.Enqueue(pair);
            }

            return number;
        }
    }

    // Texts that are wanted without their last characters; a text that has no more than those is empty without them.
    private static NumberLanguage? EndsLater(NumberLanguage wanted, long count)
    {
        if (count > 64)
        {
            return null;
        }

        var builder = new LanguageBuilder();
        var start = builder.Include(wanted, keepsAccepting: false);
        var tail = Enumerable.Range(0, (int)count).Select(_ => builder.Add()).ToList();
        builder.Accept(tail[^1]);
        for (var i = 0; i + 1 < tail.Count; i++)
        {
            builder.AnyEdge(tail[i], tail[i + 1]);
        }

        for (var state = 0; state < wanted.States; state++)
        {
            if (wanted.Accepts(state))
            {
                builder.AnyEdge(start + state, tail[0]);
            }
        }

        var starts = new List<int> { start };
        if (wanted.Accepts(0))
        {
            starts.Add(builder.Include(OfLength(0, (int)count)));
        }

        return builder.Build(starts);
    }

    // Texts whose last characters (all of them, where there are fewer) are wanted.
    private static NumberLanguage? LastOf(NumberLanguage wanted, long count)
    {
        if (count > 64)
        {
            return null;
        }

        var builder = new LanguageBuilder();
        var before = builder.Add();
        builder.AnyEdge(before, before);
        var start = builder.Include(Intersect(wanted, OfLength((int)count, (int)count)));
        builder.AnyEdge(before, start);
        return builder.Build(before, start, builder.Include(Intersect(wanted, OfLength(0, (int)count - 1))));
    }

    private static int Dashed(LanguageBuilder builder)
    {
        var state = builder.Add();
        builder.Edge(state, '-', '-', state);
        return state;
    }

    private static int Next(LanguageBuilder builder, int state, IReadOnlyList<(char First, char Last)> ranges)
    {
        var next = Dashed(builder);
        foreach (var (first, last) in ranges)
        {
            // A hyphen is skipped before anything is compared, so no place ever takes one.
            builder.Edge(state, first, first <= '-' && last >= '-' ? ',' : last, next);
            if (first <= '-' && last >= '-')
            {
                builder.Edge(state, '.', last < '.' ? ',' : last, next);
            }
        }

        return next;
    }

    private static NumberLanguage MakeDialled()
    {
        var builder = new LanguageBuilder();
        var start = builder.Add(accepts: true);
        var rest = builder.Add(accepts: true);
        builder.Edge(start, '\0', '^', rest);
        builder.Edge(start, '`', NumberLanguage.LastSymbol, rest);
        builder.AnyEdge(rest, rest);
        return builder.Build(start);
    }
}
