namespace Ringfence.Core.Numbers;

/// <summary>Many patterns at once: one step a digit, whatever their number, to all that fit the whole.</summary>
internal sealed class DigitAutomaton
{
    private const int Digits = 10;
    private const int Dead = 0;

    // The state behind a digit: 10 for each state, state 0 is the dead one, 1 the first.
    private readonly int[] _next;
    private readonly int[][] _fits;

    private DigitAutomaton(int[] next, int[][] fits) => (_next, _fits) = (next, fits);

    /// <summary>How many states it has.</summary>
    public int States => _fits.Length;

    /// <summary>By subsets (M. Rabin and D. Scott, Finite automata and their decision problems, IBM Journal 3(2), 1959).</summary>
    public static DigitAutomaton Of(IReadOnlyList<DigitPattern> patterns)
    {
        var builder = new Builder();
        var starts = patterns.Select((pattern, number) => builder.Append(pattern, builder.Final(number))).ToArray();
        return builder.Build(starts);
    }

    /// <param name="digits">'0' to '9'; anything else fits nothing.</param>
    /// <returns>The numbers of the patterns that fit all of it, ascending.</returns>
    public ReadOnlySpan<int> Fitting(ReadOnlySpan<char> digits)
    {
        var state = 1;
        foreach (var c in digits)
        {
            var digit = c - '0';
            state = (uint)digit < Digits ? _next[(state * Digits) + digit] : Dead;
            if (state == Dead)
            {
                return [];
            }
        }

        return _fits[state];
    }

    private sealed class Builder
    {
        // A part that waits for a digit: which, and where it leads. A final one has the number of its pattern.
        private readonly List<(int Digits, int[] Then, int Pattern)> _parts = [];

        public int[] Final(int pattern) => [Add(0, [], pattern)];

        /// <returns>The parts to begin with; what leads to them needs no digit.</returns>
        public int[] Append(DigitPattern pattern, int[] then)
        {
            switch (pattern)
            {
                case DigitPattern.One one:
                    return [Add(one.Digits, then, -1)];

                case DigitPattern.Sequence sequence:
                    return sequence.Parts.Reverse().Aggregate(then, (behind, part) => Append(part, behind));

                case DigitPattern.Either either:
                    return [.. either.Choices.SelectMany(choice => Append(choice, then)).Distinct()];

                case DigitPattern.Group group:
                    return Append(group.Part, then);

                case DigitPattern.Repeated repeated:
                    var behind = then;
                    for (var time = repeated.Most; time > 0; time--)
                    {
                        var before = Append(repeated.Part, behind);
                        behind = time > repeated.Least ? [.. before.Union(then)] : before;
                    }

                    return behind;

                default:
                    throw new NotSupportedException("an automaton always asks for the whole number: a pattern of a type has no end of its own");
            }
        }

        public DigitAutomaton Build(int[][] starts)
        {
            var next = new List<int>(new int[Digits]);
            var fits = new List<int[]> { Array.Empty<int>() };
            var known = new Dictionary<string, int>(StringComparer.Ordinal);
            var open = new Queue<int[]>();
            StateOf([.. starts.SelectMany(static start => start).Distinct().Order()]);
            for (var state = 1; open.TryDequeue(out var parts); state++)
            {
                for (var digit = 0; digit < Digits; digit++)
                {
                    var bit = 1 << digit;
                    int[] then = [.. parts.Where(part => (_parts[part].Digits & bit) != 0).SelectMany(part => _parts[part].Then).Distinct().Order()];
                    next[(state * Digits) + digit] = then.Length == 0 ? Dead : StateOf(then);
                }
            }

            return new DigitAutomaton([.. next], [.. fits]);

            int StateOf(int[] parts)
            {
                var name = string.Join(',', parts);
                if (!known.TryGetValue(name, out var state))
                {
                    known[name] = state = fits.Count;
                    fits.Add([.. parts.Select(part => _parts[part].Pattern).Where(static pattern => pattern >= 0).Order()]);
                    next.AddRange(new int[Digits]);
                    open.Enqueue(parts);
                }

                return state;
            }
        }

        private int Add(int digits, int[] then, int pattern)
        {
            _parts.Add((digits, then, pattern));
            return _parts.Count - 1;
        }
    }
}
